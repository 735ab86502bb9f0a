"""The one place of the rules for a yes: one key or an exact phrase, never Enter."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.screens.dialog import Dialog
from tui.widgets.line_input import LineInput

Result = TypeVar("Result")


class ConfirmDialog(Dialog[Result]):
    """A dialog that asks for a yes. Subclasses say which phrase must be typed, if any, and what a yes does."""

    DEFAULT_CSS = """
    ConfirmDialog #phrase { border: none; padding: 0; height: 1; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False, id="confirm.yes"),
        Binding("n,q", "leave", "Leave", show=False, id="confirm.leave"),
    ]

    @property
    @abstractmethod
    def phrase(self) -> str:
        """What must be typed for a yes; empty where the key is enough."""

    @abstractmethod
    def confirmed(self) -> None:
        """The operator said yes."""

    @abstractmethod
    def note(self, *notes: str) -> None:
        """Say something above what is asked."""

    def phrase_field(self) -> Input:
        """The field for the phrase."""
        return LineInput(placeholder=f"type: {self.phrase}", id="phrase", compact=True)

    def yes_key(self) -> str:
        """What to press for a yes, for the last line."""
        return f'"{self.phrase}" Enter' if self.phrase else self.key_of("confirm.yes")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key is no answer where a phrase must be typed."""
        return not (action == "yes" and self.phrase)

    @on(Input.Submitted, "#phrase")
    def phrase_entered(self, event: Input.Submitted) -> None:
        """The phrase must be exact, or nothing happens and the dialog says so."""
        event.stop()
        if event.value.strip() == self.phrase:
            self.confirmed()
        elif event.value.strip():
            self.note(f'"{event.value.strip()}" is not "{self.phrase}"; nothing was done')

    def on_key(self, event: events.Key) -> None:
        """Enter is never yes, and says so."""
        if event.key == "enter" and not isinstance(self.focused, Input):
            event.stop()
            yes, leave = self.key_of("confirm.yes"), self.key_of("confirm.leave")
            self.note(f"Enter is not yes: press {yes}, or {leave} to leave")

    def action_yes(self) -> None:
        """The one key that means yes."""
        self.confirmed()
