"""Text to read: what a command printed, or one entry in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.screens.dialog import Dialog
from tui.widgets.lines import Line, Lines


class OutputScreen(Dialog[None]):
    """A scrollable panel. Closes by Esc, q or Enter; `Y` copies the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", "Close", show=False),
        Binding("Y", "copy", "Copy", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__(title)
        self._lines = lines

    def body(self) -> Iterable[Widget]:
        """The text."""
        text = Lines(self._lines or [Line("(no output)")], id="text")
        text.add_class("grows")
        yield text

    def keys(self) -> Iterable[tuple[str, str]]:
        """Ways out."""
        return (("Y", "Copy"), ("Esc", "Close"))

    def action_copy(self) -> None:
        """Put the text on the terminal's clipboard."""
        self.app.copy_to_clipboard("\n".join(line.text for line in self._lines) + "\n")
        self.app.notify("copied", markup=False, timeout=2)
