"""How consoles share the screen: tiles, and the line with their names. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len

_FULL_COLUMNS = 82
"""A tile this wide shows whole lines of an 80-column guest inside its border."""
_TILE_COLUMNS, _TILE_ROWS = 40, 8
"""A tile smaller than this is no use; only the current console is shown then."""


def layout(count: int, width: int, height: int) -> tuple[int, int] | None:
    """How many tiles side by side and above each other; None when they would be too small to be of use.

    Whole lines count for more than many lines: tiles stand side by side only where each is 80 columns wide, or where
    there is no room above each other.
    """
    for columns in range(max(1, min(count, width // _FULL_COLUMNS)), count + 1):
        rows = math.ceil(count / columns)
        if width // columns >= _TILE_COLUMNS and height // rows >= _TILE_ROWS:
            return columns, rows
    return None if count > 1 else (1, 1)


def tab_line(labels: Sequence[str], current: int, width: int) -> str:
    """The names of all consoles; where they do not fit, from as far right as shows the current one."""
    tabs = [f"[{label}]" if at == current else f" {label} " for at, label in enumerate(labels)]
    first = 0
    while first < current and cell_len(" ".join(tabs[first : current + 1])) > width - 2:
        first += 1
    return ("< " if first else "") + " ".join(tabs[first:])
