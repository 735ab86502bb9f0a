"""Containers as they are and as they will be after a plan's moves, for people to compare. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from core.operations.capabilities import ACTIVE
from core.operations.placing import Move
from core.operations.plan import Plan, StepKind, TargetPlan


@dataclass(frozen=True, slots=True)
class Lodger:
    """A VM in a picture of its container.

    Attributes:
        vm: As it is now; after a move it is in the same state again.
        moves: It goes from here (before) or has come here (afterwards).
        way: How it comes: ``live``, ``saved``, ``stopped``; empty for one that stays.
    """

    vm: VmView
    moves: bool = False
    way: str = ""

    @property
    def memory_kib(self) -> int:
        """What it takes of its container's memory."""
        return self.vm.memory_kib if self.vm.state in ACTIVE else 0


@dataclass(frozen=True, slots=True)
class Picture:
    """One container at one moment.

    Attributes:
        used_kib: Memory of the VMs that are active there.
        disk_free_bytes: None when it has not said.
    """

    name: str
    lodgers: tuple[Lodger, ...]
    used_kib: int
    memory_kib: int
    disk_free_bytes: int | None


def before_and_after(plan: Plan, snapshot: InventorySnapshot) -> list[tuple[Picture, Picture]]:
    """Each container the moves touch, now and afterwards: those that give first, then those that take."""
    moves = {target.key: (target, Move.of(target)) for target in plan.targets if is_move(target)}
    sources = dict.fromkeys(str(move.source) for _, move in moves.values())
    targets = dict.fromkeys(move.target for _, move in moves.values())
    vms = {vm.key: vm for container in snapshot.containers for vm in container.vms}
    found = []
    for name in dict.fromkeys((*sources, *targets)):
        view = snapshot.container(name)
        if view is not None:
            found.append((_now(view, moves), _then(view, moves, vms)))
    return found


def is_move(target: TargetPlan) -> bool:
    """Whether the steps are those of a move."""
    return any(step.kind is StepKind.CHECK for step in target.steps)


def travelling_bytes(target: TargetPlan) -> int:
    """What goes over the wire, if a live move does not fall back."""
    return sum(step.bytes_moved for step in target.steps if step.arguments.get("unless_live") != "yes")


def way_of(target: TargetPlan) -> str:
    """How a VM moves: ``live``, ``saved`` or ``stopped``."""
    kinds = {step.kind for step in target.steps}
    return "live" if StepKind.MIGRATE in kinds else "saved" if StepKind.SAVE_HERE in kinds else "stopped"


def _now(view: ContainerView, moves: dict[VmKey, tuple[TargetPlan, Move]]) -> Picture:
    lodgers = tuple(Lodger(vm, vm.key in moves) for vm in view.vms)
    return _picture(view, lodgers, view.memory_used_kib, view.disk_free_bytes)


def _then(view: ContainerView, moves: dict[VmKey, tuple[TargetPlan, Move]], vms: dict[VmKey, VmView]) -> Picture:
    gone = [vm for vm in view.vms if vm.key in moves]
    coming = [(vms[key], *moves[key]) for key in moves if moves[key][1].target == view.name and key in vms]
    lodgers = [Lodger(vm) for vm in view.vms if vm.key not in moves]
    lodgers += [Lodger(vm, True, way_of(target)) for vm, target, _ in coming]
    used = view.memory_used_kib - _active_kib(gone) + _active_kib(vm for vm, _, _ in coming)
    free = view.disk_free_bytes
    if free is not None:
        free -= sum(_stays_bytes(move) for _, _, move in coming)
        free += sum(_stays_bytes(moves[vm.key][1]) for vm in gone)
    return _picture(view, tuple(lodgers), max(0, used), free)


def _picture(view: ContainerView, lodgers: tuple[Lodger, ...], used_kib: int, free: int | None) -> Picture:
    return Picture(str(view.name), lodgers, used_kib, view.host.memory_kib if view.host is not None else 0, free)


def _active_kib(vms: Iterable[VmView]) -> int:
    return sum(vm.memory_kib for vm in vms if vm.state in ACTIVE)


def _stays_bytes(move: Move) -> int:
    """What the VM takes on disk once it has arrived; memory saved only for the way is gone by then."""
    return sum(one.allocated_bytes for one in move.copies if move.memory_stays or not one.memory)
