"""One function for each kind of step. Every one may be run again after a crash at any point of it.

Order is safety: images are deleted only after their domain is gone, rows are removed last, and saved memory is never
resumed twice (`core.operations.saved`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import ContainerUnreachable, DomainBusy, DomainNotFound, HypervisorError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainUuid
from core.operations.adopt import adopt, found_domain
from core.operations.plan import JsonValue, Step, StepKind, TargetPlan
from core.operations.saved import forget_saved, mark_saved, mark_used, unmark_used, was_used
from core.operations.words import bytes_text

if TYPE_CHECKING:
    from core.operations.carrier import Carrier
    from core.operations.run import Hypervisors
    from core.store.store import Store


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a long step is.

    Attributes:
        total_bytes: 0 when nobody knows.
        note: A few words, such as the file that is being copied.
    """

    done_bytes: int
    total_bytes: int
    rate_bytes_s: int = 0
    note: str = ""


def _nothing(_: object) -> None:
    """Nobody listens."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Surroundings:
    """What the steps of one VM work with.

    Attributes:
        notes: What the operator should know although the step went well.
        fleet: The containers' hypervisors, for steps that concern more than one.
        carrier: Moves files between containers; None where no step needs it.
        told: Takes the progress of a long step.
        say: Takes lines for the operator, Rocks' own among them.
        cancelled: Asked by long steps; after True they stop with `Cancelled` as soon as that is safe.
        kept: What the step in hand notes for its undoing; JSON-friendly. Read it back when the step is undone.
    """

    store: Store
    connection: Hypervisor | None
    target: TargetPlan
    notes: list[str] = field(default_factory=list)
    fleet: Hypervisors | None = None
    carrier: Carrier | None = None
    told: Callable[[StepProgress], None] = _nothing
    say: Callable[[str], None] = _nothing
    cancelled: Callable[[], bool] = _never
    kept: dict[str, JsonValue] = field(default_factory=dict)

    @property
    def hypervisor(self) -> Hypervisor:
        """The container's connection; a step that needs it is never run without. Raises HypervisorError."""
        if self.connection is None:
            name = self.target.key.container
            raise HypervisorError(name, f"no connection to {name}", remedy="try again when it is back")
        return self.connection

    @property
    def uuid(self) -> DomainUuid:
        """The VM's."""
        return self.target.key.uuid

    def at(self, container: str) -> Hypervisor:
        """The hypervisor of any container. Raises HypervisorError without one."""
        found = self.fleet.get(ContainerName(container)) if self.fleet is not None else None
        if found is None:
            raise HypervisorError(container, f"no connection to {container}", remedy="try again when it is back")
        return found

    @property
    def files(self) -> Carrier:
        """The carrier; a step that needs it is never run without. Raises HypervisorError."""
        if self.carrier is None:
            raise HypervisorError(self.target.key.container, "files are moved by jobs only")
        return self.carrier


def perform(step: Step, around: Surroundings) -> None:
    """Do one step. Raises QuarryError when it failed."""
    work = _DO.get(step.kind)
    (work or _rare(step.kind))(step, around)


def has_managed_save(hypervisor: Hypervisor, around: Surroundings) -> bool:
    """Whether the VM has memory on that container that libvirt itself saved. Raises HypervisorError."""
    try:
        return hypervisor.domain(around.uuid).managed_save
    except DomainNotFound:
        return False


def refuse_managed_save(hypervisor: Hypervisor, around: Surroundings, could_not: str) -> None:
    """Stop before a step that would strand or delete memory that libvirt itself saved since the plan was made.

    Raises:
        DomainBusy: The VM has such memory on that container.
        HypervisorError: The container cannot say.
    """
    if has_managed_save(hypervisor, around):
        raise DomainBusy(
            hypervisor.container,
            f"{could_not} {around.target.name}",
            "it has memory that libvirt itself saved",
            "start it, or drop that memory with `virsh managedsave-remove`",
        )


def _rare(kind: StepKind) -> Callable[[Step, Surroundings], None]:
    """Only a move pays for importing what moves do, only an install for what installs do."""
    if kind in (StepKind.PUT_INSTALLER, StepKind.INSTALL, StepKind.FOLLOW):
        from core.install.steps import INSTALLS

        return INSTALLS[kind]
    from core.operations.moving import MOVES

    return MOVES[kind]


def _ensure_image(step: Step, around: Surroundings) -> None:
    path, size, image_format = _text(step, "path"), _number(step, "size_bytes"), _text(step, "format")
    if around.hypervisor.image_size(path) is not None:
        return
    try:
        around.hypervisor.create_image(path, size, image_format)
    except DomainBusy:
        # Made by somebody else since we looked: that is what was wanted.
        return
    around.notes.append(f"created {path}")


def _define(step: Step, around: Surroundings) -> None:
    around.hypervisor.define(_text(step, "xml"))


def _start(step: Step, around: Surroundings) -> None:
    around.hypervisor.start(around.uuid)


def _shutdown(step: Step, around: Surroundings) -> None:
    around.hypervisor.shutdown(around.uuid)
    around.notes.append("the guest was asked; it may take a while")


def _destroy(step: Step, around: Surroundings) -> None:
    around.hypervisor.destroy(around.uuid)


def _reset(step: Step, around: Surroundings) -> None:
    around.hypervisor.reset(around.uuid)


def _reboot(step: Step, around: Surroundings) -> None:
    around.hypervisor.reboot(around.uuid)
    around.notes.append("the guest was asked; it may take a while")


def _suspend(step: Step, around: Surroundings) -> None:
    around.hypervisor.suspend(around.uuid)


def _resume(step: Step, around: Surroundings) -> None:
    around.hypervisor.resume(around.uuid)


