"""Whether a VM can move to a container, and if not, what would fit. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import ContainerView, Drift, InventorySnapshot, VmView
from core.operations.capabilities import ACTIVE, held_by, is_home, managed_save_reason
from core.operations.capacity import free_memory_kib
from core.operations.move_survey import Found, VmFound
from core.operations.placing import MovedFile
from core.operations.saved_survey import compared
from core.operations.steps import memory_needed_kib
from core.operations.targets import Target
from core.operations.words import GIB_KIB, bytes_text, memory_text, some_names


def check_vm(target: Target, there: ContainerView) -> str:
    """Why this VM cannot be moved at all, or not there; empty when nothing speaks against it."""
    vm, here = target.vm, target.container
    if vm.lock is not None:
        return held_by(vm.lock)
    if vm.record is None:
        return f"is not in the store: adopt it first with `adopt host vm {vm.name}`"
    if here.name == there.name:
        return f"is on {there.name} already: the source and the destination are the same"
    if not is_home(vm) or vm.drift in (Drift.ELSEWHERE, Drift.DUPLICATE):
        return f"is {vm.drift_detail or 'not where the store says'}: put that right before it is moved"
    for container in (here, there):
        if container.link is not LinkState.UP:
            why = f" ({container.link_reason})" if container.link_reason else ""
            return f"cannot be moved while {container.name} cannot be reached{why}"
    if vm.managed_save:
        return managed_save_reason(vm)
    if vm.state in (DomainState.UNKNOWN, DomainState.SHUTTING_DOWN, DomainState.CRASHED):
        words = {DomainState.SHUTTING_DOWN: "is shutting down", DomainState.CRASHED: "has crashed"}
        return f"{words.get(vm.state, 'is in an unknown state')}: wait, or stop it first"
    if vm.state in ACTIVE and not vm.persistent:
        return "has no definition that could go with it: it would be lost when it stops"
    return _there_already(vm, there) or _same_driver(here, there)


def check_found(target: Target, there: ContainerView, mine: VmFound, found: Found) -> str:
    """Why what the containers said forbids the move; empty when it does not."""
    if mine.problem:
        return f"cannot be looked at: {mine.problem}"
    ground = found.ground
    if ground is None:
        return f"cannot go to {there.name}: {found.problem}"
    vm = target.vm
    needed = vm.memory_kib * 1024
    if vm.state in ACTIVE and needed > mine.free_bytes:
        return (
            f"has {bytes_text(needed)} of memory to save, {target.container.name} has {bytes_text(mine.free_bytes)}"
            " free: give file= on a larger file system, or shut it down and move it then"
        )
    missing = [path for path in mine.needed if path not in ground.files]
    if missing:
        return f"needs {missing[0]}, which is not on {there.name}: put it there, or take it out of the VM"
    if mine.devices is not None and ground.devices is not None:
        wanted = {one.source for one in vm.interfaces if one.source in mine.devices}
        absent = sorted(wanted - ground.devices)
        if absent:
            return f"needs the network device {absent[0]}, which {there.name} lacks: make that bridge there first"
    if vm.state in ACTIVE and mine.cpu:
        return f"cannot run on with {there.name}'s processor ({mine.cpu}): shut it down and move it then"
    backed = next((one for one in mine.files.values() if one.backing), None)
    if backed is not None:
        return f"has an image ({backed.path}) that is only a difference to {backed.backing}: flatten it first"
    return _saved_is_old(target, mine)


@dataclass(slots=True)
class Room:
    """What is left on the target while a plan's VMs are counted in, one after the other."""

    there: ContainerView
    snapshot: InventorySnapshot
    found: Found
    taken_kib: int = 0
    taken_bytes: int = 0

    def take(self, target: Target, copies: tuple[MovedFile, ...]) -> tuple[str, str]:
        """Count one VM in.

        Returns:
            Why it does not fit and what to warn of; both empty when it fits.
        """
        disk = sum(one.allocated_bytes for one in copies)
        short = self._no_disk(disk)
        needed = memory_needed_kib(target) if target.vm.state in ACTIVE else 0
        short = short or self._no_memory(needed)
        if short:
            return short, ""
        self.taken_bytes += disk
        self.taken_kib += needed
        grown = sum(max(0, one.size_bytes - one.allocated_bytes) for one in copies)
        free = self._free_bytes()
        if grown > free:
            short_by = bytes_text(grown - free)
            return "", f"{target.vm.name}'s sparse disks may grow; all full, {self.there.name} is short by {short_by}"
        return "", ""

    def afterwards(self) -> str:
        """A line on the target."""
        parts = []
        if self.there.host is not None and self.taken_kib:
            used = (self.there.memory_used_kib + self.taken_kib) / GIB_KIB
            parts.append(f"memory {used:.1f} of {self.there.host.memory_kib / GIB_KIB:.0f} GiB")
        parts.append(f"disk free {bytes_text(max(0, self._free_bytes()))}")
        return f"{self.there.name} afterwards: {', '.join(parts)}"

    def _free_bytes(self) -> int:
        ground = self.found.ground
        return (ground.free_bytes if ground else 0) - self.found.promised_bytes - self.taken_bytes

    def _no_disk(self, needed: int) -> str:
        free = self._free_bytes()
        if needed <= free:
            return ""
        promised = f" beside {bytes_text(self.found.promised_bytes)} promised" if self.found.promised_bytes else ""
        return (
            f"needs {bytes_text(needed)} on disk, {self.there.name} has {bytes_text(max(0, free))} free{promised}:"
            f" short by {bytes_text(needed - free)}"
        )

    def _no_memory(self, needed_kib: int) -> str:
        host = self.there.host
        if needed_kib == 0 or host is None:
            return ""
        free = max(0, host.memory_kib - self.there.memory_used_kib)
        if host.driver == "xen":
            free = min(free, free_memory_kib(self.there) or free)
        free -= self.taken_kib
        if needed_kib <= free:
            return ""
        fitting = containers_with_memory(self.snapshot, needed_kib, but=(self.there.name,))
        fits = f": it fits on {some_names(fitting)}" if fitting else ": it fits on no container that answers"
        return f"needs {memory_text(needed_kib)}, {self.there.name} has {memory_text(max(0, free))} left{fits}"


