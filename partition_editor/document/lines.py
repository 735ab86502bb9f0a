"""The document: lines exactly as they are in the file. Immutable; edits share every untouched line.

``str(document)`` gives back the text it was read from, whatever that was. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from partition_editor.document.tokens import TokenLine, tokenise


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        raw: Its characters without the line end.
        ending: ``\\n``, ``\\r\\n`` or empty (a last line without one).
    """

    raw: str
    ending: str = "\n"

    def __str__(self) -> str:
        return self.raw + self.ending

    @property
    def cut(self) -> TokenLine:
        """Its words; computed once for each distinct text."""
        return tokenise(self.raw)


@dataclass(frozen=True, slots=True)
class Document:
    """A text as its lines. Line numbers are 1-based, as in every message."""

    lines: tuple[Line, ...] = ()

    def __str__(self) -> str:
        return "".join(line.raw + line.ending for line in self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[tuple[int, Line]]:
        return enumerate(self.lines, start=1)

    def line(self, number: int) -> Line | None:
        """Line `number`, or None when there is no such line."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else None

    @property
    def ending(self) -> str:
        """The line end that new lines get: that of the first line that has one."""
        return next((line.ending for line in self.lines if line.ending), "\n")

    @property
    def ends_with_newline(self) -> bool:
        """Rocks cuts the last character off a last line that has no newline."""
        return not self.lines or bool(self.lines[-1].ending)

    def with_lines(self, start: int, stop: int, replacement: Sequence[Line]) -> Document:
        """Lines `start` (1-based) up to but not including `stop` replaced; all others are shared."""
        return Document((*self.lines[: start - 1], *replacement, *self.lines[stop - 1 :]))


def split_lines(text: str) -> tuple[Line, ...]:
    """Cut a text at ``\\n``; a ``\\r`` before it belongs to the line end."""
    pieces = text.split("\n")
    last = pieces.pop()
    lines = [Line(one[:-1], "\r\n") if one.endswith("\r") else Line(one) for one in pieces]
    if last:
        lines.append(Line(last, ""))
    return tuple(lines)
