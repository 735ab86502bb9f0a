"""RHEL 5's placing: bootable and primary requests first, then the rest, each into the largest free region.

Source: anaconda 11.1's ``autopart``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from partition_editor.planner.refusing import Stop
from partition_editor.planner.rhel5.cylinders import CYLINDER
from partition_editor.planner.rhel5.drive import Drive, Region
from partition_editor.planner.rhel5.wanted import OldWanted

_NO_CYLINDER = "Unable to satisfy all constraints on the partition."


def in_order(wanted: Sequence[OldWanted]) -> list[OldWanted]:
    """Return the requests in allocation order: bootable, then larger first, then the later-numbered."""
    return sorted(wanted, key=lambda one: (not one.boot, -one.size_mib if not one.boot else 0, -one.number))


def place_all(wanted: Sequence[OldWanted], drives: Mapping[str, Drive]) -> None:
    """Lay every drive out from scratch; `wanted` is in allocation order.

    Raises:
        Stop: A request has no room.
    """
    for drive in drives.values():
        drive.reset()
    early = [one for one in wanted if one.primary or one.boot]
    late = [one for one in wanted if not (one.primary or one.boot)]
    _place_phase(early, drives, "Could not allocate partitions as primary partitions.\n")
    _place_phase(late, drives, "")


def _place_phase(wanted: Sequence[OldWanted], drives: Mapping[str, Drive], failure: str) -> None:
    for one in wanted:
        if one.start_cylinder is not None and len(one.drives) == 1:
            drive = drives[one.drives[0]]
            if not _place_at(one, drive):
                text = "Could not allocate cylinder-based partitions as primary partitions.\n"
                raise Stop(f"Partitioning failed: {text}{_NO_CYLINDER}", one.line, disk=drive.disk.name)
    ranked = sorted(wanted, key=lambda one: 0 if one.boot else len(_candidates(one)))
    for one in ranked:
        if one.start_cylinder is None or len(one.drives) != 1:
            _place(one, drives, failure)


def _place_at(one: OldWanted, drive: Drive) -> bool:
    """Place a request with ``--start`` where it says; False when something is there."""
    start = (one.start_cylinder or 1) - 1
    end = one.end_cylinder if one.end_cylinder is not None else start + max(-(-one.sectors // CYLINDER), 1)
    one.drive = drive.disk.name
    return drive.place_at(one, start * CYLINDER, end * CYLINDER - 1)


def _candidates(one: OldWanted) -> tuple[str, ...]:
    return (one.drive,) if one.drive is not None else one.drives


def _place(one: OldWanted, drives: Mapping[str, Drive], failure: str) -> None:
    best: Region | None = None
    where: Drive | None = None
    for name in _candidates(one):
        if one.boot and best is not None:
            break
        drive = drives[name]
        found = drive.best_region(one, one.sectors, best.length if best is not None else 0, first=one.boot)
        if found is not None:
            best, where = found, drive
    if best is None or where is None:
        room = max((drives[name].largest_free() for name in _candidates(one)), default=0)
        short = -(-(one.sectors - room) // 2048)
        raise Stop(
            f"Partitioning failed: {failure}Not enough space left to create partition for {one.mount}",
            one.line,
            short_mib=short if short > 0 else None,
            disk=one.drives[0] if len(one.drives) == 1 else None,
        )
    if not where.place(one, one.sectors, best):
        raise Stop(f"Partitioning failed: {failure}{_NO_CYLINDER}", one.line, disk=where.disk.name)
    one.drive = where.disk.name


def fits(wanted: Sequence[OldWanted], drive: Drive) -> bool:
    """Place requests on one drive as it is now; False when something does not fit.

    All have their drive by now, so the other drives stay as they are.
    """
    for one in wanted:
        if one.start_cylinder is not None and len(one.drives) == 1:
            if not _place_at(one, drive):
                return False
            continue
        region = drive.best_region(one, one.sectors, 0, first=one.boot)
        if region is None or not drive.place(one, one.sectors, region):
            return False
    return True
