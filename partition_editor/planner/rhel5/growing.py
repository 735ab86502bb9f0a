"""RHEL 5's growing: by shares of the free space, with a binary search that lays the drive out again for each try.

Source: anaconda 11.1's ``growParts``. Sizes in sectors; the arithmetic of shares is floating point there and here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from partition_editor.disks import MIB_SECTORS
from partition_editor.planner.refusing import Stop
from partition_editor.planner.rhel5.cylinders import CYLINDER, whole_cylinders
from partition_editor.planner.rhel5.drive import Drive
from partition_editor.planner.rhel5.placing import fits
from partition_editor.planner.rhel5.wanted import OldWanted

_ROUNDS = 20
_TRIES = 2000
_MOST_MIB = {"vfat": 1024 * 1024, "efi": 1024 * 1024, "xfs": 16 * 1024 * 1024}
_USUAL_MOST_MIB = 8 * 1024 * 1024


def swap_suggestion_mib(ram_mib: int) -> tuple[int, int]:
    """Return the least and the most swap RHEL 5 suggests: memory to twice of it; from 2 GB on, 1000 to 2000 more."""
    ram = (ram_mib // 16 + 1) * 16
    return (ram, 2 * ram) if ram <= 2000 else (1000, ram + 2000)


def grow_all(wanted: Sequence[OldWanted], drives: Mapping[str, Drive], ram_mib: int) -> None:
    """Grow what wants to grow, drive by drive; `wanted` is in allocation order and placed.

    Raises:
        Stop: A drive could not be laid out again with the size it had.
    """
    for name, drive in drives.items():
        here = [one for one in wanted if one.drive == name]
        growing = [one for one in here if one.grow]
        if growing and drive.free:
            _DriveGrowth(drive, here, growing, ram_mib).run()


class _DriveGrowth:
    """Grows the requests of one drive."""

    def __init__(self, drive: Drive, here: list[OldWanted], growing: list[OldWanted], ram_mib: int) -> None:
        self._drive = drive
        # Everything has its drive now, so only bootable and primary ones still go first.
        early = sorted((one for one in here if one.primary or one.boot), key=lambda one: not one.boot)
        self._order = [*early, *(one for one in here if not (one.primary or one.boot))]
        self._growing = _exchange_sorted(growing)
        self._ram_mib = ram_mib
        self._done: set[int] = set()

    def run(self) -> None:
        """Give out free space until nothing grows or it was tried often enough."""
        before = {id(one): one.sectors for one in self._growing}
        for _ in range(_ROUNDS):
            open_ones = [one for one in self._growing if id(one) not in self._done]
            if not open_ones or not self._drive.free:
                break
            total = sum(one.size_mib for one in open_ones)
            free = self._drive.free_sectors()
            for one in open_ones:
                if not self._drive.free:
                    break
                self._grow(one, free, total)
                if id(one) in self._done:
                    total -= one.size_mib
        for one in self._growing:
            gained = (one.sectors - before[id(one)]) // MIB_SECTORS
            if gained > 0:
                one.reasons.append(f"grew by {gained} MiB")

    def _length(self, one: OldWanted) -> int:
        return next(placed.end - placed.start + 1 for placed in self._drive.placed if placed.wanted is one)

    def _grow(self, one: OldWanted, free: int, total: int) -> None:
        start = self._length(one)
        share = one.size_mib / (total * 1.0) if total > 0 else 1.0
        most, imposed = self._limit(one, start, start + max(int(share * free), CYLINDER))
        low, high = start, most
        span = high - low
        current = high - span // 2
        last_span, failed = 0, False
        trial = _Trial(self._drive, self._order, one)
        for _ in range(_TRIES):
            if high == low or last_span == span:
                break
            if trial.fits(current):
                low = current
            else:
                failed = True
                high = current
            last_span, span = span, high - low
            current = high - span // 2
        if not trial.lay_out(low):
            raise Stop(f"Not enough space left to create partition for {one.mount}", one.line, disk=one.drive)
        if failed or (high == most and imposed):
            self._done.add(id(one))

    def _limit(self, one: OldWanted, start: int, most: int) -> tuple[int, bool]:
        """Return the most sectors a request may get, and whether a limit was imposed."""
        imposed = False
        if one.limit_mib:
            limit = whole_cylinders(one.limit_mib * MIB_SECTORS)
            if most > limit:
                most, imposed = limit, True
        elif one.fstype == "swap":
            # A growing swap is silently held to the suggestion.
            suggested = whole_cylinders(swap_suggestion_mib(self._ram_mib)[1] * MIB_SECTORS)
            if suggested >= one.size_mib * MIB_SECTORS:
                most, imposed = suggested, True
        limit = whole_cylinders(_MOST_MIB.get(one.fstype, _USUAL_MOST_MIB) * MIB_SECTORS)
        if most > limit:
            most, imposed = limit, True
        room = self._drive.largest_free() + start
        if most > room:
            most, imposed = room, True
        return most, imposed


class _Trial:
    """Tries sizes for one request. What stands before it in the order is placed once."""

    def __init__(self, drive: Drive, order: Sequence[OldWanted], one: OldWanted) -> None:
        index = next(index for index, other in enumerate(order) if other is one)
        before = drive.state()
        drive.reset()
        fits(order[:index], drive)
        self._drive = drive
        self._one = one
        self._rest = order[index:]
        self._start = drive.state()
        self._seen: dict[tuple[int, int], bool] = {}
        drive.restore(before)

    def fits(self, sectors: int) -> bool:
        """Whether everything has room with this size. Sizes that come to the same cylinders are tried once."""
        self._one.sectors = sectors
        self._drive.restore(self._start)
        if not fits(self._rest[:1], self._drive):
            return False
        place = self._drive.placed[-1]
        key = (place.start, place.end)
        if key not in self._seen:
            self._seen[key] = fits(self._rest[1:], self._drive)
        return self._seen[key]

    def lay_out(self, sectors: int) -> bool:
        """Lay the drive out with this size."""
        self._one.sectors = sectors
        self._drive.restore(self._start)
        return fits(self._rest, self._drive)


def _exchange_sorted(growing: Sequence[OldWanted]) -> list[OldWanted]:
    """Sort by size, largest first, by the installer's own exchange sort, which is not stable.

    Which of equals grows first decides who gets the odd cylinders; with the earlier-numbered ones in front this
    answers as the recorded installs do.
    """
    order = sorted(growing, key=lambda one: one.number)
    for n in range(len(order)):
        for index in range(len(order)):
            if order[index].size_mib < order[n].size_mib:
                order[index], order[n] = order[n], order[index]
    return order
