"""Free regions of a disk and the grid they are used on: whole MiB on msdos and gpt. Sectors of 512 bytes."""

from __future__ import annotations

from dataclasses import dataclass

from partition_editor.disks import MIB_SECTORS

GRAIN = MIB_SECTORS
"""Partitions start and end on multiples of this, as libparted's optimal alignment of a disk without topology says."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Free sectors `start` to `end`, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Sectors in it."""
        return self.end - self.start + 1

    def contains(self, start: int, end: int) -> bool:
        """Whether a stretch lies wholly inside."""
        return self.start <= start and end <= self.end


def align_up(sector: int) -> int:
    """Return the first sector on the grid that is not before `sector`."""
    return -(-sector // GRAIN) * GRAIN


def align_down(sector: int) -> int:
    """Return the last sector that is not behind `sector` and has a grid line right behind it."""
    return (sector + 1) // GRAIN * GRAIN - 1


def best_gap(
    gaps: list[Gap],
    size: int,
    best: Gap | None,
    *,
    largest: bool,
    first: bool,
    end_before: int | None,
    start_max: int,
) -> Gap | None:
    """Return the gap a request of `size` sectors takes, or `best` when none is better.

    Args:
        gaps: Candidates, by position.
        size: Sectors wanted.
        best: The best found so far on other disks.
        largest: Prefer the largest (growing requests, extended partitions), else the smallest that fits.
        first: Take the first that fits (boot requests).
        end_before: The request must end before this sector.
        start_max: Largest start sector the label can express.
    """
    for gap in gaps:
        start = align_up(gap.start)
        if start > gap.end or start > start_max:
            continue
        if end_before is not None and start + size > end_before:
            continue
        # The installer measures the region before it aligns the start, so a request may end up a little smaller.
        if gap.length < size:
            continue
        if best is None or (gap.length > best.length if largest else gap.length < best.length):
            best = gap
            if first:
                break
    return best
