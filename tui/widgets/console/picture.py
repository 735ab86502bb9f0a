"""What a pane shows of a guest's terminal: its rows, the window over them, a marked match. Pure.

`Picture` belongs to one pane and is called on the screen's thread only.
"""

from __future__ import annotations

from rich.style import Style
from textual.strip import Strip

from core.console.cells import Cursor, Frame, Row, row_text
from tui.widgets.console.strips import row_strip, with_cursor, with_highlight
from tui.widgets.console.window import Window

_REVERSED = Style(reverse=True)


class Picture:
    """See the module. `width` and `height` are the pane's, without what is said below the terminal."""

    def __init__(self) -> None:
        """Nothing is known of the terminal yet."""
        self.frame = Frame(0, 0, Cursor(0, 0, False))
        self.found: tuple[int, int, int] | None = None
        """The match that is marked: row of the terminal, first cell, cells."""
        self._rows: list[Row] = []
        self._window = Window()

    @property
    def top(self) -> int:
        """The first row of the terminal in sight."""
        return self._window.top

    @property
    def is_held(self) -> bool:
        """The operator chose what is in sight; it does not follow the guest."""
        return self._window.held or self.frame.offset > 0

    def take(self, frame: Frame, width: int, height: int) -> set[int] | None:
        """Take what changed.

        Returns:
            The lines of the pane to draw anew; None for all of them.
        """
        before, self.frame = self.frame, frame
        whole = len(self._rows) != frame.rows or frame.modes.reverse_video != before.modes.reverse_video
        if len(self._rows) != frame.rows:
            self._rows = [()] * frame.rows
        for number, row in frame.changed.items():
            self._rows[number] = row
        window = self._window.following(frame.cursor, frame.columns, frame.rows, width, height)
        if whole or window != self._window:
            self._window = window
            return None
        touched = set(frame.changed)
        if before.cursor != frame.cursor:
            touched |= {before.cursor.row, frame.cursor.row}
        return {number - window.top for number in touched if 0 <= number - window.top < height}

    def grow(self) -> None:
        """The pane has another size: what a smaller one had to cut off above the cursor may have room again."""
        if not self._window.held:
            self._window = Window()

    def move(self, down: int, right: int, width: int, height: int) -> None:
        """Put the window elsewhere, as far as the terminal reaches."""
        self._window = self._window.moved(down, right, self.frame.columns, self.frame.rows, width, height)

    def follow(self) -> None:
        """Follow the guest again, and mark nothing."""
        self.found = None
        self._window = Window(self._window.top)

    def mark(self, row: int, cell: int, cells: int, width: int, height: int) -> None:
        """Mark a match and bring it into sight."""
        self.found = (row, cell, cells)
        self._window = Window(held=True)
        self.move(row - height // 2, 0 if cell + cells <= width else cell - width // 2, width, height)

    def strip(self, y: int, width: int, base: Style, *, cursor: bool) -> Strip:
        """A line of the pane.

        Args:
            base: The pane's own colours.
            cursor: The guest's cursor is drawn, where it is in this line.
        """
        frame, number = self.frame, y + self._window.top
        if frame.modes.reverse_video:
            base += _REVERSED
        if number >= len(self._rows):
            return Strip.blank(width, base)
        whole = max(frame.columns, self._window.left + width)
        strip = row_strip(self._rows[number], whole, base)
        if self.found is not None and self.found[0] == number:
            strip = with_highlight(strip, self.found[1], self.found[2], _REVERSED)
        if cursor and frame.cursor.visible and frame.cursor.row == number:
            strip = with_cursor(strip, frame.cursor, whole)
        return strip.crop(self._window.left, self._window.left + width)

    def text(self) -> str:
        """The whole terminal as text, for copying."""
        return "\n".join(row_text(row).rstrip() for row in self._rows).rstrip()
