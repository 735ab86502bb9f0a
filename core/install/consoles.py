"""On which consoles an installer, and the system that it installs, speaks. That depends on the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.hypervisor.uri import parse_uri
from core.outcome import Refused
from core.store.repository.fleet import URI_ATTRIBUTE

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository

XEN, XEN_HVM = "xen", "xen hvm"
"""Kinds of machine whose consoles are not those of all others; `kind_of` tells them."""

_SERIAL = "console=ttyS0,115200"
_INSTALLER = {XEN: "console=hvc0", XEN_HVM: f"console=hvc0 {_SERIAL}"}
_INSTALLED = {XEN: "console=hvc0", XEN_HVM: f"console=tty0 console=hvc0 {_SERIAL}"}


def kind_of(driver: str, virt_type: str | None) -> str:
    """The kind of a VM by its container's driver and its own ``virt_type``: para is the default on Xen."""
    return XEN_HVM if driver == "xen" and virt_type == "hvm" else driver


def kind_of_node(rows: Repository, node: Node) -> str:
    """The kind of machine that the store says a node is; empty for a physical one and for what it does not know."""
    vm = rows.vms.of_node(node.id)
    if vm is None or vm.physnode_id is None:
        return ""
    text = rows.attributes.resolved(vm.physnode_id).get(URI_ATTRIBUTE, "")
    parsed = parse_uri(text.replace("{host}", vm.physnode or ""))
    return "" if isinstance(parsed, Refused) else kind_of(parsed.driver, vm.virt_type)


def of_installer(kind: str) -> str:
    """What tells an installer's kernel its consoles; it shows itself on the last one.

    A para guest of Xen has only ``hvc0``. A fully virtualized one has that too, whose words its container keeps, and
    the serial port, which people attach to.
    """
    return _INSTALLER.get(kind, _SERIAL)


def of_installed(kind: str) -> str:
    """What tells an installed system's kernel its consoles. A kernel whose last one is not there speaks on none."""
    return _INSTALLED.get(kind, f"console=tty0 {_SERIAL}")
