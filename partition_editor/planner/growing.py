"""Growing: free space is shared out in proportion to the sizes asked for, then positions are worked out again.

Source: blivet's chunks. The same sharing serves partitions (in sectors) and logical volumes (in extents).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context

from partition_editor.disks import MIB_SECTORS
from partition_editor.planner.board import MSDOS_MAX, Board, Piece
from partition_editor.planner.gaps import GRAIN, Gap, align_down
from partition_editor.planner.refusing import Stop
from partition_editor.planner.wanted import Wanted

TWO_TIB_SECTORS = 2**32
_DECIMAL = Context(prec=28)
"""blivet shares with decimals of 28 digits and cuts off: a third of three million is 999,999, there and here."""


@dataclass(slots=True)
class Grower:
    """One member of a sharing.

    Attributes:
        base: Its size now, in the unit of the pool.
        cap: Most it may grow; None without limit.
        start: Where it starts while nothing has grown.
        end_before: It must not reach this; None without limit.
        done: It grows no further.
    """

    base: int
    done: bool
    cap: int | None = None
    start: int = 0
    end_before: int | None = None
    growth: int = 0

    def take(self, amount: int, before: int) -> int:
        """Grow by `amount`, or up to the limit and be done; return what was taken.

        `before` is what the members in front have grown, and so how far this one has moved.
        """
        most = self.cap
        if self.end_before is not None:
            room = self.end_before - self.start - before - self.base
            most = room if most is None else min(most, room)
        if most is not None and self.growth + amount >= most:
            amount = max(most, 0) - self.growth
            self.done = True
        self.growth += amount
        return amount


def share_out(growers: Sequence[Grower], pool: int) -> int:
    """Let `growers` share `pool` in proportion to their bases; return what nobody could take."""
    base = sum(one.base for one in growers if not one.done)
    last = 0
    while pool and pool != last and base > 0:
        last, new_base, before = pool, base, 0
        for one in growers:
            if not one.done:
                amount = int(_DECIMAL.multiply(_DECIMAL.divide(one.base, base), last))
                pool -= one.take(amount, before)
                new_base -= _base_if_done(one)
            before += one.growth
        base = new_base
    before = 0
    for one in growers:
        if pool and not one.done:
            pool -= one.take(pool, before)
        before += one.growth
    return pool


def _base_if_done(one: Grower) -> int:
    return one.base if one.done else 0


def growth_limit(wanted: Wanted, board: Board) -> int | None:
    """Return the most sectors a growing request may reach: ``--maxsize``, its format's and its label's maximum."""
    limits = [] if wanted.limit is None else [wanted.limit]
    if wanted.format.max_mib is not None:
        limits.append(wanted.format.max_mib * MIB_SECTORS)
    if board.label == "msdos":
        limits.append(MSDOS_MAX)
    return min(limits, default=None)


def _grower(wanted: Wanted, board: Board) -> Grower:
    if not wanted.grow:
        return Grower(wanted.length, done=True)
    limit = growth_limit(wanted, board)
    cap = None if limit is None else limit - wanted.length
    # blivet compares the last sector itself with the limit, so one sector more is let through.
    end_before = TWO_TIB_SECTORS + 1 if wanted.second_stage else None
    return Grower(wanted.length, cap is not None and cap <= 0, cap, wanted.start, end_before)


def _pool(chunk: Gap, board: Board, members: Sequence[Wanted]) -> int:
    length = chunk.end - chunk.start + 1
    if board.label == "msdos":
        length = min(length, MSDOS_MAX)
    return length - sum(one.length for one in members)


def _members(chunk: Gap, wanted: Sequence[Wanted]) -> list[Wanted]:
    return sorted((one for one in wanted if chunk.contains(one.start, one.end)), key=lambda one: one.start)


def total_growth(board: Board, placed: Sequence[Wanted]) -> int:
    """Return how many sectors the requests placed on a disk could grow by, all together."""
    total = 0
    if not any(one.grow for one in placed):
        return total
    for chunk in board.chunks:
        members = _members(chunk, placed)
        if any(one.grow for one in members):
            growers = [_grower(one, board) for one in members]
            share_out(growers, _pool(chunk, board, members))
            total += sum(one.growth for one in growers)
    return total


def grow_board(board: Board) -> None:
    """Grow what a disk holds and give everything in a grown region its final place and number.

    Raises:
        Stop: A partition would be left without a sector, the gap before a logical one having eaten it.
    """
    placed = [piece.wanted for piece in board.pieces if piece.wanted is not None]
    if not any(one.grow for one in placed):
        return
    for chunk in board.chunks:
        members = _members(chunk, placed)
        if any(one.grow for one in members):
            _grow_chunk(board, chunk, members)


def _grow_chunk(board: Board, chunk: Gap, members: Sequence[Wanted]) -> None:
    growers = [_grower(one, board) for one in members]
    share_out(growers, _pool(chunk, board, members))
    start = chunk.start
    for one, grower in zip(members, growers, strict=True):
        if one.kind == "logical":
            start += GRAIN
        end = min(align_down(start + grower.base + grower.growth - 1), align_down(chunk.end))
        if end <= start:
            # The words are pyparted's: the installer fails here on an exception nobody caught.
            raise Stop(
                "must specify PedGeometry or (device, start, length) or (device, start, end) or "
                "(device, start, length, end)",
                one.line,
                short_mib=1,
                disk=board.disk.name,
            )
        gained = (end - start + 1 - one.length) // MIB_SECTORS
        if one.grow and gained > 0:
            capped = grower.cap is not None and grower.growth >= grower.cap
            one.reasons.append(f"grew by {gained} MiB{' to its limit' if capped else ''}")
        elif gained < 0:
            one.reasons.append(f"lost {-gained} MiB to the gap before logical partitions")
        one.start, one.end = start, end
        start = end + 1
    _move_pieces(board, chunk, members)


def _move_pieces(board: Board, chunk: Gap, members: Sequence[Wanted]) -> None:
    """Put the pieces of a chunk where their requests are now; all its primaries are numbered anew by position."""
    ours = {id(one) for one in members}
    moved = [piece for piece in board.pieces if piece.wanted is not None and id(piece.wanted) in ours]
    logicals = [one for one in members if one.kind == "logical"]
    extended = board.extended
    if (
        extended is not None
        and extended.existing is None
        and logicals
        and chunk.contains(extended.start, extended.end)
    ):
        extended.start, extended.end = logicals[0].start - GRAIN, chunk.end
        moved.append(extended)
    for piece in moved:
        if piece.wanted is not None:
            piece.start, piece.end = piece.wanted.start, piece.wanted.end
    numbered: list[Piece] = [piece for piece in moved if piece.kind != "logical"]
    for piece in numbered:
        piece.number = 0
    for piece in sorted(numbered, key=lambda one: one.start):
        piece.number = board.free_number()
