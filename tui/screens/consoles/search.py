"""Finding a text in a console's scrollback, newest first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len


class Place(NamedTuple):
    """Where a text stands: the line counted from the oldest kept, its first cell and how many cells."""

    line: int
    cell: int
    cells: int


class ScrollbackSearch:
    """What is searched for, without regard to case, and where the last match was."""

    def __init__(self) -> None:
        self._needle = ""
        self._last: tuple[int, int] | None = None

    def begin(self, text: str) -> None:
        """Search for another text."""
        self._needle = text.lower()
        self._last = None

    @property
    def is_on(self) -> bool:
        """There is something to search for."""
        return bool(self._needle)

    def step(self, lines: Sequence[str], direction: int) -> Place | None:
        """The next match: the newest at first, then towards newer output or, with -1, older; around at the ends.

        Returns:
            None when the text is nowhere.
        """
        found = [place for number, line in enumerate(lines) for place in _places(number, line, self._needle)]
        if not found:
            return None
        last = self._last
        if last is None:
            chosen = found[-1]
        elif direction > 0:
            chosen = next((one for one in found if one[:2] > last), found[0])
        else:
            chosen = next((one for one in reversed(found) if one[:2] < last), found[-1])
        self._last = chosen[:2]
        return chosen


def _places(number: int, line: str, needle: str) -> list[Place]:
    found: list[Place] = []
    lowered = line.lower()
    at = lowered.find(needle)
    while at >= 0:
        found.append(Place(number, cell_len(lowered[:at]), cell_len(needle)))
        at = lowered.find(needle, at + 1)
    return found
