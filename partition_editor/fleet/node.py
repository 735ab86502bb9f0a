"""One node as the preview needs it, and its disks as facts for a decision. Pure values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from partition_editor.decisions.facts import DiskFacts, NodeFacts, Policy, SavedRow
from partition_editor.decisions.found import ARRAY_NAME
from partition_editor.disks import Disk, ExistingPartition, Firmware, Profile
from partition_editor.schemes.resolving import Applied
from partition_editor.sources.naming import split_partition
from partition_editor.sources.node import is_same_place
from partition_editor.sources.parted import sectors_of
from partition_editor.sources.report import Reported
from partition_editor.sources.stored import SavedPartition

HEADINGS = {
    "gpt": "Number  Start   End     Size    File system     Name    Flags",
    "msdos": "Number  Start   End     Size    Type      File system     Flags",
}


class SavedRowRecord(SavedPartition, Protocol):
    """A row of ``partitions`` with the two columns only decisions need."""

    @property
    def partitionid(self) -> str:
        """Always empty since Rocks reads parted."""

    @property
    def formatflags(self) -> str:
        """``--level=1`` of an array."""


def saved_row(name: str, row: SavedRowRecord) -> SavedRow:
    """A row of ``partitions`` in the order in which decisions take its columns.

    Args:
        name: Of the device, without ``/dev/``.
    """
    return (
        name,
        row.sectorstart,
        row.partitionsize,
        row.partitionid,
        row.fstype,
        row.partitionflags,
        row.formatflags,
        row.mountpoint,
    )


@dataclass(frozen=True, slots=True)
class FleetNode:
    """A node and everything its partitioning depends on.

    Attributes:
        disks: Empty when they are not known.
        unsized: Disks of which it is not known how large they are.
        unseen: Disks of a VM's definition of which nothing was ever reported or saved: blank, as far as is known.
        unknown: Why the disks are not known; empty when they are.
        signature: Equal for nodes that differ in nothing but their names; what may be shared is shared by it.
    """

    name: str
    profile: Profile
    applied: Applied
    disks: tuple[Disk, ...] = ()
    facts: NodeFacts = field(default_factory=lambda: NodeFacts({}, ()))
    variables: Mapping[str, str] = field(default_factory=dict)
    unknown: str = ""
    unsized: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    signature: tuple[object, ...] = ()


def facts_of(
    disks: Sequence[Disk],
    rows: Sequence[SavedRowRecord],
    policies: Mapping[str, Policy],
    profile: Profile,
    reported: Reported | None = None,
) -> NodeFacts:
    """The facts for a decision about a node whose disks are known from its last report (or are blank)."""
    told = reported or Reported(())
    by_device = {row.device.removeprefix("/dev/"): row for row in rows}
    known = {disk.name: _disk_facts(disk, by_device, told) for disk in disks}
    arrays = {name: row for name, row in by_device.items() if name.startswith("md")}
    known |= {name: DiskFacts(name, _array(name, row), "loop") for name, row in arrays.items()}
    details = {**told.arrays, **{name: _detail(row, told.arrays.get(name, "")) for name, row in arrays.items()}}
    saved: dict[str, list[SavedRow]] = {}
    for name, row in by_device.items():
        split = split_partition(name)
        owner = name if name in arrays or split is None else split[0]
        saved.setdefault(owner, []).append(saved_row(name, row))
    return NodeFacts(
        disks=known,
        disk_order=tuple(disk.name for disk in disks),
        raids=tuple(details),
        stamped=_stamped(told, saved),
        arrays=details,
        groups=told.groups,
        volumes=told.volumes,
        fstabs=_fstab(by_device) or told.fstabs,
        saved={disk: tuple(found) for disk, found in saved.items()},
        user_data=frozenset(disk.name for disk in disks if any(one.has_data for one in disk.partitions)),
        policies=policies,
        uefi=profile.firmware is Firmware.UEFI,
        major=profile.rocks or 7,
    )


def _disk_facts(disk: Disk, rows: Mapping[str, SavedRowRecord], told: Reported) -> DiskFacts:
    if disk.name in told.unreadable and not disk.partitions:
        return DiskFacts(disk.name, f"Error: /dev/{disk.name}: unrecognised disk label\n")
    return DiskFacts(disk.name, _parted(disk, rows), disk.label, not disk.partitions)


def _stamped(told: Reported, saved: Collection[str]) -> frozenset[str]:
    """The stamps that still count.

    Whoever removes the saved partitions of a disk that an install left behind lets go of it, and removes its stamps
    too: its stamps in an older report promise nothing any more.
    """
    if told.is_live:
        return told.stamped
    owners = {one: split[0] if (split := split_partition(one)) else one for one in told.stamped}
    return frozenset(one for one, disk in owners.items() if disk in saved)


def signature_of(
    disks: Sequence[Disk],
    rows: Iterable[SavedRowRecord],
    policies: Mapping[str, Policy],
    profile: Profile,
    reported: Reported | None = None,
) -> tuple[object, ...]:
    """Everything `facts_of` depends on, for comparing."""
    texts = tuple(
        (
            row.device,
            row.mountpoint,
            row.sectorstart,
            row.partitionsize,
            row.fstype,
            row.partitionflags,
            row.formatflags,
        )
        for row in rows
    )
    wanted = tuple(sorted((disk, one.value) for disk, one in policies.items()))
    return (tuple(disks), texts, wanted, profile, reported.signature if reported is not None else None)


def _parted(disk: Disk, rows: Mapping[str, SavedRowRecord]) -> str:
    whole = any(one.number == 0 for one in disk.partitions)
    label = "loop" if whole else disk.label or "msdos"
    lines = [
        f"Disk /dev/{disk.name}: {disk.sectors}s",
        f"Partition Table: {label}",
        "",
        HEADINGS.get(label, HEADINGS["gpt"]),
    ]
    lines += [_row(one, rows.get(one.name), label) for one in disk.partitions]
    return "\n".join(lines) + "\n"


def _row(one: ExistingPartition, row: SavedRowRecord | None, label: str) -> str:
    if row is not None and not _is_about(one, row):
        row = None
    start = row.sectorstart if row is not None else f"{one.start}s"
    size = row.partitionsize if row is not None else f"{one.length}s"
    words = [str(one.number or 1), start, f"{one.start + one.length - 1}s", size]
    words += [one.kind] if label == "msdos" else []
    fstype = row.fstype if row is not None else "linux-swap" if one.fstype == "swap" else one.fstype
    return " ".join([*words, *fstype.split()[:1], *one.flags])


def _is_about(one: ExistingPartition, row: SavedRowRecord) -> bool:
    """The row is of this partition, and not of one that had its name before."""
    start, length = sectors_of(row.sectorstart), sectors_of(row.partitionsize)
    return start is not None and length is not None and is_same_place(one, replace(one, start=start, length=length))


def _array(name: str, row: SavedRowRecord) -> str:
    heading = "Number  Start  End  Size  File system  Flags"
    words = f"1 {row.sectorstart or '0.00B'} - {row.partitionsize or '-'} {row.fstype}"
    return f"Disk /dev/{name}:\nPartition Table: loop\n\n{heading}\n{words}\n"


def _fstab(rows: Mapping[str, SavedRowRecord]) -> dict[str, str]:
    """The fstab the node had when it reported: on its root partition, by device names."""
    mounted = [(name, row.mountpoint) for name, row in rows.items() if row.mountpoint.startswith("/")]
    root = next((name for name, mount in mounted if mount == "/"), None)
    return {} if root is None else {root: "".join(f"/dev/{name} {mount} auto\n" for name, mount in mounted)}


def _detail(row: SavedRowRecord, told: str) -> str:
    """What mdadm would say, as far as the row and the report kept it."""
    level = row.formatflags.partition("--level=")[2].split(" ")[0]
    members = [word.removeprefix("raid.") for word in row.partitionflags.split() if word.startswith("raid.")]
    lines = [f"Raid Level : raid{level}", *(line for line in told.splitlines() if ARRAY_NAME.match(line))]
    lines += [f" {number} 0 0 {number} active sync /dev/{member}" for number, member in enumerate(members)]
    return "\n".join(lines) + "\n"
