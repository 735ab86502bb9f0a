"""A node's drives as the store knows them, and the profile its attributes name. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.outcome import Refused
from partition_editor.disks import MIB_SECTORS, Disk, ExistingPartition, Profile
from partition_editor.sources.guestnames import as_on_xen, as_told
from partition_editor.sources.naming import split_partition
from partition_editor.sources.report import Reported
from partition_editor.sources.stored import SavedDisk, SavedPartition, disks_from_partitions, disks_from_vm

RELEASE_OF_ROCKS = {5: "RHEL5", 6: "RHEL6", 7: "RHEL7"}


def disks_of_node(
    saved: Iterable[SavedPartition],
    virtual: Iterable[SavedDisk] = (),
    reported: Reported | None = None,
    xen_release: str = "",
) -> tuple[Disk, ...] | Refused:
    """A node's drives as well as they are known.

    Which drives a virtual machine has, its definition says; which a physical node has, its report and its saved
    partitions. How large they are, the report knows best.

    Args:
        saved: The node's rows of ``partitions``.
        virtual: The rows of ``vm_disks``, where the node is a virtual machine.
        reported: What the node told the install service last.
        xen_release: Of a guest of Xen, the release whose names its disks have until it has told them; else empty.
    """
    rows_given = tuple(saved)
    made = disks_from_vm(virtual)
    if isinstance(made, Refused):
        return made
    told = {disk.name: disk for disk in reported.disks} if reported is not None else {}
    made = _by_its_own_names(made, told, rows_given, xen_release)
    sizes = {disk.name: disk.sectors for disk in (*told.values(), *made)}
    sizes |= {disk.name: told[disk.name].sectors for disk in made if _is_same_size(disk, told.get(disk.name))}
    rows = disks_from_partitions(rows_given, sizes)
    if isinstance(rows, Refused):
        return rows
    by_rows = {disk.name: disk for disk in rows}
    live = reported is not None and reported.is_live
    known = {name: _merged(by_rows.get(name), told.get(name), live) for name in (*told, *by_rows)}
    if not made:
        return tuple(disk for disk in known.values() if disk is not None)
    return tuple(replace(known.get(disk.name) or disk, sectors=sizes[disk.name]) for disk in made)


def _by_its_own_names(
    made: tuple[Disk, ...], told: Mapping[str, Disk], rows: Iterable[SavedPartition], xen_release: str
) -> tuple[Disk, ...]:
    names = {row.device.removeprefix("/dev/") for row in rows}
    known = told.keys() | names | {split[0] for name in names if (split := split_partition(name)) is not None}
    return as_told(as_on_xen(made, xen_release) if xen_release else made, known)


def _is_same_size(made: Disk, told: Disk | None) -> bool:
    """A definition counts in whole gigabytes; a disk that differs by more has been made anew since."""
    return told is not None and abs(made.sectors - told.sectors) <= made.sectors // 10


def _merged(by_rows: Disk | None, told: Disk | None, live: bool) -> Disk | None:
    """One disk of both sources.

    A live report says what is on it now. One from after an install is as old as the rows, which an operator may
    have changed since; where both have the same partitions, the report is the more exact.
    """
    if by_rows is None or told is None:
        return told or by_rows
    saved = {one.name: one for one in by_rows.partitions}
    named = tuple(_named(one, saved.get(one.name)) for one in told.partitions)
    matching = {one.name for one in told.partitions if is_same_place(one, saved.get(one.name))}
    if live or not saved or (matching == set(saved) and len(matching) == len(named)):
        return replace(told, partitions=named)
    return replace(by_rows, sectors=max(by_rows.sectors, told.sectors))


def _named(one: ExistingPartition, row: ExistingPartition | None) -> ExistingPartition:
    """With the mount point that was saved of it."""
    if row is None or not is_same_place(one, row):
        return one
    return replace(row, start=one.start, length=one.length, kind=one.kind)


def is_same_place(one: ExistingPartition, other: ExistingPartition | None) -> bool:
    """Two rounded accounts may be of one partition."""
    if other is None:
        return False
    pairs = ((one.start, other.start), (one.length, other.length))
    return all(abs(first - second) <= max(first, second) // 100 + MIB_SECTORS for first, second in pairs)


def profile_of_node(attributes: Mapping[str, str], ram_mib: int = 0) -> Profile:
    """The profile of a Rocks version's release; the newest where ``rocks_version`` says nothing."""
    profile = Profile(ram_mib=ram_mib) if ram_mib else Profile()
    major = attributes.get("rocks_version", "").partition(".")[0]
    if major.isdecimal() and int(major) in RELEASE_OF_ROCKS:
        return replace(profile, release=RELEASE_OF_ROCKS[int(major)], rocks=int(major))
    return profile
