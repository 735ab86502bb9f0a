"""What a layout would destroy of what is on the disks now. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from partition_editor.disks import MIB_SECTORS, Disk, ExistingPartition
from partition_editor.layout import Layout, PlannedDisk, PlanRefusal


@dataclass(frozen=True, slots=True)
class Loss:
    """One partition whose contents would be gone.

    Attributes:
        name: The partition now: ``hda5``.
        mountpoint: Where it was mounted, as far as is known.
        why: "the disk is cleared", "formatted anew as /var", …
    """

    disk: str
    name: str
    mountpoint: str
    fstype: str
    size_mib: int
    why: str

    @property
    def sentence(self) -> str:
        """One line for a list: ``hda5 /state/partition1 (60381 MiB ext3): the disk is cleared``."""
        what = " ".join(one for one in (self.name, self.mountpoint) if one)
        kind = f" {self.fstype}" if self.fstype else ""
        return f"{what} ({self.size_mib} MiB{kind}): {self.why}"


def consequences(layout: Layout | PlanRefusal, disks: Sequence[Disk]) -> tuple[Loss, ...]:
    """Every partition with data that does not outlive the install, in disk order.

    A refused plan destroys nothing: the installer stops before it writes. Disks the layout does not mention are
    hidden from the installer and stay.
    """
    if isinstance(layout, PlanRefusal):
        return ()
    planned = {disk.name: disk for disk in layout.disks}
    return tuple(loss for disk in disks if disk.name in planned for loss in _losses(disk, planned[disk.name]))


def _losses(disk: Disk, planned: PlannedDisk) -> Iterator[Loss]:
    for partition in disk.partitions:
        why = _fate(partition, planned) if partition.has_data else ""
        if why:
            yield Loss(
                disk.name,
                partition.name,
                partition.mountpoint,
                partition.fstype,
                partition.length // MIB_SECTORS,
                why,
            )


def _fate(partition: ExistingPartition, planned: PlannedDisk) -> str:
    """Why a partition dies; empty when it survives."""
    if planned.cleared:
        return "the disk is cleared"
    for one in planned.partitions:
        if one.kind != "extended" and one.start == partition.start:
            if one.kept:
                return ""
            return f"formatted anew as {one.mountpoint or one.req or one.fstype}"
    return "it is removed"
