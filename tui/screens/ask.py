"""A question a command asks before it goes on; the same rules as for plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from tui.screens.confirm import ConfirmDialog
from tui.widgets.lines import Line, Lines, Role


class AskScreen(ConfirmDialog[bool]):
    """Lines on what will happen, then ``y``, or a phrase to type. Result: True for yes, None for leaving."""

    def __init__(self, title: str, lines: Sequence[str], phrase: str = "", yes: str = "Yes") -> None:
        super().__init__(title)
        self._lines = [Line(text, hang=2) for text in lines]
        self._phrase = phrase
        self._yes = yes

    @property
    def lines(self) -> Sequence[Line]:
        """What is asked."""
        return self._lines

    @property
    def phrase(self) -> str:
        """What must be typed, if anything."""
        return self._phrase

    def body(self) -> Iterable[Widget]:
        """What will happen, and the field where a phrase is needed."""
        lines = Lines(self._lines, id="lines")
        lines.add_class("grows")
        yield lines
        if self._phrase:
            yield self.phrase_field()

    def keys(self) -> Iterable[tuple[str, str]]:
        """Yes in the form this question wants, and leaving."""
        yield self.yes_key(), self._yes
        yield self.key_of("confirm.leave"), "Leave"

    def on_mount(self) -> None:
        """The field has the focus where there is one."""
        super().on_mount()
        self.query_one("#phrase" if self._phrase else "#lines").focus()

    def confirmed(self) -> None:
        """Yes."""
        self.dismiss(True)

    def note(self, *notes: str) -> None:
        """Above the lines."""
        said = [Line(f"! {note}", Role.WARNING, hang=2) for note in notes]
        self.query_one("#lines", Lines).show([*said, *self._lines])
