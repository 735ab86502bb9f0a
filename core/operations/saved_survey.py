"""Whether saved memory still fits its disks, asked of the containers that have both.

Memory resumed over disks that were written since destroys their file systems, so a restore has to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import QuarryError
from core.hypervisor.model import ContainerName
from core.inventory.snapshot import InventorySnapshot, VmKey
from core.operations.carrier import Carrier, FileFacts
from core.operations.move_survey import disks_of
from core.operations.targets import Target, find_targets

LATE_S = 2.0
"""A disk written so much later than the memory beside it was saved has changed since."""


@dataclass(frozen=True, slots=True)
class SavedFound:
    """What a container says of one VM's saved memory.

    Attributes:
        path: Of the file that was looked for.
        memory: The file; None when it is not there.
        changed: Disks written after it, the first written first.
        problem: Why the container did not say; empty when it did.
    """

    path: str
    memory: FileFacts | None = None
    changed: tuple[str, ...] = ()
    problem: str = ""


def survey_saved(
    targets: Sequence[VmKey | str], snapshot: InventorySnapshot, carrier: Carrier, file: str = ""
) -> Mapping[VmKey, SavedFound]:
    """Look at the saved memory and the disks of each VM, each container asked once. May block; never raises.

    Args:
        file: The operator named this file instead of the one the store remembers.

    Returns:
        What was found of those VMs whose saved memory is a file that is known.
    """
    by_container: dict[ContainerName, list[tuple[Target, str]]] = {}
    for target in find_targets(targets, snapshot)[0]:
        path = file or (target.vm.record.saved_file if target.vm.record is not None else "")
        if path and (file or not target.vm.managed_save):
            by_container.setdefault(target.container.name, []).append((target, path))
    found: dict[VmKey, SavedFound] = {}
    for container, wanted in by_container.items():
        paths = {path for _, path in wanted} | {path for target, _ in wanted for path, _ in disks_of(target)}
        try:
            files = carrier.look(container, sorted(paths)).files
        except QuarryError as error:
            found |= {target.vm.key: SavedFound(path, problem=error.sentence) for target, path in wanted}
            continue
        for target, path in wanted:
            disks = [files[disk] for disk, _ in disks_of(target) if disk in files]
            found[target.vm.key] = compared(path, files.get(path), disks)
    return found


def compared(path: str, memory: FileFacts | None, disks: Sequence[FileFacts]) -> SavedFound:
    """Which of a VM's disks were written after its memory was saved."""
    if memory is None:
        return SavedFound(path)
    late = [one for one in disks if one.written_at_s > memory.written_at_s + LATE_S]
    return SavedFound(path, memory, tuple(one.path for one in sorted(late, key=lambda one: one.written_at_s)))
