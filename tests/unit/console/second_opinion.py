"""What pyte makes of a stream, cell by cell, beside what Quarry's emulator makes of it. For tests only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyte

from core.console.cells import Colour, Frame

_NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
_REPEATED = re.compile(rb"([ -~])\x1b\[(\d{1,3})b")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as both emulators describe it."""

    text: str = " "
    foreground: str = "default"
    background: str = "default"
    bold: bool = False
    underline: bool = False
    inverse: bool = False


Grid = list[list[Cell]]


class _Screen(pyte.Screen):
    """pyte as xterm is: what is erased or scrolls in keeps the background, and private SGR is no colour."""

    def index(self) -> None:
        before = self.cursor.y
        super().index()
        if self.cursor.y == before:
            self.erase_in_line(2)

    def _erasing(self, erase: Callable[..., None], *args: int, private: bool = False) -> None:
        attributes = self.cursor.attrs
        for row in range(self.lines):
            line = self.buffer[row]
            for column in range(self.columns):
                line[column] = line[column]
        self.cursor.attrs = pyte.screens.Char(" ", bg=attributes.bg)
        erase(*args, private=private) if private else erase(*args)
        self.cursor.attrs = attributes

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self._erasing(super().erase_in_line, how, private=private)

    def erase_in_display(self, how: int = 0, *args: int, private: bool = False) -> None:
        self._erasing(super().erase_in_display, how)

    def erase_characters(self, count: int | None = None) -> None:
        self._erasing(super().erase_characters, count or 1)

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        if not private:
            super().select_graphic_rendition(*attrs)


def pyte_grid(data: bytes, columns: int = 80, rows: int = 24, *, utf8: bool = True) -> Grid:
    """The screen by pyte, which lacks only the repeat sequence: that is spelt out for it."""
    screen = _Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    stream.use_utf8 = utf8
    while (spelt := _REPEATED.sub(lambda one: one[1] * (int(one[2]) + 1), data)) != data:
        data = spelt
    stream.feed(data)
    return [
        [_from_pyte(screen.buffer[row][column]) for column in range(screen.columns)] for row in range(screen.lines)
    ]


def emulator_grid(frame: Frame) -> Grid:
    """A whole frame (`everything=True`) as cells."""
    grid: Grid = []
    for number in range(frame.rows):
        line: list[Cell] = []
        for run in frame.changed.get(number, ()):
            style = run.style
            look = (_name(style.foreground), _name(style.background), style.bold, style.underline, style.inverse)
            line += [Cell(one, *look) for one in run.text]
        grid.append(line + [Cell()] * (frame.columns - len(line)))
    return grid


def differences(one: Grid, other: Grid) -> list[str]:
    """Where two screens differ, in words; at most ten."""
    found = [
        f"row {row} column {column}: {mine} and {theirs}"
        for row, (a, b) in enumerate(zip(one, other, strict=True))
        for column, (mine, theirs) in enumerate(zip(a, b, strict=True))
        if mine != theirs
    ]
    return found[:10]


def _from_pyte(char: pyte.screens.Char) -> Cell:
    return Cell(char.data or " ", char.fg, char.bg, char.bold, char.underscore, char.reverse)


def _name(colour: Colour) -> str:
    if colour is None:
        return "default"
    if isinstance(colour, tuple):
        return "".join(f"{part:02x}" for part in colour)
    if colour < 8:
        return _NAMES[colour]
    if colour < 16:
        name = f"bright{_NAMES[colour - 8]}"
        return {"brightmagenta": "bfightmagenta"}.get(name, name) if _MISSPELT else name
    return str(pyte.graphics.FG_BG_256[colour])


_MISSPELT = "bfightmagenta" in pyte.graphics.BG_AIXTERM.values()
