"""The action log: what was done, by whom, with what result. Newest first, filtered as you type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import DataTable, Input

from core.errors import QuarryError
from tui.actions.action import Context
from tui.fleet import LogRow
from tui.render.text import clean
from tui.screens.output import OutputScreen
from tui.screens.page import Page
from tui.text import count
from tui.widgets.line_input import LineInput
from tui.widgets.lines import Line, Role
from tui.widgets.row_table import RowTable

LOADED = 1000
RELOAD_S = 2.0

Load = Callable[[int], Awaitable[Sequence[LogRow]]]


def matching(rows: Iterable[LogRow], words: str) -> list[LogRow]:
    """The rows that have every word somewhere; ``!word`` wants it nowhere."""
    wanted = words.casefold().split()

    def fits(row: LogRow) -> bool:
        text = f"{row.at:%Y-%m-%d %H:%M:%S} {row.who} {row.what} {row.target} {row.result} {row.detail}".casefold()
        return all((word[1:] not in text) if word.startswith("!") and word[1:] else word in text for word in wanted)

    return [row for row in rows if fits(row)]


class LogScreen(Page):
    """A table with a filter line above it."""

    CONTEXT = Context.LOG
    DEFAULT_CSS = """
    LogScreen #filter { border: none; padding: 0 1; height: 1; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False),
    ]

    def __init__(self, load: Load) -> None:
        super().__init__("Log")
        self._load = load
        self._rows: Sequence[LogRow] = ()
        self._shown: list[LogRow] = []
        self._words = ""

    def body(self) -> Iterable[Widget]:
        """Filter and table."""
        yield LineInput(placeholder="/ filter: words, !word", id="filter", compact=True)
        yield RowTable("WHEN", "WHO", "RESULT", "WHAT", "WHY", id="rows")

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """What the footer names."""
        return (("/", "Filter"), ("Enter", "In full"))

    def on_mount(self) -> None:
        """Read the log now and every few seconds."""
        super().on_mount()
        self.query_one("#rows").focus()
        self.reload()
        self.set_interval(RELOAD_S, self.reload)

    @work(exclusive=True)
    async def reload(self) -> None:
        """Read the newest entries and show them when they are other ones."""
        try:
            rows = await self._load(LOADED)
        except QuarryError as error:
            self.set_title("Log", error.sentence)
            return
        if rows != self._rows or not rows:
            self._rows = rows
            self._fill()

    @on(Input.Changed, "#filter")
    def narrow(self, event: Input.Changed) -> None:
        """Show only what has the words."""
        self._words = event.value
        self._fill()

    @on(Input.Submitted, "#filter")
    def keep(self) -> None:
        """Enter keeps the filter and goes to the table."""
        self.query_one("#rows").focus()

    def on_key(self, event: events.Key) -> None:
        """Esc peels the filter before it leaves the view."""
        field = self.query_one("#filter", Input)
        if event.key == "escape" and (field.has_focus or field.value):
            event.stop()
            event.prevent_default()
            field.clear()
            self.query_one("#rows").focus()

    def action_filter(self) -> None:
        """To the filter line."""
        self.query_one("#filter").focus()

    @on(DataTable.RowSelected)
    def in_full(self, event: DataTable.RowSelected) -> None:
        """Enter shows a whole entry, which the columns may have cut."""
        if event.cursor_row < len(self._shown):
            row = self._shown[event.cursor_row]
            lines = [
                Line(f"{row.at:%Y-%m-%d %H:%M:%S}  {row.who}  {row.result}", Role.STRONG),
                Line(f"quarry {row.what}", hang=2),
                *([Line(f"on {row.target}", hang=2)] if row.target else []),
                *([Line(row.detail, hang=2)] if row.detail else []),
            ]
            self.app.push_screen(OutputScreen("Log entry", lines))

    def _fill(self) -> None:
        self._shown = matching(self._rows, self._words)
        self.query_one("#rows", RowTable).fill([self._cells(row) for row in self._shown])
        entries = count(len(self._rows), "entry", "entries")
        self.set_title("Log", f"{len(self._shown)} of {entries}" if self._words else entries)

    def _cells(self, row: LogRow) -> tuple[Text, ...]:
        role = {"ok": "success", "failed": "error"}.get(row.result, "warning")
        texts = (f"{row.at:%m-%d %H:%M:%S}", row.who, row.result, _what(row), row.detail)
        cells = [Text(clean(text)) for text in texts]
        cells[2].stylize(self.app.theme_variables[role])
        return tuple(cells)


def _what(row: LogRow) -> str:
    return row.what if not row.target or row.target in row.what else f"{row.what} ({row.target})"
