"""Where a machine's console is now, from a picture of the fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.console.line import NotNow, Opener, SessionState
from core.console.openers import CommandOpener, Place, VmOpener
from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmView
from core.outcome import Refused
from core.settings import ContainerSettings

CONSOLE_ATTRIBUTE = "console"
"""A physical node's command: ``ipmitool -I lanplus -H 10.1.1.9 sol activate``."""
LOG_ATTRIBUTE = "vm_console_log"
DEFAULT_LOG = "/var/log/libvirt/qemu/{name}.console.log"
"""Where the definitions Quarry makes have QEMU keep the console's output."""

_ATTACHABLE = frozenset({DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN, DomainState.CRASHED})


def place_of(snapshot: InventorySnapshot, name: str, attributes: Mapping[str, str] | None = None) -> Place | NotNow:
    """Where a VM runs now; the running copy wins when two containers have it.

    Args:
        attributes: The VM's own, for the path of its console log.
    """
    found = _find(snapshot, name)
    if found is None:
        return NotNow(f"{name} is not in the tree any more", SessionState.FAILED)
    box, vm = found
    if box.link is not LinkState.UP:
        return NotNow(f"{box.name} is {box.link.value}: {box.link_reason}".rstrip(": "))
    if not vm.defined or vm.state not in _ATTACHABLE:
        state = "saved" if vm.state is DomainState.SAVED else "off"
        return NotNow(f"{vm.name} is {state}; its console opens by itself when it runs")
    return _place(box, vm, attributes)


def log_place_of(
    snapshot: InventorySnapshot, name: str, attributes: Mapping[str, str] | None = None
) -> Place | NotNow:
    """Where a VM's console log is: also of one that is off, whose last words it holds."""
    found = _find(snapshot, name)
    if found is None or found[0].link is not LinkState.UP:
        return NotNow(f"the container of {name} cannot be asked")
    return _place(*found, attributes)


def _find(snapshot: InventorySnapshot, name: str) -> tuple[ContainerView, VmView] | None:
    found = [(box, vm) for box in snapshot.containers for vm in box.vms if vm.name == name]
    return max(found, key=lambda pair: (pair[1].defined, pair[1].state in _ATTACHABLE)) if found else None


def _place(box: ContainerView, vm: VmView, attributes: Mapping[str, str] | None) -> Place:
    log = (attributes or {}).get(LOG_ATTRIBUTE, DEFAULT_LOG)
    driver = box.host.driver if box.host else ""
    kept = log.replace("{name}", vm.name.replace("/", "_")) if driver == "qemu" else ""
    return Place(box.name, box.uri, str(vm.key.uuid), kept)


def opener_for(
    name: str,
    snapshot: InventorySnapshot,
    newest: Callable[[], InventorySnapshot],
    attributes: Mapping[str, str],
    settings: ContainerSettings,
) -> Opener | Refused:
    """How to open a machine's console.

    Args:
        newest: Gives the newest snapshot; asked again at every attach, on the session's thread.
        attributes: The machine's own.
    """
    if any(vm.name == name for box in snapshot.containers for vm in box.vms):
        return VmOpener(
            name,
            lambda: place_of(newest(), name, attributes),
            settings,
            lambda: log_place_of(newest(), name, attributes),
        )
    command = attributes.get(CONSOLE_ATTRIBUTE, "")
    if command:
        return CommandOpener(name, command)
    return Refused(
        f"{name} is no VM and has no console attribute; "
        f"set host attr {name} {CONSOLE_ATTRIBUTE} 'ipmitool -I lanplus -H ADDRESS sol activate'"
    )
