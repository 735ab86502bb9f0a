"""Writing the text: the difference, what would be lost, a file name, `y`; then the file as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from core.outcome import Refused
from partition_editor.document.files import encode, save_document
from partition_editor.document.lines import Document
from partition_editor.findings import Severity
from partition_editor.layout import PlanRefusal
from partition_editor.picture import Picture
from tui.render.lines import Role as SpanRole
from tui.screens.ask import AskScreen
from tui.screens.dialog import Dialog
from tui.text import count
from tui.widgets.lines import Line, Lines, Role

if TYPE_CHECKING:
    from tui.screens.partitioning.editor import PartitionScreen

MOST_LOSSES = 6


def diff_lines(diff: str) -> list[Line]:
    """A unified diff for reading."""
    rows = []
    for text in diff.split("\n")[:-1]:
        role = Role.GOOD if text[:1] == "+" else Role.BAD if text[:1] == "-" else Role.QUIET
        rows.append(Line(text, role, hang=2))
    return rows or [Line("no difference", Role.QUIET)]


def warnings_of(picture: Picture) -> list[Line]:
    """What to know before writing: problems, refusal, losses."""
    rows = []
    if isinstance(picture.answer, PlanRefusal):
        rows.append(Line(f"! {picture.release} refuses this text: {picture.answer.error}", Role.BAD, hang=2))
    errors, warnings = picture.count(Severity.ERROR), picture.count(Severity.WARNING)
    if errors or warnings:
        words = f"! {count(errors, 'problem')}, {count(warnings, 'warning')}"
        rows.append(Line(words, Role.BAD if errors else Role.WARNING))
    for one in picture.losses[:MOST_LOSSES]:
        rows.append(Line(f"! lost at the next install: {one.sentence}", Role.WARNING, hang=2))
    if len(picture.losses) > MOST_LOSSES:
        rows.append(Line(f"! and {len(picture.losses) - MOST_LOSSES} partitions more", Role.WARNING))
    return rows


class WriteScreen(Dialog[Path]):
    """Result: where to write, or None."""

    DEFAULT_CSS = """
    WriteScreen #path { border: none; padding: 0; height: 1; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False, id="confirm.yes"),
        Binding("tab", "turn", "File name", show=False, priority=True),
        Binding("n,q", "leave", "Leave", show=False, id="confirm.leave"),
    ]

    def __init__(self, title: str, lines: Sequence[Line], path: Path) -> None:
        super().__init__(title)
        self._lines = lines
        self._path = path

    def body(self) -> Iterable[Widget]:
        """Where to, and what changes there."""
        yield Input(str(self._path), id="path", compact=True)
        lines = Lines(self._lines, id="lines")
        lines.add_class("grows")
        yield lines

    def keys(self) -> Iterable[tuple[str, str]]:
        """Writing and leaving."""
        return (("y", "Write"), ("Tab", "Another file"), ("Esc", "Leave"))

    def on_mount(self) -> None:
        """Begin with the difference."""
        super().on_mount()
        self.query_one("#lines").focus()

    @on(Input.Submitted, "#path")
    def entered(self, event: Input.Submitted) -> None:
        """Enter in the name only goes back to the difference."""
        event.stop()
        self.query_one("#lines").focus()

    def on_key(self, event: events.Key) -> None:
        """Enter is never yes, and says so."""
        if event.key == "enter" and not isinstance(self.focused, Input):
            event.stop()
            note = Line("! Enter is not yes: press y, or Esc to leave", Role.WARNING, hang=2)
            self.query_one("#lines", Lines).show([note, *self._lines])

    def action_turn(self) -> None:
        """From the difference to the name and back."""
        name = self.query_one("#path", Input)
        (self.query_one("#lines") if name.has_focus else name).focus()

    def action_yes(self) -> None:
        """Write there."""
        text = self.query_one("#path", Input).value.strip()
        if text:
            self.dismiss(Path(text).expanduser())


async def write(screen: PartitionScreen, name: str = "") -> None:
    """Ask, then write; a file that somebody else changed meanwhile is asked about once more."""
    session = screen.session
    if screen.read_only:
        screen.say("Quarry is read-only: nothing is written.")
        return
    proposed = Path(name).expanduser() if name else screen.path or Path(f"user_partition_info.{session.node}")
    lines = [*warnings_of(session.picture), *diff_lines(session.diff())]
    path = await screen.deeds.ask(WriteScreen(f"Write {session.name}", lines, proposed))
    if path is None:
        return
    same = screen.path is not None and path == screen.path
    expected = encode(session.saved) if same else b""
    done = await screen.guarded(partial(_save, path, session.document, expected))
    if isinstance(done, Refused):
        question = AskScreen(f"Write {path.name}", [done.reason, "Write over it all the same?"], yes="Write over it")
        if not await screen.deeds.ask(question):
            return
        done = await screen.guarded(partial(_save, path, session.document, None))
    if done is True:
        session.written()
        screen.path = path
        screen.show_text()
        screen.say(f"written to {path}", SpanRole.RUNNING)


def _save(path: Path, document: Document, expected: bytes | None) -> Refused | bool:
    return save_document(path, document, expected) or True
