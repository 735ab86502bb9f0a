"""A question a command asks before it goes on; the same rules as for plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui.screens.dialog import Dialog
from tui.widgets.lines import Line, Lines, Role


class AskScreen(Dialog[bool]):
    """Lines on what will happen, then ``y``, or a phrase to type. Result: True for yes, None for leaving."""

    DEFAULT_CSS = """
    AskScreen #phrase { border: none; padding: 0; height: 1; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False, id="confirm.yes"),
        Binding("n,q", "leave", "Leave", show=False, id="confirm.leave"),
    ]

    def __init__(self, title: str, lines: Sequence[str], phrase: str = "", yes: str = "Yes") -> None:
        super().__init__(title)
        self._lines = [Line(text, hang=2) for text in lines]
        self._phrase = phrase
        self._yes = yes

    def body(self) -> Iterable[Widget]:
        """What will happen, and the field where a phrase is needed."""
        lines = Lines(self._lines, id="lines")
        lines.add_class("grows")
        yield lines
        if self._phrase:
            yield Input(placeholder=f"type: {self._phrase}", id="phrase", compact=True)

    def keys(self) -> Iterable[tuple[str, str]]:
        """Yes in the form this question wants, and leaving."""
        yield (f"{self._phrase} Enter" if self._phrase else self.key_of("confirm.yes")), self._yes
        yield self.key_of("confirm.leave"), "Leave"

    def on_mount(self) -> None:
        """The field has the focus where there is one."""
        super().on_mount()
        self.query_one("#phrase" if self._phrase else "#lines").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`y` is no answer where a phrase must be typed."""
        return not (action == "yes" and self._phrase)

    @on(Input.Submitted, "#phrase")
    def phrase_entered(self, event: Input.Submitted) -> None:
        """Only the exact phrase is yes."""
        event.stop()
        if event.value.strip() == self._phrase:
            self.dismiss(True)
        elif event.value.strip():
            self._note(f'"{event.value.strip()}" is not "{self._phrase}"; nothing was done')

    def on_key(self, event: events.Key) -> None:
        """Enter is never yes, and says so."""
        if event.key == "enter" and not isinstance(self.focused, Input):
            event.stop()
            yes, leave = self.key_of("confirm.yes"), self.key_of("confirm.leave")
            self._note(f"Enter is not yes: press {yes}, or {leave} to leave")

    def action_yes(self) -> None:
        """The one key that means yes."""
        self.dismiss(True)

    def _note(self, text: str) -> None:
        self.query_one("#lines", Lines).show([Line(f"! {text}", Role.WARNING, hang=2), *self._lines])
