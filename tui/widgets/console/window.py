"""Which part of a guest's terminal a pane shows. Pure.

A serial line carries no size: guests draw for 80x24 whatever the pane is. So the terminal is never smaller than that,
and a smaller pane is a window over it that follows the guest's cursor.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.console.cells import Cursor

GUEST_COLUMNS, GUEST_ROWS = 80, 24
_MARGIN = 8
"""Columns kept in sight right of the cursor when the window moves sideways."""


def guest_size(width: int, height: int) -> tuple[int, int]:
    """The terminal's columns and rows for a pane of this size."""
    return max(GUEST_COLUMNS, width), max(GUEST_ROWS, height)


@dataclass(frozen=True, slots=True)
class Window:
    """The window's upper left corner on the terminal.

    Attributes:
        held: The operator put it there; it does not follow the cursor.
    """

    top: int = 0
    left: int = 0
    held: bool = False

    def following(self, cursor: Cursor, columns: int, rows: int, width: int, height: int) -> Window:
        """The window after the guest drew, moved no more than the cursor asks for."""
        most_top, most_left = max(0, rows - height), max(0, columns - width)
        top, left = min(self.top, most_top), min(self.left, most_left)
        if self.held:
            return Window(top, left, True)
        if not top <= cursor.row < top + height:
            top = min(most_top, max(0, cursor.row - height + 1 if cursor.row >= top else cursor.row))
        if cursor.column < width:
            left = 0
        elif not left <= cursor.column < left + width:
            left = min(most_left, max(0, cursor.column - width + 1 + _MARGIN))
        return Window(top, left)

    def moved(self, down: int, right: int, columns: int, rows: int, width: int, height: int) -> Window:
        """The window put elsewhere by the operator, as far as the terminal reaches."""
        top = min(max(0, self.top + down), max(0, rows - height))
        left = min(max(0, self.left + right), max(0, columns - width))
        return Window(top, left, True)
