"""Terminal cells as strips. Pure: rows in, strips out; the guest's text only ever becomes segments of plain cells."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from core.console.cells import CellStyle, Colour, Cursor, CursorShape, Row


def _colour(colour: Colour) -> Color | None:
    if colour is None:
        return None
    if isinstance(colour, int):
        return Color.from_ansi(colour)
    return Color.from_rgb(*colour)


@lru_cache(maxsize=4096)
def rich_style(style: CellStyle) -> Style:
    """A guest's style as Rich's. Blinking is drawn bold: nothing on an operator's screen should blink."""
    return Style(
        color=_colour(style.foreground),
        bgcolor=_colour(style.background),
        bold=style.bold or style.blink or None,
        dim=style.faint or None,
        italic=style.italic or None,
        underline=style.underline or None,
        reverse=style.inverse or None,
        conceal=style.invisible or None,
        strike=style.strikethrough or None,
    )


def row_strip(row: Row, width: int, base: Style) -> Strip:
    """One row, padded and cropped to `width` cells, over the pane's own colours."""
    segments = [Segment(_printable(run.text), base + rich_style(run.style)) for run in row]
    strip = Strip(segments)
    return strip.adjust_cell_length(width, base)


def _printable(text: str) -> str:
    """Cells hold no control characters; should one slip through, it is drawn as a mark and never sent."""
    return (
        text if text.isprintable() else "".join(one if one.isprintable() or one == " " else "\ufffd" for one in text)
    )


def with_cursor(strip: Strip, cursor: Cursor, width: int) -> Strip:
    """The row with the guest's cursor drawn into it."""
    if not 0 <= cursor.column < width:
        return strip
    end = min(width, cursor.column + _cell_width(strip, cursor.column))
    before, under, after = strip.crop(0, cursor.column), strip.crop(cursor.column, end), strip.crop(end, width)
    look = Style(underline=True, bold=True) if cursor.shape is CursorShape.UNDERLINE else Style(reverse=True)
    return Strip.join([before, under.apply_style(look), after])


def with_highlight(strip: Strip, start: int, length: int, look: Style) -> Strip:
    """The row with some cells in another style: a search match."""
    end = min(start + length, strip.cell_length)
    parts = [strip.crop(0, start), strip.crop(start, end).apply_style(look), strip.crop(end, strip.cell_length)]
    return Strip.join(parts)


def with_selection(strip: Strip, span: tuple[int, int], look: Style) -> Strip:
    """The row with what the mouse selected in another style.

    Args:
        span: The first character and the one after the last; -1 for the row's end.
    """
    text = strip.text
    start, end = span
    first = cell_len(text[:start])
    length = (strip.cell_length if end < 0 else cell_len(text[:end])) - first
    return with_highlight(strip, first, length, look) if length > 0 else strip


def _cell_width(strip: Strip, column: int) -> int:
    at = 0
    for character in strip.text:
        size = cell_len(character)
        if at <= column < at + size:
            return size
        at += size
    return 1
