"""Notices: a few lines in the corner of the screen, kept whole to be read again. Used by the screen's thread."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from textual.notifications import SeverityLevel

from tui.render.text import cells, truncate, wrap
from tui.widgets.lines import Line, Role

KEPT = 50
"""So many notices can be read again."""

_CELLS = 54
"""Cells of a line in the corner of an 80-column terminal."""

_LINES = 3
"""More lines than that hide what the operator works on."""

_ROLES: dict[SeverityLevel, Role] = {"warning": Role.WARNING, "error": Role.BAD, "information": Role.NORMAL}


def in_corner(text: str, key: str, ellipsis: str = "…") -> str:
    """The text where it is short enough for the corner, else its beginning and the key that shows all of it.

    Args:
        key: What the operator presses, or types in the command bar.
    """
    lines = wrap(text, _CELLS)
    if len(lines) <= _LINES:
        return text
    hint = f"{ellipsis}  ({key} shows all)"
    last = truncate(lines[_LINES - 1], _CELLS - cells(hint), "").rstrip(" ,;:")
    return " ".join([*lines[: _LINES - 1], last + hint])


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice; `at` is the time of day."""

    at: str
    text: str
    severity: SeverityLevel


class Notices:
    """The newest notices of this session."""

    def __init__(self) -> None:
        self._kept: deque[Notice] = deque(maxlen=KEPT)

    def keep(self, notice: Notice) -> None:
        """Remember one."""
        self._kept.append(notice)

    def lines(self) -> list[Line]:
        """All that is remembered, the newest first."""
        return [
            Line(f"{one.at}  {one.text}", _ROLES[one.severity], hang=len(one.at) + 2, lead=len(one.at))
            for one in reversed(self._kept)
        ]
