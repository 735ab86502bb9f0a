"""Placing: each request in turn goes to the region the installer would choose on the disks it may use.

Source: blivet's allocation (RHEL 6 and later). A boot request takes the first region that fits, a growing one the
largest, a fixed one the smallest of all candidate disks; as soon as something grows, the layout with the largest
total growth wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partition_editor.disks import Firmware
from partition_editor.planner.board import EBR_SECTORS, MSDOS_MAX, Board, Piece, mib_up
from partition_editor.planner.gaps import GRAIN, Gap, align_down, align_up, best_gap
from partition_editor.planner.growing import TWO_TIB_SECTORS, total_growth
from partition_editor.planner.ordering import placing_order, reason_for_place
from partition_editor.planner.refusing import Stop
from partition_editor.planner.wanted import Wanted

_NO_ROOM = "Unable to allocate requested partition scheme."
_NO_ROOM_ON = "Unable to allocate requested partition scheme on requested disks:\n"


@dataclass(frozen=True, slots=True)
class _Choice:
    board: Board
    kind: str
    gap: Gap


class Placer:
    """Places requests on boards, in disk order with the boot disk first."""

    def __init__(self, boards: Sequence[Board], firmware: Firmware) -> None:
        self._boards = list(boards)
        self._by_name: dict[str, list[Board]] = {}
        for board in self._boards:
            self._by_name.setdefault(board.disk.name, []).append(board)
        self._firmware = firmware
        self._placed: dict[int, list[Wanted]] = {id(board): [] for board in boards}
        self._growths: dict[int, int] = {}
        self._kinds: dict[int, str | None] = {}
        self._gaps: dict[tuple[int, bool], list[Gap]] = {}
        self._growing = False

    def place_all(self, wanted: Sequence[Wanted]) -> None:
        """Place every request.

        Raises:
            Stop: One has no place.
        """
        order = placing_order(wanted)
        second_stage = "/boot" if any(one.mount == "/boot" for one in wanted) else "/"
        for one in wanted:
            one.second_stage = one.mount == second_stage
        for index, one in enumerate(order):
            self._growing = self._growing or one.grow
            reason = reason_for_place(order, index)
            if reason:
                one.reasons.append(reason)
            self._place(one)

    def _place(self, one: Wanted) -> None:
        candidates = self._boards if one.disk is None else self._by_name.get(one.disk, [])
        choice: _Choice | None = None
        growth = 0
        errors: list[str] = []
        for board in candidates:
            found = self._candidate(board, one, None if choice is None else choice.gap, errors)
            if found is not None:
                if self._growing:
                    possible = self._growth_with(found, one)
                    if possible is not None and (choice is None or possible > growth):
                        choice, growth = found, possible
                else:
                    choice = found
            if choice is not None and one.boot:
                break
        if choice is None:
            raise self._refusal(one, candidates, errors)
        self._explain(one, choice, candidates)
        self._commit(choice, one)

    def _candidate(self, board: Board, one: Wanted, best: Gap | None, errors: list[str]) -> _Choice | None:
        kind = self._next_kind(board)
        if kind is None:
            errors.append(f"{board.disk.name}: no free partition slots")
            return None
        if one.primary and kind != "primary":
            if board.slots_used >= board.slots:
                errors.append(f"{board.disk.name}: no primary partition slots available")
                return None
            kind = "primary"
        # A growing request is offered each disk's best region: the growth decides between them.
        so_far = None if one.grow else best
        gap = self._best(board, kind, one, so_far)
        if gap is best and not one.primary and kind == "primary":
            logical = board.next_kind(no_primary=True)
            if logical is not None:
                kind = logical
                gap = self._best(board, kind, one, so_far)
        return None if gap is None or gap is best else _Choice(board, kind, gap)

    def _next_kind(self, board: Board) -> str | None:
        if id(board) not in self._kinds:
            self._kinds[id(board)] = board.next_kind()
        return self._kinds[id(board)]

    def _free(self, board: Board, *, logical: bool) -> list[Gap]:
        key = id(board), logical
        if key not in self._gaps:
            self._gaps[key] = board.gaps(logical=logical)
        return self._gaps[key]

    def _best(self, board: Board, kind: str, one: Wanted, best: Gap | None) -> Gap | None:
        return best_gap(
            self._free(board, logical=kind == "logical"),
            one.size,
            best,
            largest=one.grow or kind == "extended",
            first=one.boot,
            end_before=TWO_TIB_SECTORS if one.boot and self._firmware is Firmware.BIOS else None,
            start_max=MSDOS_MAX if board.label == "msdos" else board.disk.sectors,
        )

    def _growth_with(self, choice: _Choice, one: Wanted) -> int | None:
        """Return the total growth over all disks with `one` placed as chosen; None when it cannot be placed so."""
        place = _position(choice, one)
        if place is None:
            return None
        kept = (one.kind, one.start, one.end)
        one.kind, one.start, one.end = place
        total = 0
        for board in self._boards:
            placed = self._placed[id(board)]
            if board is choice.board:
                total += total_growth(board, [*placed, one])
            else:
                key = id(board)
                if key not in self._growths:
                    self._growths[key] = total_growth(board, placed)
                total += self._growths[key]
        one.kind, one.start, one.end = kept
        return total

    def _commit(self, choice: _Choice, one: Wanted) -> None:
        board = choice.board
        place = _position(choice, one)
        if place is None:
            text = "not enough free space after creating extended partition"
            raise Stop(text, one.line, short_mib=1, disk=board.disk.name)
        one.kind, one.start, one.end = place
        if choice.kind == "extended":
            start, end = align_up(choice.gap.start), align_down(choice.gap.end)
            board.pieces.append(Piece("extended", start, end, board.free_number()))
        number = 0 if one.kind == "logical" else board.free_number()
        board.pieces.append(Piece(one.kind, one.start, one.end, number, one))
        self._placed[id(board)].append(one)
        # What was worked out about this board no longer holds.
        self._growths.pop(id(board), None)
        self._kinds.pop(id(board), None)
        self._gaps.pop((id(board), False), None)
        self._gaps.pop((id(board), True), None)

    def _explain(self, one: Wanted, choice: _Choice, candidates: Sequence[Board]) -> None:
        if choice.kind == "extended":
            one.reasons.append("4th primary became logical")
        elif choice.kind == "logical":
            one.reasons.append("no primary slot left, so logical")
        if len(candidates) > 1:
            name = choice.board.disk.name
            if one.boot:
                one.reasons.append(f"goes to {name}, the first disk with room")
            elif self._growing:
                one.reasons.append(f"goes to {name}, where most can grow")
            else:
                one.reasons.append(f"goes to {name}, the smallest gap that fits")

    def _refusal(self, one: Wanted, candidates: Sequence[Board], errors: Sequence[str]) -> Stop:
        largest, where = 0, None
        for board in candidates:
            for gap in (*board.gaps(logical=False), *board.gaps(logical=True)):
                room = gap.end - align_up(gap.start) + 1
                if room > largest:
                    largest, where = room, board.disk.name
        short = mib_up(one.size - largest) if candidates and one.size > largest else None
        if errors:
            return Stop(_NO_ROOM_ON + "\n".join(errors), one.line, short_mib=short, disk=one.disk or where)
        return Stop(_NO_ROOM, one.line, short_mib=short, disk=one.disk or where)


def _position(choice: _Choice, one: Wanted) -> tuple[str, int, int] | None:
    """Return kind, first and last sector of a request in the chosen gap.

    None when a new extended partition leaves too little inside itself.

    Raises:
        Stop: Not one grain is left behind the gap a logical partition needs before it.
    """
    start, last = align_up(choice.gap.start), align_down(choice.gap.end)
    kind = "primary" if choice.kind == "primary" else "logical"
    if choice.kind == "extended":
        inside = Gap(start + EBR_SECTORS, last)
        if inside.length < one.size:
            return None
        start = align_up(inside.start)
    if kind == "logical":
        start += GRAIN
    end = min(align_down(start + one.size - 1 + GRAIN - 1), last)
    if start > end:
        raise Stop("unable to allocate aligned partition", one.line, short_mib=1, disk=choice.board.disk.name)
    return kind, start, end
