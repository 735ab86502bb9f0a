"""One drive while RHEL 5 lays it out: free regions by position, placed requests, slots. Sectors of 512 bytes.

Source: anaconda 11.1's fitting of sized requests. A drive is laid out from scratch each time a size is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from partition_editor.disks import MIB_SECTORS, Disk, ExistingPartition
from partition_editor.planner.rhel5.cylinders import CYLINDER, TRACK, snap, whole_cylinders
from partition_editor.planner.rhel5.wanted import OldWanted

_MOST_LOGICALS = {"hd": 59, "sd": 11, "cciss/": 11, "rd/": 3, "vd": 11, "xvd": 11}
_UNUSUAL_LOGICALS = 11


@dataclass(frozen=True, slots=True)
class Region:
    """Free sectors, both ends included."""

    start: int
    end: int
    logical: bool = False

    @property
    def length(self) -> int:
        """Sectors in it."""
        return self.end - self.start + 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A request and where it went."""

    wanted: OldWanted
    kind: str
    start: int
    end: int


DriveState = tuple[tuple[Region, ...], tuple[Placed, ...], tuple[int, int] | None, int, int]


@dataclass(slots=True, eq=False)
class Drive:
    """A drive's state.

    Attributes:
        kept: Existing partitions that stay.
        primaries: Primary partitions, the extended one not counted.
        free: Free regions by position.
        extended: First and last sector of an extended partition, new or kept.
    """

    disk: Disk
    label: str
    kept: tuple[ExistingPartition, ...] = ()
    cleared: bool = False
    free: list[Region] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    extended: tuple[int, int] | None = None
    primaries: int = 0
    logicals: int = 0

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything that was placed."""
        self.placed = []
        self.primaries = sum(1 for one in self.kept if one.kind == "primary")
        self.logicals = sum(1 for one in self.kept if one.kind == "logical")
        self.extended = next((_ends(one) for one in self.kept if one.kind == "extended"), None)
        outer = sorted(_ends(one) for one in self.kept if one.kind != "logical")
        inner = sorted(_ends(one) for one in self.kept if one.kind == "logical")
        # The last, partial cylinder is no free space to libparted.
        self.free = _between(TRACK, whole_cylinders(self.disk.sectors) - 1, outer, logical=False)
        if self.extended is not None:
            self.free += _between(self.extended[0] + TRACK, self.extended[1], inner, logical=True)
            self.free.sort(key=lambda one: one.start)

    def state(self) -> DriveState:
        """Return what `restore` needs to come back here."""
        return tuple(self.free), tuple(self.placed), self.extended, self.primaries, self.logicals

    def restore(self, state: DriveState) -> None:
        """Go back to a state."""
        free, placed, self.extended, self.primaries, self.logicals = state
        self.free, self.placed = list(free), list(placed)

    @property
    def most_primaries(self) -> int:
        """Primary slots of the label."""
        return 128 if self.label == "gpt" else 4

    @property
    def most_logicals(self) -> int:
        """Logical partitions the kernel has names for."""
        found = (count for prefix, count in _MOST_LOGICALS.items() if self.disk.name.startswith(prefix))
        return next(found, _UNUSUAL_LOGICALS)

    def best_region(self, wanted: OldWanted, size: int, larger_than: int, *, first: bool) -> Region | None:
        """Return the largest region a request of `size` sectors fits, if larger than `larger_than` sectors.

        With `first` the first that fits. Room is compared in whole MiB of one sector less, as the installer does.
        """
        needed = (size - 1) // MIB_SECTORS * MIB_SECTORS
        slots_full = self.primaries + (self.extended is not None) >= self.most_primaries
        names_full = self.logicals >= self.most_logicals
        best = None
        for region in self.free:
            if (names_full or wanted.primary) if region.logical else slots_full:
                continue
            length = region.length
            if length >= needed and length > larger_than:
                best, larger_than = region, length
                if first:
                    break
        return best

    def place(self, wanted: OldWanted, size: int, region: Region) -> bool:
        """Put a request into a region; False when the region has no whole cylinder for it."""
        last_slot = self.primaries == self.most_primaries - 1 and self.extended is None
        if last_slot and not region.logical and not wanted.primary and self.label == "msdos":
            inside = self._extend(region)
            if inside is None:
                return False
            region = inside
        found = snap(region.start, region.end, size, logical=region.logical)
        if found is None:
            return False
        self._occupy(wanted, region, *found)
        return True

    def place_at(self, wanted: OldWanted, first: int, last: int) -> bool:
        """Put a request on given cylinders; False when something is there or no slot is left."""
        region = next((one for one in self.free if one.start <= first + TRACK and last <= one.end), None)
        if region is None:
            return False
        if region.logical:
            if wanted.primary or self.logicals >= self.most_logicals:
                return False
        elif self.primaries + (self.extended is not None) >= self.most_primaries:
            return False
        start = first + TRACK if region.logical or first == 0 else first
        if start < region.start or last <= start:
            return False
        self._occupy(wanted, region, start, last)
        return True

    def _occupy(self, wanted: OldWanted, region: Region, start: int, end: int) -> None:
        kind = "logical" if region.logical else "primary"
        self.placed.append(Placed(wanted, kind, start, end))
        if region.logical:
            self.logicals += 1
        else:
            self.primaries += 1
        index = self.free.index(region)
        left = []
        gap_end = start - 1 - (TRACK if region.logical else 0)
        if gap_end >= region.start and start > TRACK:
            left.append(Region(region.start, gap_end, region.logical))
        if end < region.end:
            left.append(Region(end + 1, region.end, region.logical))
        self.free[index : index + 1] = left

    def _extend(self, region: Region) -> Region | None:
        """Make an extended partition of a whole region; return the free region inside."""
        start = 0 if region.start <= TRACK else -(-region.start // CYLINDER) * CYLINDER
        end = (region.end + 1) // CYLINDER * CYLINDER - 1
        start = max(start, TRACK)
        if end <= start:
            return None
        self.extended = (start, end)
        index = self.free.index(region)
        inside = Region(start + TRACK, end, logical=True)
        left = [Region(region.start, start - 1)] if region.start < start else []
        left.append(inside)
        if end < region.end:
            left.append(Region(end + 1, region.end))
        self.free[index : index + 1] = left
        return inside

    def free_sectors(self) -> int:
        """Return all free sectors together."""
        return sum(one.length for one in self.free)

    def largest_free(self) -> int:
        """Return the length of the largest free region, 0 without one."""
        return max((one.length for one in self.free), default=0)


def _ends(one: ExistingPartition) -> tuple[int, int]:
    return one.start, one.start + one.length - 1


def _between(first: int, last: int, taken: Sequence[tuple[int, int]], *, logical: bool) -> list[Region]:
    found = []
    for start, end in taken:
        if start > first:
            found.append(Region(first, start - 1, logical))
        first = max(first, end + 1)
    if last >= first:
        found.append(Region(first, last, logical))
    return found
