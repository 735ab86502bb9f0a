"""How consoles share the screen: tiles, and the line with their names."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len
from textual.containers import Grid
from textual.geometry import Size

from tui.widgets.console import ConsolePane

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


class Tiles(Grid):
    """The open consoles, all of them side by side and above each other, or one alone."""

    DEFAULT_CSS = """
    Tiles { grid-size: 1; grid-gutter: 0; height: 1fr; }
    """

    @property
    def panes(self) -> list[ConsolePane]:
        """Every open console, in the order of opening."""
        return list(self.query(ConsolePane)) if self.is_mounted else []

    def lay_out(self, alone: ConsolePane | None, room: Size, *, zoomed: bool) -> list[ConsolePane]:
        """Show as many as have room.

        Args:
            alone: The one that is shown where only one is.
            room: What the tiles have of the screen.
            zoomed: Show one only, whatever there is room for.

        Returns:
            Those that are shown.
        """
        panes = shown = self.panes
        grid = layout(len(panes), room.width, room.height)
        if zoomed or grid is None:
            shown, grid = ([alone] if alone else []), (1, 1)
        for pane in panes:
            pane.display = pane in shown
        self.styles.grid_size_columns, self.styles.grid_size_rows = grid
        for at, pane in enumerate(shown, 1):
            # The last takes what its row has left.
            pane.styles.column_span = 1 if at < len(shown) else grid[0] - (at - 1) % grid[0]
        return shown
