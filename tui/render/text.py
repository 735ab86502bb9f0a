"""Foreign text made safe and fitted to display cells.

Names, reasons and comments come from databases, hypervisors and other people. They are shown as they are, except
that what could move the cursor, hide or reorder text, or take no room is replaced or left out.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, get_character_cell_size

Align = Literal["left", "right"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that must not reach the terminal."""

_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are never printed: controls, direction marks, surrogates, private, separators of lines."""

_ZERO_WIDTH = frozenset({"Mn", "Me"})
"""Marks that stack on the character before; terminals disagree about them, so they are left out."""


_ASCII_TWINS = {"…": "~", "·": "-", "–": "-", "→": ">", "✔": "+", "✖": "X"}
"""What Quarry itself writes, for terminals that can only show ASCII."""


@lru_cache(maxsize=16_384)
def clean(text: str, ascii_only: bool = False) -> str:
    """Text that takes exactly the cells it seems to take and cannot command the terminal.

    Args:
        text: Anything from outside.
        ascii_only: Replace what is not ASCII by ``?``, for terminals that cannot show it.
    """
    if text.isascii() and text.isprintable():
        return text
    replacement = "?" if ascii_only else REPLACEMENT
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if ascii_only and character in _ASCII_TWINS:
            kept.append(_ASCII_TWINS[character])
        elif category in _FORBIDDEN:
            kept.append(replacement)
        elif category in _ZERO_WIDTH:
            continue
        elif ascii_only and not character.isascii():
            kept.append("?")
        else:
            kept.append(" " if category == "Zs" else character)
    return "".join(kept)


def cells(text: str) -> int:
    """Display cells a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def truncate(text: str, width: int, ellipsis: str = "…") -> str:
    """The text cut to at most `width` cells, its end replaced by an ellipsis where something is missing."""
    if cells(text) <= width:
        return text
    if width <= 0:
        return ""
    room = width - cells(ellipsis)
    if room < 0:
        return "." * width
    kept: list[str] = []
    for character in text:
        room -= get_character_cell_size(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + ellipsis


def shorten(text: str, width: int, ellipsis: str = "…") -> str:
    """The text cut to at most `width` cells in its middle: names and paths differ most at their ends."""
    if cells(text) <= width:
        return text
    room = width - cells(ellipsis)
    if room < 3:
        return truncate(text, width, ellipsis)
    end = (room + 1) // 2
    tail: list[str] = []
    for character in reversed(text):
        end -= get_character_cell_size(character)
        if end < 0:
            break
        tail.append(character)
    last = "".join(reversed(tail))
    return truncate(text, width - cells(last), ellipsis) + last


def fit(text: str, width: int, align: Align = "left", ellipsis: str = "…") -> str:
    """The text in exactly `width` cells: cut or padded with spaces."""
    short = truncate(text, width, ellipsis)
    padding = " " * max(0, width - cells(short))
    return short + padding if align == "left" else padding + short


def wrap(text: str, width: int) -> list[str]:
    """The text broken at spaces into lines of at most `width` cells; longer words are cut into pieces."""
    width = max(1, width)
    lines: list[str] = []
    line = ""
    for word in text.split():
        candidate = f"{line} {word}" if line else word
        if cells(candidate) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        pieces = split_cells(word, width)
        lines.extend(pieces[:-1])
        line = pieces[-1]
    if line:
        lines.append(line)
    return lines


def split_cells(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` cells each; at least one piece."""
    pieces: list[str] = []
    piece: list[str] = []
    room = width
    for character in text:
        size = get_character_cell_size(character)
        if size > room and piece:
            pieces.append("".join(piece))
            piece, room = [], width
        piece.append(character)
        room -= size
    pieces.append("".join(piece))
    return pieces
