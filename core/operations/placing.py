"""What a move carries in its plan, and how the store follows it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from core.errors import JobError
from core.inventory.records import SAVED_ATTRIBUTE
from core.operations.plan import JsonValue, StepKind, TargetPlan
from core.store.records import Scope

if TYPE_CHECKING:
    from core.store.repository import Repository
    from core.store.store import Store


@dataclass(frozen=True, slots=True)
class MovedFile:
    """A file that goes from the source to the target.

    Attributes:
        memory: It is saved memory, used up when the VM runs on the target.
        device: As the guest sees it; empty for what is no disk.
    """

    source_path: str
    target_path: str
    allocated_bytes: int
    size_bytes: int = 0
    memory: bool = False
    device: str = ""
    image_format: str = "raw"


@dataclass(frozen=True, slots=True)
class Move:
    """One VM's move; it travels as the arguments of the plan's first step.

    Attributes:
        runs: It is to run (or be paused) on the target at the end.
        defined: The source has a domain of it.
        slice_no: Its slice on the source, for the way back.
        memory_stays: It was saved, and stays saved.
    """

    source: str
    target: str
    runs: bool
    defined: bool
    slice_no: int
    copies: tuple[MovedFile, ...] = ()
    memory_stays: bool = False

    @property
    def paths(self) -> Mapping[str, str]:
        """Old path → new path of the files that are elsewhere on the target."""
        pairs = {one.source_path: one.target_path for one in self.copies if not one.memory}
        return {old: new for old, new in pairs.items() if old != new}

    @property
    def memory_paths(self) -> frozenset[str]:
        """Where its memory is while it is saved for the move, on either side."""
        return frozenset(path for one in self.copies if one.memory for path in (one.source_path, one.target_path))

    def arguments(self) -> dict[str, JsonValue]:
        """For the plan's first step."""
        values: dict[str, JsonValue] = asdict(self)
        values["copies"] = [asdict(one) for one in self.copies]
        return values

    @classmethod
    def of(cls, target: TargetPlan) -> Move:
        """The move a target's steps belong to. Raises JobError when they belong to none."""
        for step in target.steps:
            if step.kind is StepKind.CHECK:
                values = dict(step.arguments)
                copies = values.pop("copies", [])
                if isinstance(copies, list):
                    files = tuple(MovedFile(**one) for one in copies if isinstance(one, dict))  # type: ignore[arg-type]
                    return cls(**values, copies=files)  # type: ignore[arg-type]
        raise JobError(f"the plan of {target.name} is no move")


def switch(store: Store, move: Move, target: TargetPlan) -> str:
    """Put the VM's rows on the target: container, slice, disks, saved memory. Doing it twice is doing it once.

    Returns:
        What the operator should know: that its slice is another one now. Rocks left two VMs with one slice.
    """
    return store.transact(lambda rows: _put(rows, target, move.target, None, _paths(move)))


def switch_back(store: Store, move: Move, target: TargetPlan) -> None:
    """Put the VM's rows back where they were."""
    paths = {new: old for old, new in _paths(move).items()}
    store.transact(lambda rows: _put(rows, target, move.source, move.slice_no, paths))


def _paths(move: Move) -> dict[str, str]:
    return {one.source_path: one.target_path for one in move.copies}


def _put(rows: Repository, target: TargetPlan, container: str, slice_no: int | None, paths: Mapping[str, str]) -> str:
    vm, house = rows.vms.find(target.name), rows.nodes.find(container)
    if vm is None or vm.uuid != target.key.uuid:
        return ""
    if house is None:
        raise JobError(f"could not put {target.name} on {container}", "the store has no such node")
    for disk in rows.vms.disks([vm.id])[vm.id]:
        new = paths.get(disk.path)
        if new is not None and new != disk.path:
            rows.vms.update_disk(disk.id, prefix=posixpath.dirname(new), name=posixpath.basename(new))
    node = rows.nodes.find(target.name)
    saved = rows.attributes.find(Scope.HOST, node.id, SAVED_ATTRIBUTE) if node is not None else None
    if node is not None and saved is not None and saved in paths:
        rows.attributes.set(Scope.HOST, node.id, SAVED_ATTRIBUTE, paths[saved])
    if vm.physnode_id == house.id:
        return ""
    taken = {one.slice for one in rows.vms.on(house.id)}
    wanted = vm.slice if slice_no is None else slice_no
    free = wanted if wanted not in taken else rows.allocation.next_slice(house.id)
    rows.vms.update(vm.id, physnode_id=house.id, slice=free)
    return "" if free == wanted else f"it is slice {free} there: {wanted} is taken"
