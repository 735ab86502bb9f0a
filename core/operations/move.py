"""From VMs and a container to the plan of their moves. Pure: `core.operations.move_survey` asks the containers."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from core.hypervisor.model import DomainState
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey
from core.operations.before_after import travelling_bytes
from core.operations.capabilities import ACTIVE
from core.operations.carrier import Ground
from core.operations.move_checks import Room, check_found, check_vm
from core.operations.move_steps import StepMaker
from core.operations.move_survey import Found, VmFound, disks_of, place_of
from core.operations.placing import Move, MovedFile
from core.operations.plan import Confirm, Plan, RefusedTarget, StepKind, TargetPlan
from core.operations.targets import Target, find_targets
from core.operations.words import bytes_text, counted, no_container, one_line
from core.outcome import Refused

WAYS = ("auto", "yes", "no")
"""Values of ``live=``."""

LIVE_DRIVER = "qemu"
"""The driver that moves VMs with their disks while they run; libxl and the test driver do not."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator gave beside VMs and container.

    Attributes:
        live: ``yes``, ``no``, or ``auto``: live where both hypervisors can.
        fallback: A live move that fails may go on the saved way.
        limit_bytes_s: Bandwidth of the copies; 0 for no limit.
        file: Where the memory is saved on the source; empty for beside the disks.
        at_once: So many VMs at the same time.
    """

    live: str = "auto"
    fallback: bool = False
    limit_bytes_s: int = 0
    file: str = ""
    at_once: int = 1


def plan_move(
    targets: Sequence[VmKey | str],
    destination: str,
    snapshot: InventorySnapshot,
    found: Found,
    wishes: Wishes | None = None,
    *,
    read_only: bool = False,
) -> Plan | Refused:
    """Plan the moves of VMs to one container.

    Returns:
        The plan, with the VMs it leaves out; `Refused` when the request is wrong or nothing can be moved.
    """
    wishes = wishes or Wishes()
    there = snapshot.container(destination)
    mistake = _mistake(targets, wishes, read_only)
    if mistake is not None:
        return mistake
    if there is None or not there.uri:
        names = [str(one.name) for one in snapshot.containers if one.uri]
        return Refused(no_container(destination, names))
    chosen, refused = find_targets(targets, snapshot)
    room = Room(there, snapshot, found)
    plans: list[TargetPlan] = []
    for target in chosen:
        plan = _plan_one(target, there, found, wishes, room)
        if isinstance(plan, Refused):
            refused.append(RefusedTarget(target.vm.key, target.vm.name, plan.reason))
        else:
            plans.append(plan)
    if not plans:
        first = refused[0]
        more = f" (and {len(refused) - 1} more that cannot be moved)" if len(refused) > 1 else ""
        return Refused(f"{one_line(first.name)} {first.reason}{more}")
    return _assemble(plans, refused, there, wishes, room)


def _mistake(targets: Sequence[VmKey | str], wishes: Wishes, read_only: bool) -> Refused | None:
    if read_only:
        return Refused("Quarry was started read-only: leave out --read-only to change anything")
    if not targets:
        return Refused("must supply at least one VM")
    if wishes.live not in WAYS:
        return Refused(f'the "live" parameter must be yes, no or auto, not "{one_line(wishes.live)}"')
    if wishes.file and len(targets) > 1:
        return Refused('if you supply the "file" parameter, then you only can specify one VM host')
    if wishes.file and (not wishes.file.startswith("/") or wishes.file.endswith("/") or "\0" in wishes.file):
        return Refused(f'the "file" parameter must be the absolute path of a file, not "{one_line(wishes.file)}"')
    return None


def _plan_one(target: Target, there: ContainerView, found: Found, wishes: Wishes, room: Room) -> TargetPlan | Refused:
    reason = check_vm(target, there)
    if reason:
        return Refused(reason)
    vm = target.vm
    mine = found.vms.get(vm.key, VmFound(problem="it was not looked at"))
    reason = check_found(target, there, mine, found)
    if reason or found.ground is None or vm.record is None:
        return Refused(reason)
    files = _files(target, there, mine, found.ground)
    if isinstance(files, Refused):
        return files
    active, live = vm.state in ACTIVE, _goes_live(target, there, wishes)
    if isinstance(live, Refused):
        return live
    copies, path = _with_memory(target, files, wishes, found.ground, keep=active and (not live or wishes.fallback))
    moved = any(one.source_path != one.target_path for one in copies if not one.memory)
    if moved and vm.state is DomainState.SAVED:
        return Refused(
            f"has its disks elsewhere on {there.name}, which its saved memory cannot follow: restore it and move it"
            " then"
        )
    short, warning = room.take(target, copies)
    if short:
        return Refused(short)
    move = Move(
        str(vm.key.container),
        str(there.name),
        active,
        vm.defined,
        vm.record.slice_no,
        copies,
        vm.state is DomainState.SAVED,
    )
    maker = StepMaker(vm, move, wishes.limit_bytes_s)
    if not active:
        steps = maker.stopped()
    elif live:
        steps = maker.live(found.address, fallback=path if wishes.fallback else "")
    else:
        steps = maker.saved(path)
    return TargetPlan(vm.key, vm.name, tuple(steps), vm.state.value, (warning,) if warning else ())


def _files(target: Target, there: ContainerView, mine: VmFound, ground: Ground) -> tuple[MovedFile, ...] | Refused:
    """What has to be copied; files that both containers see stay where they are."""
    copies: list[MovedFile] = []
    wanted = [(path, device, place_of(path, ground.mount)) for path, device in disks_of(target)]
    wanted += [(path, "", path) for path in mine.own]
    for path, device, place in wanted:
        file, same = mine.files.get(path), ground.files.get(path)
        if file is None:
            if target.vm.state in ACTIVE:
                return Refused(f"has the disk {path}, which is not on {target.container.name} as a file")
            continue
        if same is not None and file.identity and same.identity == file.identity:
            continue
        if file.image_format == "block":
            if same is None:
                return Refused(f"has the block device {path}, which {there.name} does not have")
            return Refused(
                f"has the block device {path}, which is not known to be the same storage on {there.name}: share it"
                " between the two, or copy it into a file"
            )
        if place in ground.files:
            return Refused(f"would get {place}, which is on {there.name} already: move that out of the way first")
        copies.append(MovedFile(path, place, file.allocated_bytes, file.size_bytes, False, device, file.image_format))
    places = [one.target_path for one in copies]
    if len(set(places)) < len(places):
        return Refused("has two disks of the same file name: rename one of them first")
    return tuple(copies)


def _goes_live(target: Target, there: ContainerView, wishes: Wishes) -> bool | Refused:
    vm, here = target.vm, target.container
    if wishes.live == "no":
        return False
    why = ""
    if vm.state is not DomainState.RUNNING:
        why = "does not run"
    elif here.host is None or there.host is None or here.host.driver != LIVE_DRIVER:
        why = f"is on a hypervisor ({here.host.driver if here.host else 'unknown'}) that does not move disks live"
    if why and wishes.live == "yes" and vm.state in ACTIVE:
        return Refused(f"{why}: leave out live=yes to save, copy and restore it")
    return not why


def _with_memory(
    target: Target, files: tuple[MovedFile, ...], wishes: Wishes, ground: Ground, *, keep: bool
) -> tuple[tuple[MovedFile, ...], str]:
    """The files and the saved memory that goes with them, and its path on the source."""
    vm, record = target.vm, target.vm.record
    size = vm.memory_kib * 1024
    if record is not None and record.saved_file and vm.state is DomainState.SAVED:
        path = record.saved_file
        return (*files, MovedFile(path, place_of(path, ground.mount), size, size, memory=True)), path
    first = next((path for path, _ in disks_of(target)), f"{ground.mount}/xen/disks/{vm.name}")
    path = wishes.file or f"{posixpath.dirname(first)}/{vm.name}.saved"
    if not keep:
        return files, path
    return (*files, MovedFile(path, place_of(path, ground.mount), size, size, memory=True)), path


def _assemble(
    plans: Sequence[TargetPlan], refused: Sequence[RefusedTarget], there: ContainerView, wishes: Wishes, room: Room
) -> Plan:
    names = [one.name for one in plans]
    what = one_line(names[0]) if len(plans) == 1 else counted(len(plans), "VM")
    travelling = sum(travelling_bytes(plan) for plan in plans)
    live = sum(any(step.kind is StepKind.MIGRATE for step in plan.steps) for plan in plans)
    way = f"; {live} live" if live else ""
    way += in_turn(len(plans), wishes)
    return Plan(
        verb="move",
        title=f"Move {what} to {there.name}",
        command=f"move host vm {' '.join(names)} {there.name}{parameter_words(wishes)}",
        confirm=Confirm.LIST,
        targets=tuple(plans),
        refused=tuple(refused),
        warnings=tuple(warning for plan in plans for warning in plan.warnings),
        afterwards=(
            room.afterwards(),
            f"{bytes_text(travelling)} travel{way}; a VM stays where it is if its move fails",
        ),
        at_once=wishes.at_once,
    )


def parameter_words(wishes: Wishes) -> str:
    """The wishes as words of a command, each with a blank before it."""
    words = {"live": wishes.live} if wishes.live != "auto" else {}
    if wishes.fallback:
        words["fallback"] = "yes"
    if wishes.limit_bytes_s:
        words["bandwidth"] = str(wishes.limit_bytes_s // 10**6)
    if wishes.file:
        words["file"] = shlex.quote(wishes.file)
    if wishes.at_once > 1:
        words["parallel"] = str(wishes.at_once)
    return "".join(f" {key}={value}" for key, value in words.items())


def in_turn(vms: int, wishes: Wishes) -> str:
    """How many VMs are in work at the same time, for a sentence on several."""
    if vms < 2:
        return ""
    return ", one after the other" if wishes.at_once < 2 else f", {min(vms, wishes.at_once)} at a time"
