"""The one place where roles become colours: lines to the toolkit's strips."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.render.lines import Line, Role
from tui.render.text import cells, truncate

Palette = Mapping[Role, Style]
"""The style of each role; Role.TEXT's is the widget's own."""


def to_strip(line: Line, palette: Palette, width: int, over: Style | None = None) -> Strip:
    """Paint a line in exactly `width` cells.

    Args:
        line: Spans with roles.
        palette: A style for every role.
        width: Cells to fill; what is longer is cut.
        over: Laid over every span and the padding, for the cursor's row.
    """
    segments: list[Segment] = []
    room = width
    text, style = "", palette[Role.TEXT]
    for span in line:
        piece = span.text
        taken = cells(piece)
        if taken > room:
            piece = truncate(piece, room)
            taken = cells(piece)
        room -= taken
        own = palette[span.role]
        if own is style or (not piece.strip() and not own.underline):
            text += piece
        else:
            if text:
                segments.append(_segment(text, style, over))
            text, style = piece, own
        if room <= 0:
            break
    if room > 0:
        text += " " * room
    segments.append(_segment(text, style, over))
    return Strip(segments, width)


def _segment(text: str, style: Style, over: Style | None) -> Segment:
    return Segment(text, style if over is None else style + over)
