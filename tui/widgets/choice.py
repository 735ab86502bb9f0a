"""A field with a few possible values: left and right choose, a letter jumps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.render.text import cells, clean


class Choice(Widget, can_focus=True):
    """Options on one line, the chosen one between arrows of its own."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; background: $boost; }
    Choice:focus { background: $block-cursor-blurred-background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Before", show=False),
        Binding("right,space", "step(1)", "Next", show=False),
    ]

    class Changed(Message):
        """Another option is chosen."""

    def __init__(self, options: Sequence[str], value: str, *, id: str, empty: str = "any") -> None:  # noqa: A002
        """A choice.

        Args:
            options: Possible values; an empty text stands for "not given".
            value: What it begins with; added when it is not among the options.
            id: Textual's.
            empty: What the empty value is called.
        """
        super().__init__(id=id)
        self._options = [*options] if value in options else [*options, value]
        self._at = self._options.index(value)
        self._empty = empty

    @property
    def value(self) -> str:
        """The chosen option."""
        return self._options[self._at]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line."""
        return 1

    def choose(self, value: str) -> None:
        """Choose an option by its value."""
        if value in self._options and value != self.value:
            self._at = self._options.index(value)
            self.refresh()
            self.post_message(self.Changed())

    def action_step(self, step: int) -> None:
        """To the option beside, round and round."""
        self.choose(self._options[(self._at + step) % len(self._options)])

    def on_key(self, event: events.Key) -> None:
        """A letter goes to the next option that begins with it."""
        if not event.character or not event.character.isalnum():
            return
        count = len(self._options)
        order = [self._options[(self._at + step) % count] for step in range(1, count + 1)]
        found = next((one for one in order if self._shown(one).startswith(event.character.lower())), None)
        if found is not None:
            event.stop()
            self.choose(found)

    def render_line(self, y: int) -> Strip:
        """As many options as fit, the chosen one among them."""
        width = self.size.width
        shown = [self._shown(one) for one in self._options]
        first = 0
        while first < self._at and sum(cells(one) + 2 for one in shown[first : self._at + 1]) > width - 2:
            first += 1
        base = self.rich_style
        pieces = [Segment("‹ " if first and not self.app.has_class("-ascii") else "  ", base)]
        for index in range(first, len(shown)):
            if index == self._at:
                pieces.append(Segment(f"[{shown[index]}]", base + Style(bold=True)))
            else:
                pieces.append(Segment(f" {shown[index]} ", base))
        return Strip(pieces).adjust_cell_length(width, base)

    def _shown(self, option: str) -> str:
        return clean(option) if option else self._empty