def containers_with_memory(snapshot: InventorySnapshot, needed_kib: int, but: tuple[str, ...]) -> list[str]:
    """Containers that answer and have so much memory left, the roomiest first."""
    found = []
    for one in snapshot.containers:
        if one.host is None or one.link is not LinkState.UP or one.name in but or not one.uri:
            continue
        left = one.host.memory_kib - one.memory_used_kib
        if left >= needed_kib:
            found.append((-left, str(one.name)))
    return [name for _, name in sorted(found)]


def _there_already(vm: VmView, there: ContainerView) -> str:
    for other in there.vms:
        if other.key.uuid == vm.key.uuid and other.defined:
            return f"is defined on {there.name}, too: find out which of the two is the right one"
        if other.name == vm.name and other.key.uuid != vm.key.uuid:
            return f"has a namesake on {there.name}: rename or remove that one first"
    return ""


def _same_driver(here: ContainerView, there: ContainerView) -> str:
    if here.host is None or there.host is None:
        return f"cannot be moved before {here.name if here.host is None else there.name} has said what it is"
    if here.host.driver != there.host.driver:
        return f"runs under {here.host.driver}, {there.name} has {there.host.driver}: their VMs do not fit each other"
    if here.host.arch and there.host.arch and here.host.arch != there.host.arch:
        return f"is on {here.host.arch}, {there.name} is {there.host.arch}"
    return ""


def _saved_is_old(target: Target, mine: VmFound) -> str:
    record = target.vm.record
    if target.vm.state is not DomainState.SAVED or record is None:
        return ""
    saved = mine.files.get(record.saved_file)
    if saved is None:
        return f"is saved to {record.saved_file or 'an unknown file'}, which is not there: start it with discard=yes"
    changed = compared(record.saved_file, saved, list(mine.files.values())).changed
    if changed:
        return (
            f"has a disk ({changed[0]}) that was written after its memory was saved: the two do not fit any more;"
            " start it with discard=yes"
        )
    return ""
