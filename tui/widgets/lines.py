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

from tui.render.text import cells, clean
from tui.text import wrap_hanging

_BEFORE_NOTE = 3
"""Cells between a line's text and its note."""


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
        note: Said quietly after the text: on its last line where there is room, else below it.
    """

    text: str
    role: Role = Role.NORMAL
    hang: int = 0
    lead: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line of the screen: of what, whether it is the first of that, and the cells from which it is quiet."""

    text: str
    line: Line
    first: bool
    quiet_from: int


class Lines(ScrollView, can_focus=True):
    """Lines with the reading keys of every list. Grows with its content up to the room CSS gives it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {role.value for role in Role}
    DEFAULT_CSS = """
    Lines { height: auto; overflow-x: hidden; scrollbar-size: 0 1; scrollbar-gutter: stable;
        scrollbar-background: $surface; scrollbar-color: $secondary 60%;
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
        self._wrapped: list[_Piece] = []

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
        piece = self._wrapped[at]
        style = self.get_component_rich_style(piece.line.role.value)
        lead = piece.line.lead if piece.first else 0
        segments = [
            Segment(piece.text[:lead], style + Style(bold=True)),
            Segment(piece.text[lead : piece.quiet_from], style),
            Segment(piece.text[piece.quiet_from :], self.get_component_rich_style(Role.QUIET.value)),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _lay_out(self, width: int) -> None:
        if width == self._width or width <= 0:
            return
        self._width = width
        ascii_only = self.app.has_class("-ascii")
        self._wrapped = [piece for line in self._lines for piece in _pieces(line, width, ascii_only)]
        self.virtual_size = Size(width, len(self._wrapped))


def _pieces(line: Line, width: int, ascii_only: bool) -> list[_Piece]:
    texts = wrap_hanging(clean(line.text, ascii_only), width, line.hang)
    pieces = [_Piece(text, line, at == 0, len(text)) for at, text in enumerate(texts)]
    if line.note and pieces:
        note, last = clean(line.note, ascii_only), pieces[-1]
        if cells(last.text) + _BEFORE_NOTE + cells(note) <= width:
            text = last.text + " " * _BEFORE_NOTE + note
            pieces[-1] = _Piece(text, line, last.first, len(last.text))
        else:
            below = wrap_hanging(" " * line.hang + note, width, line.hang)
            pieces += [_Piece(text, line, False, 0) for text in below]
    return pieces
