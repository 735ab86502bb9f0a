"""Typing into a document: the next text and where the cursor goes. Every byte that is not typed over stays. Pure."""

from __future__ import annotations

from typing import NamedTuple

from partition_editor.document.lines import Document, Line, split_lines


class Place(NamedTuple):
    """A cursor: 1-based line (one more than there are lines at the end), 0-based column."""

    line: int
    column: int


class Step(NamedTuple):
    """What typing led to."""

    document: Document
    place: Place


def length_of(document: Document, line: int) -> int:
    """Characters of a line; 0 for the empty place behind the last."""
    found = document.line(line)
    return len(found.raw) if found else 0


def last_line(document: Document) -> int:
    """The last line a cursor may be on: the empty one behind a text that ends with a newline."""
    return max(1, len(document) + (1 if document.ends_with_newline else 0))


def within(document: Document, place: Place) -> Place:
    """The nearest possible place."""
    line = max(1, min(place.line, last_line(document)))
    return Place(line, max(0, min(place.column, length_of(document, line))))


def insert(document: Document, place: Place, text: str) -> Step:
    """Type or paste a text; it may have line ends in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    old = document.line(place.line) or Line("", document.ending)
    before, after = old.raw[: place.column], old.raw[place.column :]
    pieces = [one.raw for one in split_lines(text)] + ([""] if text.endswith("\n") else [])
    pieces = pieces or [""]
    column = len(pieces[-1]) + (len(before) if len(pieces) == 1 else 0)
    pieces[0] = before + pieces[0]
    pieces[-1] += after
    ending = old.ending or document.ending
    lines = [Line(one, ending) for one in pieces[:-1]] + [Line(pieces[-1], old.ending)]
    if not lines[-1].raw and (place.line > len(document) or not old.ending):
        lines.pop()
    stop = min(place.line + 1, len(document) + 1)
    new = document.with_lines(place.line, max(stop, place.line), lines)
    return Step(new, Place(place.line + len(pieces) - 1, column))


def backspace(document: Document, place: Place) -> Step:
    """Take the character before away; at the beginning of a line, the line end before."""
    if place.column:
        return _cut(document, place.line, place.column - 1, place.column)
    if place.line <= 1:
        return Step(document, place)
    above = Place(place.line - 1, length_of(document, place.line - 1))
    return Step(_joined(document, place.line - 1), above)


def delete(document: Document, place: Place) -> Step:
    """Take the character under the cursor away; at the end of a line, the line end."""
    if place.column < length_of(document, place.line):
        step = _cut(document, place.line, place.column, place.column + 1)
        return Step(step.document, place)
    return Step(_joined(document, place.line), place)


def cut_line(document: Document, place: Place) -> Step:
    """Take the whole line out."""
    if document.line(place.line) is None:
        return Step(document, place)
    new = document.with_lines(place.line, place.line + 1, ())
    return Step(new, within(new, Place(place.line, 0)))


def _cut(document: Document, line: int, begin: int, end: int) -> Step:
    old = document.line(line)
    if old is None:
        return Step(document, Place(line, 0))
    new = Line(old.raw[:begin] + old.raw[end:], old.ending)
    left = [new] if new.raw or new.ending else []
    return Step(document.with_lines(line, line + 1, left), Place(line, begin))


def _joined(document: Document, line: int) -> Document:
    """A line and the next one as one; the last line loses its end."""
    first, second = document.line(line), document.line(line + 1)
    if first is None:
        return document
    if second is None:
        return document.with_lines(line, line + 1, [Line(first.raw, "")] if first.raw else [])
    return document.with_lines(line, line + 2, [Line(first.raw + second.raw, second.ending)])
