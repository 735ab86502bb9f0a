"""The partition editor: drive bars, device table, live source, findings. One cursor goes through all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget

from core.errors import QuarryError
from core.outcome import Refused
from partition_editor.editing.change import Change
from partition_editor.findings import Severity
from partition_editor.picture import Picture
from partition_editor.session import Session
from tui.actions.action import Context
from tui.actions.keymap import Keymap, key_name, make_keymap
from tui.actions.partition_table import PARTITIONS
from tui.background import in_background
from tui.history import History
from tui.render.lines import Line, Role, Span
from tui.render.text import clean
from tui.screens.partitioning.deeds import Deeds
from tui.screens.partitioning.footer import EditorFooter, make_footer
from tui.screens.partitioning.title import title_line
from tui.widgets.one_line import OneLine
from tui.widgets.partitioning.bars import LINES_EACH, DriveBars
from tui.widgets.partitioning.findings import FindingsList
from tui.widgets.partitioning.messages import Chosen, FindingReached, Folded, LineReached, Opened, Typed
from tui.widgets.partitioning.rows import Key, Row, View, make_rows
from tui.widgets.partitioning.source import SourceView
from tui.widgets.partitioning.table import DeviceTable
from tui.widgets.partitioning.typing import Place

JOURNALS = "partitions"
"""Folder of crash journals under the state folder."""

SIDE_BY_SIDE = 110
"""Columns from which table and source stand beside each other."""

HIGH = 32
"""Lines from which the findings have more room."""

TABLE_COLUMNS = 88
"""Columns in which every column of the table has room."""

WRITTEN_BY_WIDGETS = frozenset({"up", "down", "left", "right", "first", "last", "page-up", "page-down", "cut-line"})


class PartitionScreen(Screen[None]):
    """Edits one session's text. What keys do is in `tui.screens.partitioning.deeds`."""

    CONTEXT = Context.PARTITIONS
    DEFAULT_CSS = """
    PartitionScreen > #middle { height: 1fr; }
    PartitionScreen #table { width: 1fr; height: 1fr; }
    PartitionScreen #source { width: 1fr; height: 1fr; display: none; }
    PartitionScreen.-source #table { display: none; }
    PartitionScreen.-source #source { display: block; }
    PartitionScreen.-wide #table { display: block; }
    PartitionScreen.-wide #source { display: block; border-left: solid $panel; }
    PartitionScreen #findings { height: 3; border-top: solid $panel; }
    PartitionScreen.-high #findings { height: 6; }
    PartitionScreen #findings:focus { height: 9; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            ",".join(key_name(key) for key in action.keys),
            f"deed('{action.id.removeprefix('partitions.')}')",
            action.label,
            show=False,
            id=action.id,
            tooltip=action.help,
        )
        for action in PARTITIONS
        if action.id.removeprefix("partitions.") not in WRITTEN_BY_WIDGETS
    ]

    def __init__(
        self,
        session: Session,
        *,
        path: Path | None = None,
        journals: Path | None = None,
        keymap: Keymap | None = None,
        ascii_only: bool = False,
        read_only: bool = False,
        lines: History | None = None,
    ) -> None:
        """Edit a session's text.

        Args:
            session: Text, disks, profile.
            path: The file it is written to; None asks for one.
            journals: Where crash journals are kept; None keeps none.
            keymap: Keys in force.
            ascii_only: Draw with ASCII twins.
            read_only: Look, write nothing.
            lines: The command bar's memory.
        """
        super().__init__()
        self.session = session
        self.path = path
        self.journals = journals
        self.keymap = keymap or make_keymap({})
        self.ascii_only = ascii_only
        self.read_only = read_only
        self.line_history = lines or History(None)
        self.view = View.PHYSICAL
        self.deeds = Deeds(self)
        self.bars = DriveBars(ascii_only=ascii_only, id="bars")
        self.table = DeviceTable(ascii_only=ascii_only, id="table")
        self.source = SourceView(ascii_only=ascii_only, id="source")
        self.findings = FindingsList(ascii_only=ascii_only, id="findings")
        self.said: Line = ()

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield OneLine(id="head")
        yield self.bars
        with Horizontal(id="middle"):
            yield self.table
            yield self.source
        yield self.findings
        yield OneLine(id="why")
        yield EditorFooter(id="footer")

    def on_mount(self) -> None:
        """Show the text; offer what an earlier session lost."""
        self.table.focus()
        self.source.show(self.session.document, Place(1, 0))
        self.show_picture(self.session.picture)
        if self.session.disks:
            self.go(("disk", self.session.disks[0].name))
        self.run_worker(self.deeds.begin(), exit_on_error=False)

    def on_resize(self, event: events.Resize) -> None:
        """Source beside the table, or in its place."""
        width = event.size.width
        self.set_class(width >= SIDE_BY_SIDE, "-wide")
        self.set_class(event.size.height >= HIGH, "-high")
        self.source.styles.width = min(width - TABLE_COLUMNS, width * 2 // 5) if width >= SIDE_BY_SIDE else "1fr"
        self._fit_bars()

    def on_descendant_focus(self) -> None:
        """In a narrow window the source takes the table's place while it has the keys."""
        if self.focused in (self.source, self.table):
            self.set_class(self.focused is self.source, "-source")

    @property
    def row(self) -> Row | None:
        """What the cursor is on."""
        return self.table.row

    @property
    def parts(self) -> tuple[Widget, ...]:
        """In the order of Tab."""
        return (self.bars, self.table, self.source, self.findings)

    def action_deed(self, name: str) -> None:
        """Whatever a key does; a sentence says why not."""
        self.say("")
        self.run_worker(self.deeds.do(name), group="deeds", exit_on_error=False)

    def say(self, text: str, role: Role = Role.WARNING) -> None:
        """A sentence in the explanation line, until the cursor moves on; an empty one gives it back."""
        self.said = (Span(f" {clean(text)}", role),) if text else ()
        self._explain()

    def take(self, change: Change | Refused, *, merge: bool = False) -> bool:
        """Make a change a step and show it, or say why there is none."""
        if isinstance(change, Refused):
            self.say(change.reason)
            return False
        if change.document == self.session.document:
            self.say("nothing changed", Role.DIM)
            return True
        self.session.apply(change, merge=merge)
        self.show_text(change.line)
        self.say(change.note or f"{change.label}", Role.WARNING if change.note else Role.DIM)
        return True

    def show_text(self, line: int | None = None) -> None:
        """The session's text is another one now."""
        place = Place(line, 0) if line and line != self.source.place.line else None
        self.source.show(self.session.document, place)
        self.refresh_picture(("line", line) if line else None)

    def refresh_picture(self, wanted: Key | None = None) -> None:
        """Work the text out, at once when it is short, else in another thread; the newest wins."""
        if self.session.is_quick:
            self.show_picture(self.session.picture, wanted)
        else:
            self._show_head()
            self.run_worker(self._draw(wanted), group="draw", exclusive=True, exit_on_error=False)

    async def _draw(self, wanted: Key | None) -> None:
        picture = await in_background(self.session.draw_later(), "plan")
        self.session.accept(picture)
        self.show_picture(picture, wanted)

    def show_picture(self, picture: Picture, wanted: Key | None = None) -> None:
        """Draw everything from a picture."""
        self._fit_bars()
        self.bars.show(picture)
        self.table.show(make_rows(picture, self.view, self.table.folded), wanted)
        self.source.show_findings(picture.by_line)
        self.findings.show(picture.findings)
        self._show_head()
        self._follow_cursor()

    def step_focus(self, step: int) -> None:
        """To the next part."""
        parts = self.parts
        at = parts.index(self.focused) if self.focused in parts else 1
        self.focused_part(parts[(at + step) % len(parts)])

    def focused_part(self, part: Widget) -> None:
        """Give a part the keys, though it may be hidden behind another."""
        if part in (self.table, self.source):
            self.set_class(part is self.source, "-source")
        part.focus()
        if part is self.source and self.row is not None and self.row.line:
            self.source.go(self.row.line)

    def go(self, key: Key) -> None:
        """Put the cursor on something."""
        self.said = ()
        self._choose(key)
        self._follow_cursor()

    def leave(self) -> None:
        """Close the editor."""
        self.dismiss(None)

    async def guarded(self, work: Callable[[], object]) -> object:
        """Blocking work in another thread; a failure is said and answered with None."""
        try:
            return await in_background(work)
        except QuarryError as error:
            self.say(error.sentence, Role.CRASHED)
            return None

    @on(Chosen)
    def _chosen(self, event: Chosen) -> None:
        event.stop()
        self.said = ()
        if self.row is None or self.row.key != event.key:
            self._choose(event.key)
        self._follow_cursor()

    @on(Folded)
    def _folded(self, event: Folded) -> None:
        event.stop()
        self.table.show(make_rows(self.session.newest_picture, self.view, self.table.folded))

    def _choose(self, key: Key) -> None:
        if not self.table.choose(key):
            self.table.folded = frozenset()
            self.view = View.PHYSICAL
            self.table.show(make_rows(self.session.newest_picture, self.view), key)

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        event.stop()
        self.action_deed("edit")

    @on(Typed)
    def _typed(self, event: Typed) -> None:
        event.stop()
        self.said = ()
        merge = event.label.startswith("typing") and event.label == self.session.history.state.label
        self.session.apply(Change(event.document, event.label, event.line), merge=merge)
        self.refresh_picture(("line", event.line))
        self._warn_journal()

    @on(LineReached)
    def _line_reached(self, event: LineReached) -> None:
        event.stop()
        self.said = ()
        self.table.choose(("line", event.line))
        self.findings.choose_line(event.line)
        self._follow_cursor(source=False)

    @on(FindingReached)
    def _finding_reached(self, event: FindingReached) -> None:
        event.stop()
        self.said = ()
        if event.finding.span is not None:
            self.source.go(event.finding.span.line, event.finding.span.column)
            self.table.choose(("line", event.finding.span.line))
            self.bars.choose(("line", event.finding.span.line))
            if event.goes:
                self.focused_part(self.source)
        self._explain()

    def _follow_cursor(self, *, source: bool = True) -> None:
        row = self.row
        if row is not None:
            self.bars.choose(row.key)
            if row.selection is not None and row.selection.disk:
                self.bars.choose_disk(row.selection.disk)
            if source and row.line is not None and self.focused is not self.source:
                self.source.go(row.line)
            if row.line is not None and self.focused is not self.findings:
                self.findings.choose_line(row.line)
        self._explain()
        footer = make_footer(row, self.session.newest_picture, self.keymap)
        self.query_one("#footer", EditorFooter).show(footer)

    def _explain(self) -> None:
        row = self.row
        line = self.said or ((Span(f" {clean(row.why)}"),) if row is not None else ())
        self.query_one("#why", OneLine).show(line)

    def _show_head(self) -> None:
        counts = {one: self.session.newest_picture.count(one) for one in Severity}
        line = title_line(self.session, counts, self.size.width, path=self.path, view=self.view)
        self.query_one("#head", OneLine).show(line)

    def _warn_journal(self) -> None:
        if self.session.journal_trouble:
            self.app.notify(clean(self.session.journal_trouble), severity="error", markup=False)
            self.session.journal_trouble = ""

    def _fit_bars(self) -> None:
        count = max(1, len(self.session.disks)) * LINES_EACH
        most = max(LINES_EACH, (self.size.height // 3) // LINES_EACH * LINES_EACH)
        self.bars.styles.height = min(count, most)
