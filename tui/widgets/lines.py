"""A scrolling text of styled lines that wraps at the widget's width. What comes in is text, never markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.render.text import clean
from tui.text import wrap_hanging


class Role(Enum):
    """How a line is meant; the theme says how that looks. Values are component classes."""

    NORMAL = "lines--normal"
    STRONG = "lines--strong"
    QUIET = "lines--quiet"
    GOOD = "lines--good"
    WARNING = "lines--warning"
    BAD = "lines--bad"


@dataclass(frozen=True, slots=True)
class Line:
    """One line before wrapping.

    Attributes:
        text: Foreign text may be in it; control characters are replaced when painting.
        role: How it is meant.
        hang: Cells by which continuation lines are indented.
        lead: Cells at the start painted strong, whatever the role (a key, a name).
    """

    text: str
    role: Role = Role.NORMAL
    hang: int = 0
    lead: int = 0


class Lines(ScrollView, can_focus=True):
    """Lines with the reading keys of every list. Grows with its content up to the room CSS gives it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {role.value for role in Role}
    DEFAULT_CSS = """
    Lines { height: auto; overflow-x: hidden; scrollbar-size: 0 1; scrollbar-gutter: stable;
        scrollbar-background: $surface; scrollbar-color: $panel;
        background: transparent; }
    Lines .lines--strong { text-style: bold; }
    Lines .lines--quiet { color: $text-muted; }
    Lines .lines--good { color: $success; }
    Lines .lines--warning { color: $warning; }
    Lines .lines--bad { color: $error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", "Down", show=False, id="list.down"),
        Binding("k,up", "scroll_up", "Up", show=False, id="list.up"),
        Binding("g,home", "scroll_home", "Top", show=False, id="list.first"),
        Binding("G,end", "scroll_end", "Bottom", show=False, id="list.last"),
        Binding("ctrl+d,pagedown", "page_down", "Page down", show=False, id="list.page-down"),
        Binding("ctrl+u,pageup", "page_up", "Page up", show=False, id="list.page-up"),
    ]

    def __init__(self, lines: Iterable[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines: Sequence[Line] = tuple(lines)
        self._width = 0
        self._wrapped: list[tuple[str, Line, bool]] = []

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown, before wrapping."""
        return self._lines

    def show(self, lines: Iterable[Line]) -> None:
        """Replace the text; the scroll position is kept as far as it still exists."""
        self._lines = tuple(lines)
        self._width = 0
        self._lay_out(self.scrollable_content_region.width or self.size.width)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How high the text is at a width, of which the gutter for the scrollbar takes its part."""
        self._lay_out(width - self.styles.scrollbar_size_vertical)
        return len(self._wrapped)

    def on_resize(self) -> None:
        """Wrap again: a resize is the only thing that changes the line breaks."""
        self._lay_out(self.scrollable_content_region.width)

    def render_line(self, y: int) -> Strip:
        """One screen line."""
        at = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if at >= len(self._wrapped):
            return Strip.blank(width, self.rich_style)
        text, line, first = self._wrapped[at]
        style = self.get_component_rich_style(line.role.value)
        segments = [Segment(text, style)]
        if first and line.lead:
            segments = [
                Segment(text[: line.lead], style + Style(bold=True)),
                Segment(text[line.lead :], style),
            ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _lay_out(self, width: int) -> None:
        if width == self._width or width <= 0:
            return
        self._width = width
        self._wrapped = [
            (piece, line, at == 0)
            for line in self._lines
            for at, piece in enumerate(wrap_hanging(clean(line.text), width, line.hang))
        ]
        self.virtual_size = Size(width, len(self._wrapped))
