"""Files for libvirt's test driver: one machine a file, its domains in the states wanted."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from core.demo.names import IMAGE_FOLDER, DemoContainer, DemoVm
from core.hypervisor.model import DomainState

_TEST = "http://libvirt.org/schemas/domain/test/1.0"
_RUN_STATES = {
    DomainState.RUNNING: 1,
    DomainState.PAUSED: 3,
    DomainState.SHUT_OFF: 5,
    DomainState.SAVED: 5,
    DomainState.CRASHED: 6,
}
_GIB_KIB = 1024 * 1024


def machine_xml(container: DemoContainer) -> str:
    """The whole file of one container."""
    register_namespace("test", _TEST)
    node = Element("node")
    cpu = SubElement(node, "cpu")
    cores = str(container.cpus)
    for tag, text in (
        ("mhz", "2600"),
        ("model", "x86_64"),
        ("active", cores),
        ("nodes", "1"),
        ("sockets", "1"),
        ("cores", cores),
        ("threads", "1"),
    ):
        SubElement(cpu, tag).text = text
    SubElement(node, "memory").text = str(container.memory_gib * _GIB_KIB)
    for vm in container.vms:
        if vm.defined:
            node.append(_domain(vm))
    return tostring(node, encoding="unicode")


def _domain(vm: DemoVm) -> Element:
    domain = Element("domain", {"type": "test"})
    SubElement(domain, "name").text = vm.name
    SubElement(domain, "uuid").text = vm.uuid
    SubElement(domain, "memory", {"unit": "MiB"}).text = str(vm.memory_mib)
    SubElement(domain, "currentMemory", {"unit": "MiB"}).text = str(vm.memory_mib)
    SubElement(domain, "vcpu").text = str(vm.vcpus)
    system = SubElement(domain, "os")
    SubElement(system, "type", {"arch": "x86_64"}).text = "hvm"
    for tag, action in (("on_poweroff", "destroy"), ("on_reboot", "restart"), ("on_crash", "preserve")):
        SubElement(domain, tag).text = action
    devices = SubElement(domain, "devices")
    disk = SubElement(devices, "disk", {"type": "file", "device": "disk"})
    SubElement(disk, "driver", {"name": "qemu", "type": "raw"})
    SubElement(disk, "source", {"file": f"{IMAGE_FOLDER}/{vm.name}.hda"})
    SubElement(disk, "target", {"dev": "hda", "bus": "ide"})
    card = SubElement(devices, "interface", {"type": "bridge"})
    SubElement(card, "mac", {"address": vm.mac})
    SubElement(card, "source", {"bridge": "xenbr0"})
    SubElement(domain, f"{{{_TEST}}}runstate").text = str(_RUN_STATES.get(vm.state, 5))
    return domain