def _save(step: Step, around: Surroundings) -> None:
    """Delete an old file of that name, remember the new one, write it: killed anywhere, no old memory is resumed."""
    path = _text(step, "path") or _save_path(around)
    _check_room(path, around)
    around.hypervisor.delete_image(path)
    mark_saved(around.store, step.vm, path)
    try:
        around.hypervisor.save(around.uuid, path)
    except ContainerUnreachable:
        # Nobody knows whether it was saved; a VM that still runs shows as running.
        raise
    except HypervisorError:
        forget_saved(around.store, step.vm)
        raise
    around.notes.append(f"saved to {path}")


def _check_room(path: str, around: Surroundings) -> None:
    """Better refused than half written; only the largest file system's free space is known."""
    space = around.hypervisor.largest_file_system()
    if space is None or not path.startswith(space[0].rstrip("/") + "/"):
        return
    needed = around.hypervisor.domain(around.uuid).memory_kib * 1024
    if needed > space[1]:
        name = around.target.key.container
        why = f"its memory takes {bytes_text(needed)}, {space[0]} on {name} has {bytes_text(space[1])} free"
        raise HypervisorError(
            name, f"could not save {around.target.name}", why, "make room, or name a file with file="
        )


def _save_path(around: Surroundings) -> str:
    space = around.hypervisor.largest_file_system()
    if space is None:
        raise HypervisorError(
            around.target.key.container,
            f"could not save {around.target.name}",
            "its container has no file system for images",
            "name a file with file=",
        )
    return f"{space[0].rstrip('/')}/xen/disks/{around.target.name.replace('/', '_')}.saved"


def _restore(step: Step, around: Surroundings) -> None:
    path, named = _text(step, "path"), bool(step.arguments.get("named"))
    if not named and was_used(around.store, step.vm):
        raise HypervisorError(
            around.target.key.container,
            f"could not restore {step.vm}",
            f"a restore of {path} was begun before and its end not seen: the disks may be newer than the memory",
            "boot it with start discard=yes, or restore all the same with file=",
        )
    refuse_managed_save(around.hypervisor, around, "could not restore")
    mark_used(around.store, step.vm)
    try:
        around.hypervisor.restore(path)
    except ContainerUnreachable:
        raise
    except HypervisorError:
        unmark_used(around.store, step.vm)
        raise
    forget_saved(around.store, step.vm)
    try:
        around.hypervisor.delete_image(path)
    except HypervisorError as error:
        around.notes.append(f"{path} is used up but could not be deleted: {error.sentence}")


def _undefine(step: Step, around: Surroundings) -> None:
    try:
        around.hypervisor.undefine(around.uuid)
    except DomainNotFound:
        around.notes.append("its domain was gone already")


def _delete_image(step: Step, around: Surroundings) -> None:
    path = _text(step, "path")
    if step.arguments.get("saved"):
        # First forgotten, then deleted: a leftover file does no harm, a mark without its file would.
        forget_saved(around.store, step.vm)
        around.hypervisor.delete_image(path)
        return
    try:
        around.hypervisor.domain(around.uuid)
    except DomainNotFound:
        around.hypervisor.delete_image(path)
        return
    raise DomainBusy(
        around.target.key.container, f"did not delete {path}", "its domain is still defined", "undefine it first"
    )


def _forget(step: Step, around: Surroundings) -> None:
    whole = bool(step.arguments.get("node"))
    forget_saved(around.store, step.vm)
    with around.store.begin() as rows:
        vm = rows.vms.find(step.vm)
        if vm is None or vm.uuid != around.uuid:
            return
        rows.vms.remove(vm.id)
        if whole:
            rows.nodes.remove(vm.node)


def _adopt(step: Step, around: Surroundings) -> None:
    sizes: dict[str, int] = {}
    disks = step.arguments.get("disks")
    for disk in disks if isinstance(disks, list) else []:
        path = str(disk[1]) if isinstance(disk, list) and len(disk) == 3 else ""
        if path.startswith("/"):
            sizes[path] = _size_or_zero(around, path)
    arguments = step.arguments
    if arguments.get("virt_type") == "para":
        # A Xen container runs both kinds, and only the definition tells which this is.
        from core.hypervisor.facts import os_type_of

        kind = os_type_of(around.hypervisor.domain_xml(around.uuid))
        arguments = {**arguments, "virt_type": "hvm" if kind == "hvm" else "para"}
    note = adopt(around.store, around.target.key, step.vm, found_domain(arguments, sizes))
    if note:
        around.notes.append(note)


def _size_or_zero(around: Surroundings, path: str) -> int:
    try:
        return around.hypervisor.image_size(path) or 0
    except ContainerUnreachable:
        raise
    except HypervisorError as error:
        around.notes.append(f"size of {path} unknown: {error.sentence}")
        return 0


def _text(step: Step, name: str) -> str:
    return str(step.arguments.get(name) or "")


def _number(step: Step, name: str) -> int:
    value = step.arguments.get(name)
    return value if isinstance(value, int) else 0


_DO: dict[StepKind, Callable[[Step, Surroundings], None]] = {
    StepKind.ENSURE_IMAGE: _ensure_image,
    StepKind.DEFINE: _define,
    StepKind.START: _start,
    StepKind.SHUTDOWN: _shutdown,
    StepKind.DESTROY: _destroy,
    StepKind.RESET: _reset,
    StepKind.REBOOT: _reboot,
    StepKind.SUSPEND: _suspend,
    StepKind.RESUME: _resume,
    StepKind.SAVE: _save,
    StepKind.RESTORE: _restore,
    StepKind.UNDEFINE: _undefine,
    StepKind.DELETE_IMAGE: _delete_image,
    StepKind.FORGET: _forget,
    StepKind.ADOPT: _adopt,
}
