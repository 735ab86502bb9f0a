"""Sizes the installer works out itself: defaults, ``swap --recommended`` (RHEL 6 and later). MiB throughout."""

from __future__ import annotations

from collections.abc import Sequence

from partition_editor.disks import MIB_SECTORS
from partition_editor.planner.board import Board

DEFAULT_PART_MIB = 500
"""A ``part`` without ``--size``, or with 0."""
_GIB = 1024


def recommended_swap_mib(ram_mib: int, boards: Sequence[Board], *, hibernation: bool = False) -> int:
    """Return the swap size for a machine: by its memory, at most a tenth of the free disk space.

    Twice the memory below 2 GiB, as much below 8, half below 64, else 32 GiB; hibernation adds the memory and lifts
    the cap.
    """
    if ram_mib < 2 * _GIB:
        swap = 2 * ram_mib
    elif ram_mib < 8 * _GIB:
        swap = ram_mib
    elif ram_mib < 64 * _GIB:
        swap = ram_mib // 2
    else:
        swap = 32 * _GIB
    if hibernation:
        return swap + ram_mib
    free = sum(chunk.end - chunk.start + 1 for board in boards for chunk in board.chunks) // MIB_SECTORS
    return min(swap, free // 10) if free else swap
