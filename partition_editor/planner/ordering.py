"""In which order the installer places requests: not as written, but by a weighted comparison of each two.

The comparison is blivet's: boot weight, pinned to a disk, primary only, fixed before growing, larger first, unlimited
growth before limited, then the mount point. File order only breaks ties.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key

from partition_editor.planner.wanted import Wanted


def _compare(a: Wanted, b: Wanted) -> int:
    rank = b.weight - a.weight
    rank += 500 * ((a.disk is None) - (b.disk is None))
    rank -= 200 * (a.primary - b.primary)
    rank += 100 * (a.grow - b.grow)
    rank -= 50 * ((a.size > b.size) - (a.size < b.size))
    if a.grow and b.grow:
        if (a.limit is None) != (b.limit is None):
            rank += -25 if a.limit is None else 25
        elif a.limit is not None and b.limit is not None:
            rank -= 25 * ((a.limit > b.limit) - (a.limit < b.limit))
    if a.format.mountable and b.format.mountable:
        rank += 10 * ((a.mount > b.mount) - (a.mount < b.mount))
    return rank


def placing_order(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return the requests in the order they are placed.

    The comparison is not transitive, so what it starts from matters: the installer's devices are sorted by name.
    Members are named as written, others req0, req1, … and req10 stands before req2.
    """
    return sorted(sorted(wanted, key=lambda one: one.req), key=cmp_to_key(_compare))


def reason_for_place(order: Sequence[Wanted], index: int) -> str:
    """Return why a request is placed where it is in the order, in a short clause; empty for the only one."""
    if len(order) == 1:
        return ""
    one = order[index]
    follower = order[index + 1] if index + 1 < len(order) else None
    if follower is None:
        return f"placed last, after {order[index - 1].shown}"
    place = "placed first" if index == 0 else "placed before it"
    if one.weight > follower.weight:
        return "needed for booting, so placed first"
    if one.disk is not None and follower.disk is None:
        return f"pinned to a disk and {follower.shown} is not, so {place}"
    if one.primary and not follower.primary:
        return f"must be primary and {follower.shown} need not, so {place}"
    if follower.grow and not one.grow:
        return f"of fixed size and {follower.shown} grows, so {place}"
    if one.size > follower.size:
        return f"larger than {follower.shown}, so {place}"
    return f"as large as {follower.shown}, {place} by name"
