"""Drive bars, device table, source and findings as one: one cursor goes through all of them."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from partition_editor.document.lines import Document
from partition_editor.picture import Picture
from tui.widgets.partitioning.bars import LINES_EACH, DriveBars
from tui.widgets.partitioning.findings import FindingsList
from tui.widgets.partitioning.messages import Chosen, FindingReached, Folded, LineReached, Moved
from tui.widgets.partitioning.rows import Key, Row, View, make_rows
from tui.widgets.partitioning.source import SourceView
from tui.widgets.partitioning.table import DeviceTable
from tui.widgets.partitioning.typing import Place

SIDE_BY_SIDE = 110
"""Columns from which table and source stand beside each other."""

HIGH = 32
"""Lines of the screen from which the findings have more room."""

TABLE_COLUMNS = 88
"""Columns in which every column of the table has room."""


class Workbench(Vertical):
    """Everything between the editor's first and last lines. Posts `Moved` when the cursor is on something else."""

    DEFAULT_CSS = """
    Workbench { height: 1fr; }
    Workbench > #middle { height: 1fr; }
    Workbench #table { width: 1fr; height: 1fr; }
    Workbench #source { width: 1fr; height: 1fr; display: none; }
    Workbench.-source #table { display: none; }
    Workbench.-source #source { display: block; }
    Workbench.-wide #table { display: block; }
    Workbench.-wide #source { display: block; border-left: solid $panel; }
    Workbench #findings { height: 3; border-top: solid $panel; }
    Workbench.-high #findings { height: 6; }
    Workbench #findings:focus { height: 9; }
    """

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.bars = DriveBars(ascii_only=ascii_only, id="bars")
        self.table = DeviceTable(ascii_only=ascii_only, id="table")
        self.source = SourceView(ascii_only=ascii_only, id="source")
        self.findings = FindingsList(ascii_only=ascii_only, id="findings")
        self.view = View.PHYSICAL
        self._picture: Picture | None = None

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.bars
        with Horizontal(id="middle"):
            yield self.table
            yield self.source
        yield self.findings

    @property
    def row(self) -> Row | None:
        """What the cursor is on."""
        return self.table.row

    @property
    def parts(self) -> tuple[Widget, ...]:
        """In the order of Tab."""
        return (self.bars, self.table, self.source, self.findings)

    def show_text(self, document: Document, line: int | None = None) -> None:
        """The text is another one now; the source's cursor goes to a line, should it be on another."""
        place = Place(line, 0) if line and line != self.source.place.line else None
        self.source.show(document, place)

    def show(self, picture: Picture, wanted: Key | None = None) -> None:
        """Draw everything from a picture, the cursor on `wanted` if there is such a thing."""
        self._picture = picture
        self._fit_bars()
        self.bars.show(picture)
        self.table.show(make_rows(picture, self.view, self.table.folded), wanted)
        self.source.show_findings(picture.by_line)
        self.findings.show(picture.findings)
        self._follow_cursor()

    def show_view(self, view: View) -> None:
        """Show the table another way."""
        self.view = view
        if self._picture is not None:
            self.show(self._picture)

    def go(self, key: Key) -> None:
        """Put the cursor on something."""
        self._choose(key)
        self._follow_cursor()

    def step_focus(self, step: int) -> None:
        """To the next part."""
        at = self.parts.index(self.screen.focused) if self.screen.focused in self.parts else 1
        self.focus_part(self.parts[(at + step) % len(self.parts)])

    def focus_part(self, part: Widget) -> None:
        """Give a part the keys at once, though it may be hidden behind another: what is typed next belongs to it."""
        if part in (self.table, self.source):
            self.set_class(part is self.source, "-source")
        self.screen.set_focus(part, scroll_visible=False)
        if part is self.source and self.row is not None and self.row.line:
            self.source.go(self.row.line)

    def on_resize(self, event: events.Resize) -> None:
        """Source beside the table, or in its place."""
        width = event.size.width
        wide = width >= SIDE_BY_SIDE
        self.set_class(wide, "-wide")
        self.set_class(self.screen.size.height >= HIGH, "-high")
        self.source.styles.width = min(width - TABLE_COLUMNS, width * 2 // 5) if wide else "1fr"
        self._fit_bars()

    def on_descendant_focus(self) -> None:
        """In a narrow window the source takes the table's place while it has the keys."""
        if self.screen.focused in (self.source, self.table):
            self.set_class(self.screen.focused is self.source, "-source")

    @on(Chosen)
    def _chosen(self, event: Chosen) -> None:
        event.stop()
        if self.row is None or self.row.key != event.key:
            self._choose(event.key)
        self._follow_cursor(by_hand=True)

    @on(Folded)
    def _folded(self, event: Folded) -> None:
        event.stop()
        if self._picture is not None:
            self.table.show(make_rows(self._picture, self.view, self.table.folded))

    @on(LineReached)
    def _line_reached(self, event: LineReached) -> None:
        event.stop()
        self.table.choose(("line", event.line))
        self.findings.choose_line(event.line)
        self._follow_cursor(source=False, by_hand=True)

    @on(FindingReached)
    def _finding_reached(self, event: FindingReached) -> None:
        event.stop()
        span = event.finding.span
        if span is not None:
            self.source.go(span.line, span.column)
            self.table.choose(("line", span.line))
            self.bars.choose(("line", span.line))
            if event.goes:
                self.focus_part(self.source)
        self.post_message(Moved(by_hand=True))

    def _choose(self, key: Key) -> None:
        if not self.table.choose(key) and self._picture is not None:
            self.table.folded = frozenset()
            self.view = View.PHYSICAL
            self.table.show(make_rows(self._picture, self.view), key)

    def _follow_cursor(self, *, source: bool = True, by_hand: bool = False) -> None:
        row, focused = self.row, self.screen.focused
        if row is not None:
            self.bars.choose(row.key)
            if row.selection is not None and row.selection.disk:
                self.bars.choose_disk(row.selection.disk)
            if source and row.line is not None and focused is not self.source:
                self.source.go(row.line)
            if row.line is not None and focused is not self.findings:
                self.findings.choose_line(row.line)
        self.post_message(Moved(by_hand=by_hand))

    def _fit_bars(self) -> None:
        count = len(self._picture.disks) if self._picture is not None else 0
        most = max(LINES_EACH, (self.screen.size.height // 3) // LINES_EACH * LINES_EACH)
        self.bars.styles.height = min(max(1, count) * LINES_EACH, most)
