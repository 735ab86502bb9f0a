"""The partition editor: drive bars, device table, live source, findings. One cursor goes through all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.errors import QuarryError
from core.outcome import Refused
from partition_editor.editing.change import Change
from partition_editor.findings import Severity
from partition_editor.picture import Picture
from partition_editor.scopes import NodeCase
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
from tui.screens.partitioning.surroundings import Surroundings
from tui.screens.partitioning.title import title_line
from tui.screens.type_ahead import TypeAheadScreen
from tui.widgets.one_line import OneLine
from tui.widgets.partitioning.messages import Moved, Opened, Typed
from tui.widgets.partitioning.rows import Key, Row, View
from tui.widgets.partitioning.workbench import Workbench

JOURNALS = "partitions"
"""Folder of crash journals under the state folder."""

STEPS = {"focus": 1, "focus-back": -1}
"""Deeds that go from part to part."""

WRITTEN_BY_WIDGETS = frozenset({"up", "down", "left", "right", "first", "last", "page-up", "page-down", "cut-line"})


class PartitionScreen(TypeAheadScreen):
    """Edits one session's text. What keys do is in `tui.screens.partitioning.deeds`."""

    CONTEXT = Context.PARTITIONS
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
        surroundings: Surroundings | None = None,
        case: NodeCase | None = None,
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
            surroundings: The store around the node; None for a text that stands alone.
            case: The node as it was found there.
        """
        super().__init__()
        self.session = session
        self.path = path
        self.journals = journals
        self.keymap = keymap or make_keymap({})
        self.ascii_only = ascii_only
        self.read_only = read_only
        self.line_history = lines or History(None)
        self.surroundings = surroundings
        self.case = case
        self.origin = case.applied if case is not None and path is None else None
        self.deeds = Deeds(self)
        self.bench = Workbench(ascii_only=ascii_only)
        self.bars, self.table = self.bench.bars, self.bench.table
        self.source, self.findings = self.bench.source, self.bench.findings
        self.said: Line = ()

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield OneLine(id="head")
        yield self.bench
        yield OneLine(id="why")
        yield EditorFooter(id="footer")

    def on_mount(self) -> None:
        """Show the text; offer what an earlier session lost."""
        self.table.focus()
        self.bench.show_text(self.session.document)
        self.show_picture(self.session.picture)
        if self.session.disks:
            self.go(("disk", self.session.disks[0].name))
        self.run_worker(self.deeds.begin(), exit_on_error=False)

    def on_resize(self) -> None:
        """Another width for the first line."""
        self._show_head()

    @property
    def row(self) -> Row | None:
        """What the cursor is on."""
        return self.bench.row

    def action_deed(self, name: str) -> None:
        """Whatever a key does; a sentence says why not. Where the keys go is decided before the next one comes."""
        self.say("")
        if name in STEPS:
            self.bench.step_focus(STEPS[name])
            return
        self.hold_keys(self.run_worker(self.deeds.do(name), group="deeds", exit_on_error=False))

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
        self._warn_journal()
        return True

    def show_text(self, line: int | None = None) -> None:
        """The session's text is another one now."""
        self.bench.show_text(self.session.document, line)
        self.refresh_picture(("line", line) if line else None)

    def refresh_picture(self, wanted: Key | None = None) -> None:
        """Work the text out, at once when it is short, else in another thread; the newest wins.

        The first line says so meanwhile. The thread begins when the key's own frame is painted: they would share one
        processor, and the frame would wait.
        """
        self.workers.cancel_group(self, "draw")
        if self.session.is_quick:
            self.show_picture(self.session.picture, wanted)
        else:
            self._show_head()
            self.call_after_refresh(self._begin_drawing, wanted)

    def _begin_drawing(self, wanted: Key | None) -> None:
        self.run_worker(self._draw(wanted), group="draw", exclusive=True, exit_on_error=False)

    async def _draw(self, wanted: Key | None) -> None:
        drawn = await in_background(self.session.draw_later(), "plan")
        self.show_picture(self.session.accept(drawn), wanted)

    def show_picture(self, picture: Picture, wanted: Key | None = None) -> None:
        """Draw everything from a picture."""
        self.bench.show(picture, wanted)
        self._show_head()

    def show_view(self, view: View) -> None:
        """Show the table another way."""
        self.bench.show_view(view)
        self._show_head()

    def focused_part(self, part: Widget) -> None:
        """Give a part the keys."""
        self.bench.focus_part(part)

    def go(self, key: Key) -> None:
        """Put the cursor on something."""
        self.said = ()
        self.bench.go(key)

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

    @on(Moved)
    def _moved(self, event: Moved) -> None:
        event.stop()
        if event.by_hand:
            self.said = ()
        self._explain()
        footer = make_footer(self.row, self.session.newest_picture, self.keymap)
        self.query_one("#footer", EditorFooter).show(footer)

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

    def _explain(self) -> None:
        row = self.row
        line = self.said or ((Span(f" {clean(row.why)}"),) if row is not None else ())
        self.query_one("#why", OneLine).show(line)

    def _show_head(self) -> None:
        counts = {one: self.session.newest_picture.count(one) for one in Severity}
        line = title_line(self.session, counts, self.size.width, place=self._place(), view=self.bench.view)
        self.query_one("#head", OneLine).show(line)

    def _place(self) -> str:
        """Where the text is written to, where that is not the name in the title."""
        if self.origin is not None:
            return f"scheme: {self.origin.shown}, version {self.origin.version}"
        return str(self.path) if self.path is not None and self.path.name != self.session.name else ""

    def _warn_journal(self) -> None:
        if self.session.journal_trouble:
            self.app.notify(clean(self.session.journal_trouble), severity="error", markup=False)
            self.session.journal_trouble = ""
