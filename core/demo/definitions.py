"""Just enough of a domain's XML for a synthetic container to define it again, elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from core.hypervisor.model import DomainFacts


def definition_of(facts: DomainFacts, moved: Mapping[str, str]) -> str:
    """Name, UUID, memory, vCPUs, disks and interfaces; files at their new paths."""
    root = Element("domain")
    SubElement(root, "name").text = facts.name
    SubElement(root, "uuid").text = facts.uuid
    SubElement(root, "memory", unit="KiB").text = str(facts.max_memory_kib)
    SubElement(root, "vcpu").text = str(facts.vcpus)
    devices = SubElement(root, "devices")
    for disk in facts.disks:
        element = SubElement(devices, "disk", type=disk.kind)
        SubElement(element, "source", file=moved.get(disk.source, disk.source))
        SubElement(element, "target", dev=disk.target)
    for card in facts.interfaces:
        element = SubElement(devices, "interface", type="bridge")
        SubElement(element, "mac", address=card.mac)
        SubElement(element, "source", bridge=card.source)
    return tostring(root, encoding="unicode")
