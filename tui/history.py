"""The command bar's history: lines typed before, kept in a file under the platform's state folder."""

from __future__ import annotations

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

KEPT = 500


class History:
    """Lines, oldest first, and a position among them for Up and Down.

    A file that cannot be read or written costs the memory of earlier sessions, nothing else.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lines = _read(path) if path else []
        self._at = len(self._lines)
        self._unfinished = ""

    @property
    def lines(self) -> list[str]:
        """Every line, oldest first."""
        return list(self._lines)

    def add(self, line: str) -> None:
        """Remember a line, unless it is the last one again; the position goes back to the end."""
        line = line.strip()
        if line and (not self._lines or self._lines[-1] != line):
            self._lines = [*self._lines, line][-KEPT:]
            self._write()
        self.rewind()

    def rewind(self) -> None:
        """Go back to the line not yet typed."""
        self._at = len(self._lines)
        self._unfinished = ""

    def older(self, current: str) -> str | None:
        """The next older line, or None at the oldest."""
        if self._at == 0:
            return None
        if self._at == len(self._lines):
            self._unfinished = current
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """The next newer line, at the end what was being typed, or None beyond it."""
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._lines[self._at] if self._at < len(self._lines) else self._unfinished

    def ghost(self, start: str) -> str | None:
        """The newest line that begins like this."""
        return next((line for line in reversed(self._lines) if start and line.startswith(start)), None)

    def _write(self) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_suffix(f".{os.getpid()}")
            new.touch(mode=0o600)
            new.write_text("\n".join(self._lines) + "\n", encoding="utf-8")
            new.replace(self._path)
        except OSError as error:
            log.warning("the command history is not kept: %s", error)


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-KEPT:]
    except OSError:
        return []
