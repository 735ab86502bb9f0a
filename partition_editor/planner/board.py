"""A disk while it is being laid out: what lies where, which slots are free. Sectors of 512 bytes.

Rules of the labels are libparted's: msdos has four primary slots of which one may be an extended partition, gpt has
128 and keeps 33 sectors for its second copy at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from partition_editor.disks import MIB_SECTORS, Disk, ExistingPartition
from partition_editor.planner.gaps import Gap, align_down, align_up
from partition_editor.planner.wanted import Wanted
from partition_editor.sources.naming import partition_name

MSDOS_MAX = 2**32 - 1
"""Largest start sector and length an msdos label can express."""
_FIRST_SECTOR = {"msdos": 63, "gpt": 34}
_LAST_RESERVED = {"msdos": 1, "gpt": 34}
_PRIMARY_SLOTS = {"msdos": 4, "gpt": 128}
_MOST_LOGICALS = {"hd": 59, "sd": 11, "rd/": 3, "mmcblk": 5}
_USUAL_LOGICALS = 11
EBR_SECTORS = 2
"""Sectors at the head of an extended partition that hold its own table."""


@dataclass(slots=True, eq=False)
class Piece:
    """Something on the disk. `wanted` for a new partition, `existing` for a kept one, neither for a new extended."""

    kind: str
    start: int
    end: int
    number: int
    wanted: Wanted | None = None
    existing: ExistingPartition | None = None
    mount: str = ""
    fstype: str = ""
    line: int | None = None
    reformatted: bool = False


@dataclass(slots=True, eq=False)
class Board:
    """One disk's label and pieces.

    Attributes:
        label: ``msdos``, ``gpt`` or None: nothing can be put on a disk without a label.
        chunks: The free regions before anything new was placed, aligned; growing happens inside them.
    """

    disk: Disk
    label: str | None
    cleared: bool = False
    pieces: list[Piece] = field(default_factory=list)
    chunks: list[Gap] = field(default_factory=list)

    @property
    def extended(self) -> Piece | None:
        """The extended partition, if there is one."""
        for piece in self.pieces:
            if piece.kind == "extended":
                return piece
        return None

    @property
    def logicals(self) -> list[Piece]:
        """The logical partitions by position."""
        return sorted((one for one in self.pieces if one.kind == "logical"), key=lambda one: one.start)

    @property
    def slots(self) -> int:
        """Primary slots of the label."""
        return _PRIMARY_SLOTS.get(self.label or "", 0)

    @property
    def slots_used(self) -> int:
        """Primary slots taken; the extended partition takes one."""
        return sum(1 for one in self.pieces if one.kind != "logical")

    @property
    def most_logicals(self) -> int:
        """How many logical partitions the kernel gives this disk names for."""
        for prefix, count in _MOST_LOGICALS.items():
            if self.disk.name.startswith(prefix):
                return count
        return _USUAL_LOGICALS

    def next_kind(self, *, no_primary: bool = False) -> str | None:
        """Return what the next new partition would be: ``primary``, ``extended`` (with a logical in it), ``logical``.

        The last free slot of an msdos label always becomes the extended partition. None: no slot is left.
        """
        extended = self.extended
        logical_room = extended is not None and len(self.logicals) < self.most_logicals
        free = self.slots - self.slots_used
        if free == 1 and extended is None and self.label == "msdos":
            return "extended"
        if free > 0 and not no_primary:
            return "primary"
        return "logical" if logical_room else None

    def gaps(self, *, logical: bool) -> list[Gap]:
        """Return the free regions outside the extended partition, or with `logical` those inside it."""
        if self.label is None:
            return []
        extended = self.extended
        if not logical:
            first = _FIRST_SECTOR[self.label]
            last = self.disk.sectors - _LAST_RESERVED[self.label]
            return _between(first, last, sorted((p.start, p.end) for p in self.pieces if p.kind != "logical"))
        if extended is None:
            return []
        return _between(extended.start + EBR_SECTORS, extended.end, [(one.start, one.end) for one in self.logicals])

    def free_number(self) -> int:
        """Return the lowest primary slot nobody has."""
        taken = {one.number for one in self.pieces if one.kind != "logical"}
        number = 1
        while number in taken:
            number += 1
        return number

    def note_chunks(self) -> None:
        """Remember the free regions as they are now: growing is worked out within them."""
        self.chunks = []
        for gap in (*self.gaps(logical=False), *self.gaps(logical=True)):
            start, end = align_up(gap.start), align_down(gap.end)
            if end > start:
                self.chunks.append(Gap(start, end))

    def renumber_logicals(self) -> None:
        """Give the logicals their numbers: from 5, by position."""
        for number, piece in enumerate(self.logicals, start=5):
            piece.number = number

    def partition_name(self, number: int) -> str:
        """Return the kernel's name of partition `number` of this disk."""
        return partition_name(self.disk.name, number)


def _between(first: int, last: int, taken: list[tuple[int, int]]) -> list[Gap]:
    """Return what is left of ``[first, last]``."""
    found = []
    for start, end in taken:
        if start > first:
            found.append(Gap(first, start - 1))
        first = max(first, end + 1)
    if last >= first:
        found.append(Gap(first, last))
    return found


def disk_order(name: str) -> tuple[int, int, str]:
    """Return the key by which the installer sorts disks: vd and xvd, hd, sd, others; shorter names first."""
    for rank, prefixes in ((-1, ("vd", "xvd")), (0, ("hd",)), (1, ("sd",))):
        if name.startswith(prefixes):
            return rank, len(name), name
    return 2, len(name), name


def mib_up(sectors: int) -> int:
    """Return whole MiB, rounded up."""
    return -(-sectors // MIB_SECTORS)
