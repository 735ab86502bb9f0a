"""What a terminal emulator shows: rows of styled runs, a cursor, modes. Plain values, no emulator, no Textual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

Colour = int | tuple[int, int, int] | None
"""A palette index (0 to 255), red-green-blue, or None for the terminal's default."""


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How a run of cells looks."""

    foreground: Colour = None
    background: Colour = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False
    blink: bool = False
    inverse: bool = False
    invisible: bool = False
    strikethrough: bool = False


PLAIN = CellStyle()


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring cells of one style. `cells` is their width on the screen; wide characters count two."""

    text: str
    cells: int
    style: CellStyle = PLAIN


Row = tuple[Run, ...]
"""One line, trailing plain blanks left out."""


class CursorShape(Enum):
    """How the guest wants its cursor."""

    BLOCK = "block"
    BAR = "bar"
    UNDERLINE = "underline"
    HOLLOW = "hollow"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is in the viewport. `visible` is False when hidden or scrolled out of sight."""

    column: int
    row: int
    visible: bool = True
    shape: CursorShape = CursorShape.BLOCK


@dataclass(frozen=True, slots=True)
class Modes:
    """Modes that change what keys send or how everything looks."""

    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    alternate_screen: bool = False
    mouse: bool = False
    reverse_video: bool = False
    """The whole screen is light (DECSCNM)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What changed since the last frame.

    Attributes:
        changed: Viewport row → its new content. Only rows whose content differs.
        scrollback: Lines above the screen.
        offset: Lines the viewport is scrolled back; 0 follows the output.
    """

    columns: int
    rows: int
    cursor: Cursor
    changed: Mapping[int, Row] = field(default_factory=dict)
    scrollback: int = 0
    offset: int = 0
    modes: Modes = Modes()


def row_text(row: Row) -> str:
    """The characters of a row."""
    return "".join(run.text for run in row)
