"""Emptying a container: a placement of its VMs over the others, then one plan of moves. `plan_drain` is pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.hypervisor.model import LinkState
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmView
from core.operations.capabilities import ACTIVE
from core.operations.carrier import Carrier
from core.operations.move import Wishes, in_turn, parameter_words, plan_move
from core.operations.move_checks import check_vm
from core.operations.move_survey import Found, disks_of, survey
from core.operations.placement import Load, Placement, Space, place
from core.operations.plan import Confirm, Plan, RefusedTarget, TargetPlan
from core.operations.run import Hypervisors
from core.operations.targets import Target
from core.operations.words import GIB_KIB, counted, no_container, one_line
from core.outcome import Refused

_REASONS = 5
"""Of so many VMs a refusal says why; of the others how many there are."""


@dataclass(frozen=True, slots=True)
class DrainFound:
    """What the containers said: by destination, as for moves to it."""

    by_destination: Mapping[str, Found] = field(default_factory=dict)


def survey_drain(
    container: str,
    snapshot: InventorySnapshot,
    hypervisors: Hypervisors,
    carrier: Carrier,
    promised: Mapping[str, int],
) -> DrainFound:
    """Ask every container that could take VMs. Never raises for what a container does.

    Args:
        promised: Bytes that other jobs are about to bring to each container.
    """
    names = [vm.name for vm in _vms(container, snapshot)]
    return DrainFound(
        {
            str(one.name): survey(names, one.name, snapshot, hypervisors, carrier, promised.get(str(one.name), 0))
            for one in _others(container, snapshot)
        }
    )


def plan_drain(
    container: str,
    snapshot: InventorySnapshot,
    found: DrainFound,
    wishes: Wishes | None = None,
    *,
    read_only: bool = False,
) -> Plan | Refused:
    """Plan the moves that empty a container; `Refused` when not every VM finds a place, and what is missing then."""
    if read_only:
        return Refused("Quarry was started read-only: leave out --read-only to change anything")
    here = snapshot.container(container)
    if here is None or not here.uri:
        names = [str(one.name) for one in snapshot.containers if one.uri]
        return Refused(no_container(container, names))
    vms = _vms(container, snapshot)
    if not vms:
        return Refused(f"{container} has no VMs")
    others = _others(container, snapshot)
    if not others:
        return Refused(
            f"there is no other container that answers to take the {counted(len(vms), 'VM')} of {container}"
        )
    placement = place([_load(vm, here, others, found) for vm in vms], [_space(one, found) for one in others])
    against = [
        *_told(f"of {container} cannot be moved", placement.immovable),
        *_told(f"of {container} would find no place", placement.missing),
    ]
    if against:
        return Refused(". ".join(against))
    return _combined(here, placement, snapshot, found, wishes or Wishes())


def undo_lines(plan: Plan) -> str:
    """The command that brings the VMs back."""
    names = [one.name for one in plan.targets]
    return f"move host vm {shlex.join(names)} {plan.targets[0].key.container}"


def _combined(
    here: ContainerView, placement: Placement, snapshot: InventorySnapshot, found: DrainFound, wishes: Wishes
) -> Plan | Refused:
    """One plan out of the moves to each destination, in the order of the slices."""
    by_destination: dict[str, list[str]] = {}
    for vm in here.vms:
        if vm.name in placement.places:
            by_destination.setdefault(placement.places[vm.name], []).append(vm.name)
    targets: dict[str, TargetPlan] = {}
    refused: list[RefusedTarget] = []
    afterwards: list[str] = []
    warnings: list[str] = []
    for destination, names in by_destination.items():
        plan = plan_move(names, destination, snapshot, found.by_destination.get(destination, Found()), wishes)
        if isinstance(plan, Refused):
            return Refused(f"{here.name} cannot be emptied: {plan.reason}")
        targets |= {one.name: one for one in plan.targets}
        refused += plan.refused
        warnings += plan.warnings
        afterwards += [f"{', '.join(one_line(name) for name in names)} → {destination}", *plan.afterwards[:1]]
    if refused:
        first = refused[0]
        return Refused(f"{here.name} cannot be emptied: {one_line(first.name)} {first.reason}")
    before = f"{here.name} now: {counted(len(here.vms), 'VM')}, memory {here.memory_used_kib / GIB_KIB:.1f} GiB"
    ordered = tuple(targets[vm.name] for vm in here.vms if vm.name in targets)
    return Plan(
        verb="drain",
        title=f"Empty {here.name}: move {counted(len(ordered), 'VM')}",
        command=f"drain host {here.name}{parameter_words(wishes)}",
        confirm=Confirm.TYPED,
        targets=ordered,
        confirm_phrase=f"drain {len(ordered)}",
        warnings=tuple(warnings),
        afterwards=(
            before,
            *afterwards,
            f"{here.name} afterwards: no VMs{in_turn(len(ordered), wishes)}; it stops at the first failure",
        ),
        at_once=wishes.at_once,
    )


def _told(what: str, vms: Mapping[str, str]) -> list[str]:
    """How many VMs this is so of, and why of the first few; nothing for none."""
    if not vms:
        return []
    reasons = [f"{one_line(name)} {why}" for name, why in sorted(vms.items())[:_REASONS]]
    more = [f"and {len(vms) - _REASONS} more"] if len(vms) > _REASONS else []
    return [f"{counted(len(vms), 'VM')} {what}: {'; '.join(reasons + more)}"]


def _vms(container: str, snapshot: InventorySnapshot) -> Sequence[VmView]:
    view = snapshot.container(container)
    return [] if view is None else [vm for vm in view.vms if vm.record is not None or vm.defined]


def _others(container: str, snapshot: InventorySnapshot) -> list[ContainerView]:
    return [
        one
        for one in snapshot.containers
        if one.name != container and one.uri and one.host is not None and one.link is LinkState.UP
    ]


def _load(vm: VmView, here: ContainerView, others: Sequence[ContainerView], found: DrainFound) -> Load:
    target = Target(vm, here)
    reasons = {str(one.name): check_vm(target, one) for one in others}
    able = frozenset(name for name, reason in reasons.items() if not reason)
    mine = next((one.vms[vm.key] for one in found.by_destination.values() if vm.key in one.vms), None)
    files = mine.files if mine is not None else {}
    disk = sum(files[path].allocated_bytes for path, _ in disks_of(target) if path in files)
    active = vm.state in ACTIVE
    memory = vm.memory_kib if active else 0
    why_not = next(iter(reasons.values()))
    return Load(vm.name, memory, disk + memory * 1024, vm.vcpus if active else 0, able, why_not)


def _space(container: ContainerView, found: DrainFound) -> Space:
    mine = found.by_destination.get(str(container.name), Found())
    free = mine.ground.free_bytes - mine.promised_bytes if mine.ground is not None else 0
    memory = container.host.memory_kib if container.host is not None else 0
    used = sum(vm.vcpus for vm in container.vms if vm.state in ACTIVE)
    cpus = container.host.cpus if container.host is not None else 1
    return Space(str(container.name), memory, max(0, memory - container.memory_used_kib), free, cpus, used)
