"""The filter line: narrows as you type, says how many are left, or what is wrong and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui.filter import Filter, FilterError, complete, parse_filter
from tui.filter.complete import word_at
from tui.render.lines import Role, Span
from tui.widgets.line_input import LineInput
from tui.widgets.one_line import OneLine

_KEPT = 50


class FilterLine(Horizontal):
    """An input and a verdict. Hidden while there is no filter and none is typed."""

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; background: $panel; }
    FilterLine.-open { display: block; }
    FilterLine > #sign { width: 3; }
    FilterLine > Input { width: 2fr; height: 1; border: none; padding: 0; background: $panel; }
    FilterLine > Input:focus { border: none; background: $surface; }
    FilterLine > #verdict { width: 3fr; }
    FilterLine.-wrong > Input { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear", show=False),
        Binding("up", "recall(-1)", "Earlier", show=False),
        Binding("down", "recall(1)", "Later", show=False),
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]

    @dataclass
    class Changed(Message):
        """Another filter is in force; None lets everything pass."""

        filter: Filter | None

    class Left(Message):
        """Typing is over: the tree gets the keys back."""

    def __init__(self, saved: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._saved = saved
        self._history: list[str] = []
        self._back = 0
        self._error: FilterError | None = None
        self._verdict = ""

    @property
    def value(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    @property
    def error(self) -> FilterError | None:
        """What is wrong with it."""
        return self._error

    def compose(self) -> ComposeResult:
        """Sign, input, verdict."""
        yield OneLine(id="sign")
        field = LineInput(id="filter-input", compact=True, select_on_focus=False)
        yield field
        yield OneLine(id="verdict")

    def on_mount(self) -> None:
        """The sign never changes."""
        self.query_one("#sign", OneLine).show((Span(" / ", Role.MARK),))

    def open(self) -> None:
        """Begin to type."""
        self.add_class("-open")
        self._back = 0
        # At once, not with the next message as `focus` does: what is typed next is for the field.
        self.screen.set_focus(self.query_one(Input))

    def set_value(self, text: str) -> None:
        """Filter by this, without typing; an empty text filters no more."""
        self.query_one(Input).value = text
        self.set_class(bool(text), "-open")

    def check(self, text: str) -> FilterError | None:
        """What is wrong with a filter."""
        made = parse_filter(text, self._saved)
        return made if isinstance(made, FilterError) else None

    def clear(self) -> bool:
        """Filter no more; False when nothing was filtered."""
        was = bool(self.value) or self.has_class("-open")
        self.set_value("")
        return was

    def say(self, text: str) -> None:
        """How many are left, shown unless something is wrong."""
        self._verdict = text
        self._show_verdict()

    def action_clear(self) -> None:
        """Give up the filter and leave."""
        self._remember()
        self.clear()
        self.post_message(self.Left())

    def action_recall(self, step: int) -> None:
        """An earlier or later filter."""
        if not self._history:
            return
        self._back = max(0, min(len(self._history), self._back - step))
        field = self.query_one(Input)
        field.value = self._history[-self._back] if self._back else ""
        field.cursor_position = len(field.value)

    def action_complete(self) -> None:
        """Put in the first word that fits."""
        field = self.query_one(Input)
        found = complete(field.value, field.cursor_position, self._saved)
        if found:
            at = field.cursor_position
            start = at - len(word_at(field.value, at))
            field.value = field.value[:start] + found[0] + field.value[at:]
            field.cursor_position = start + len(found[0])

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        made = parse_filter(event.value, self._saved)
        self._error = made if isinstance(made, FilterError) else None
        if isinstance(made, FilterError):
            made = self._before_the_last_word(event.value)
        if not isinstance(made, FilterError):
            self.post_message(self.Changed(made))
        self._show_verdict()

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        self._remember()
        if not self.value.strip():
            self.clear()
        self.post_message(self.Left())

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        """Left by mouse: an empty line goes away."""
        if not self.value:
            self.remove_class("-open")

    def _before_the_last_word(self, text: str) -> Filter | FilterError | None:
        """While ``state:`` waits for its value, what stands before it filters on."""
        return parse_filter(text[: len(text) - len(word_at(text, len(text)))], self._saved)

    def _remember(self) -> None:
        text = self.value.strip()
        if text and (not self._history or self._history[-1] != text):
            self._history = [*self._history, text][-_KEPT:]

    def _show_verdict(self) -> None:
        verdict = self.query_one("#verdict", OneLine)
        self.set_class(self._error is not None, "-wrong")
        if self._error is not None:
            verdict.show((Span(f"  {self._error.position + 1}: {self._error.message}", Role.WARNING),))
        else:
            verdict.show((Span(f"  {self._verdict}", Role.DIM),))
