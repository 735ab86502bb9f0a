"""What libvirt's numbers and XML say of a domain, in the words of `core.hypervisor.model`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

import libvirt
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.hypervisor.model import DiskFacts, DomainState, InterfaceFacts
from core.hypervisor.xml.metadata import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATES: dict[int, DomainState] = {
    libvirt.VIR_DOMAIN_NOSTATE: DomainState.UNKNOWN,
    libvirt.VIR_DOMAIN_RUNNING: DomainState.RUNNING,
    libvirt.VIR_DOMAIN_BLOCKED: DomainState.RUNNING,
    libvirt.VIR_DOMAIN_PAUSED: DomainState.PAUSED,
    libvirt.VIR_DOMAIN_SHUTDOWN: DomainState.SHUTTING_DOWN,
    libvirt.VIR_DOMAIN_SHUTOFF: DomainState.SHUT_OFF,
    libvirt.VIR_DOMAIN_CRASHED: DomainState.CRASHED,
    libvirt.VIR_DOMAIN_PMSUSPENDED: DomainState.PAUSED,
}

_REASONS: dict[int, Sequence[str]] = {
    libvirt.VIR_DOMAIN_RUNNING: (
        "", "booted", "migrated", "restored", "from snapshot", "unpaused", "migration canceled", "save canceled",
        "wakeup", "crashed", "post-copy", "post-copy failed",
    ),
    libvirt.VIR_DOMAIN_PAUSED: (
        "", "user", "migration", "save", "dump", "io error", "watchdog", "from snapshot", "shutting down", "snapshot",
        "crashed", "starting up", "post-copy", "post-copy failed",
    ),
    libvirt.VIR_DOMAIN_SHUTDOWN: ("", "user"),
    libvirt.VIR_DOMAIN_SHUTOFF: (
        "", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "daemon",
    ),
    libvirt.VIR_DOMAIN_CRASHED: ("", "panicked"),
    libvirt.VIR_DOMAIN_PMSUSPENDED: ("suspended by the guest",),
}  # fmt: skip
"""Reason words in the order of libvirt's enumerations."""


def state_of(
    state: int, reason: int, *, managed_save: bool = False, is_held: bool = False
) -> tuple[DomainState, str]:
    """State and reason of a domain from libvirt's two numbers.

    A domain that is off because its memory was saved is SAVED: the operator has something to restore. One that is off
    because it crashed and that the driver still holds is CRASHED: so libxl tells of one that ``on_crash`` preserves,
    which must be destroyed before it can start again.

    Args:
        is_held: It has a number, as only active domains have.
    """
    words = _REASONS.get(state, ())
    word = words[reason] if 0 <= reason < len(words) else ""
    known = _STATES.get(state, DomainState.UNKNOWN)
    if known is DomainState.SHUT_OFF and (managed_save or reason == libvirt.VIR_DOMAIN_SHUTOFF_SAVED):
        return DomainState.SAVED, word or "saved"
    if known is DomainState.SHUT_OFF and is_held and reason == libvirt.VIR_DOMAIN_SHUTOFF_CRASHED:
        return DomainState.CRASHED, word
    return known, word


def devices_of(xml: str) -> tuple[tuple[DiskFacts, ...], tuple[InterfaceFacts, ...]]:
    """Disks and interfaces of a domain's XML. XML that cannot be parsed has none: a listing never fails for it."""
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException):
        return (), ()
    disks = tuple(_disk(element) for element in root.iterfind("devices/disk"))
    return disks, tuple(_interface(element) for element in root.iterfind("devices/interface"))


def recipe_of(xml: str) -> str:
    """What Quarry noted in a definition of what it was made from; empty for one that others made."""
    try:
        found = fromstring(xml, forbid_dtd=True).find(f"metadata/{{{NAMESPACE}}}vm")
    except (ParseError, DefusedXmlException):
        return ""
    return "" if found is None else found.get("recipe", "")


def os_type_of(xml: str) -> str:
    """The kind of machine in a domain's XML: ``hvm``, ``linux`` or ``xen`` (para), ``xenpvh``; empty when unknown."""
    try:
        return fromstring(xml, forbid_dtd=True).findtext("os/type", "")
    except (ParseError, DefusedXmlException):
        return ""


def _disk(element: Element) -> DiskFacts:
    source = element.find("source")
    where = ""
    if source is not None:
        where = next((source.get(key, "") for key in ("file", "dev", "name", "volume", "dir") if source.get(key)), "")
    return DiskFacts(
        target=_attribute(element, "target", "dev"),
        kind=element.get("type", "file"),
        source=where,
        driver=_attribute(element, "driver", "type") or "raw",
        device=element.get("device", "disk"),
    )


def _interface(element: Element) -> InterfaceFacts:
    source = element.find("source")
    where = ""
    if source is not None:
        where = next((source.get(key, "") for key in ("bridge", "network", "dev") if source.get(key)), "")
    tag = element.find("vlan/tag")
    number = tag.get("id", "") if tag is not None else ""
    return InterfaceFacts(
        mac=_attribute(element, "mac", "address").lower(),
        source=where,
        target=_attribute(element, "target", "dev"),
        vlan=int(number) if number.isdigit() else None,
    )


def _attribute(element: Element, child: str, name: str) -> str:
    found = element.find(child)
    return "" if found is None else found.get(name, "")
