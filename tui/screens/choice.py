"""One key among a few, where an action could mean two things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual import events
from textual.widget import Widget

from tui.screens.dialog import Dialog
from tui.widgets.lines import Line, Lines


class ChoiceScreen(Dialog[str]):
    """Result: the key that was pressed, or None."""

    def __init__(self, title: str, choices: Mapping[str, str]) -> None:
        super().__init__(title)
        self._choices = choices

    def body(self) -> Iterable[Widget]:
        """A line for each choice."""
        lines = Lines([Line(f"{key}  {label}", lead=len(key), hang=3) for key, label in self._choices.items()])
        lines.add_class("grows")
        yield lines

    def on_key(self, event: events.Key) -> None:
        """A choice's own key takes it; any other key does nothing."""
        if event.character in self._choices:
            event.stop()
            self.dismiss(event.character)
