"""A table of plain text rows with the keys of every other list."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable


class RowTable(DataTable[Text]):
    """Textual's table, one row at a time. Cells are `Text`, so that nothing in them is read as markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="list.down"),
        Binding("k", "cursor_up", "Up", show=False, id="list.up"),
        Binding("g", "scroll_top", "Top", show=False, id="list.first"),
        Binding("G", "scroll_bottom", "Bottom", show=False, id="list.last"),
        Binding("ctrl+d", "page_down", "Page down", show=False, id="list.page-down"),
        Binding("ctrl+u", "page_up", "Page up", show=False, id="list.page-up"),
    ]
    DEFAULT_CSS = """
    RowTable { height: 1fr; background: $background; scrollbar-size-horizontal: 0; }
    RowTable:focus { background-tint: $foreground 0%; }
    """

    def __init__(self, *columns: str, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(cursor_type="row", cell_padding=1, id=id)
        self.add_columns(*columns)

    def fill(self, rows: list[tuple[Text, ...]]) -> None:
        """Show other rows; the cursor stays on the same line number as far as there is one."""
        at = self.cursor_row
        self.clear()
        # Textual's columns only ever grow: what was wide before would push the last ones off the screen.
        for place, column in enumerate(self.ordered_columns):
            column.content_width = max([column.label.cell_len, *(row[place].cell_len for row in rows)])
        for row in rows:
            self.add_row(*row)
        self.move_cursor(row=min(at, max(0, len(rows) - 1)))
