"""Named states of the text: name the present one, jump to any, compare any two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from partition_editor.document.history import REMEMBERED_ORIGIN, show_diff
from partition_editor.document.lines import Document
from partition_editor.session import Session
from tui.screens.dialog import Dialog
from tui.screens.partitioning.writing import diff_lines
from tui.widgets.line_input import LineInput
from tui.widgets.lines import Line, Lines, Role


class StatesScreen(Dialog[str]):
    """Result: the name of the state to go to, or None."""

    DEFAULT_CSS = """
    StatesScreen #name { border: none; padding: 0; height: 1; background: $boost; }
    StatesScreen #diff { margin-top: 1; max-height: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Next", show=False, priority=True),
        Binding("up", "step(-1)", "Before", show=False, priority=True),
        Binding("tab", "mark", "Compare with", show=False, priority=True),
        Binding("ctrl+j,f12", "jump", "Jump", show=False, priority=True),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__("States")
        self._session = session
        self._history = session.history
        self._at = 0
        self._other: str | None = None

    def body(self) -> Iterable[Widget]:
        """A name to give, the list, the difference."""
        yield LineInput(placeholder="a name for the present text, then Enter", id="name", compact=True)
        yield Lines(id="list")
        diff = Lines(id="diff")
        diff.add_class("grows")
        yield diff

    def keys(self) -> Iterable[tuple[str, str]]:
        """What to do with a state."""
        yield "Enter", "Name this text, or jump when no name is typed"
        yield "Up Down", "Choose"
        yield "Tab", "Compare with this one"
        yield "Esc", "Leave"

    def on_mount(self) -> None:
        """Begin with a name."""
        super().on_mount()
        self.query_one("#name").focus()
        self._show()

    @property
    def _names(self) -> list[str]:
        return ["", *self._history.named]

    @on(Input.Submitted, "#name")
    def entered(self, event: Input.Submitted) -> None:
        """A typed name is given; an empty field jumps."""
        event.stop()
        name = event.value.strip()
        if name:
            self._session.name_state(name)
            event.input.value = ""
            self._at = self._names.index(name)
            self._show()
        else:
            self.action_jump()

    def action_step(self, step: int) -> None:
        """Up and down."""
        self._at = max(0, min(self._at + step, len(self._names) - 1))
        self._show()

    def action_mark(self) -> None:
        """The difference is to this one from now on."""
        self._other = self._names[self._at]
        self._show()

    def action_jump(self) -> None:
        """Go to the chosen state; the text as opened is what Reset is for."""
        name = self._names[self._at]
        if name:
            self.dismiss(name)

    def _show(self) -> None:
        rows = []
        for index, name in enumerate(self._names):
            chosen = index == self._at
            mark = "=" if name == self._other else " "
            label = self._history.named[name].label if name else ""
            words = f"{'>' if chosen else ' '}{mark} {name or REMEMBERED_ORIGIN}  {label}"
            rows.append(Line(words, Role.STRONG if chosen else Role.NORMAL, hang=4))
        self.query_one("#list", Lines).show(rows)
        self.query_one("#diff", Lines).show(self._difference())
        self.fit()

    def _difference(self) -> list[Line]:
        """From the chosen state to the marked one, else to the present text."""
        chosen, other = self._names[self._at], self._other
        after = self._history.document if other is None else self._text(other)
        to = "now" if other is None else other or REMEMBERED_ORIGIN
        return diff_lines(show_diff(self._text(chosen), after, chosen or REMEMBERED_ORIGIN, to))

    def _text(self, name: str) -> Document:
        state = self._history.named.get(name)
        return state.document if state is not None else self._history.original
