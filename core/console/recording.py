"""What a console said, kept: a plain log, and asciinema's cast format version 2."""

from __future__ import annotations

import codecs
import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from core.errors import QuarryError


def _open(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a console says is for its operator: passwords are typed at it.
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab")
    except OSError as error:
        raise QuarryError(
            f"cannot write {path}", error.strerror or str(error), "name another file or check its folder's rights"
        ) from error


class ConsoleLog:
    """Raw bytes appended to a file, flushed at every write so that a dropped line loses nothing."""

    def __init__(self, path: Path) -> None:
        """Open it for appending.

        Raises:
            QuarryError: The file cannot be written.
        """
        self.path = path
        self._stream = _open(path)

    def write(self, data: bytes) -> None:
        """Append.

        Raises:
            QuarryError: The disk is full or gone.
        """
        try:
            self._stream.write(data)
            self._stream.flush()
        except OSError as error:
            raise QuarryError(f"cannot write {self.path}", error.strerror or str(error)) from error

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> ConsoleLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class CastRecording:
    """An asciinema cast: a header line, then one JSON line per burst with its time from the start."""

    def __init__(self, path: Path, columns: int, rows: int, title: str, *, now: float | None = None) -> None:
        """Start recording.

        Raises:
            QuarryError: The file cannot be written.
        """
        self._log = ConsoleLog(path)
        self._started = time.monotonic()
        # A character may be cut in two by a read; the decoder keeps the half for the next burst.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        stamp = int(time.time() if now is None else now)
        self._line({"version": 2, "width": columns, "height": rows, "timestamp": stamp, "title": title})

    def write(self, data: bytes) -> None:
        """Record output.

        Raises:
            QuarryError: The disk is full or gone.
        """
        text = self._decoder.decode(data)
        if text:
            self._line([round(time.monotonic() - self._started, 6), "o", text])

    def resized(self, columns: int, rows: int) -> None:
        """Record a new size."""
        self._line([round(time.monotonic() - self._started, 6), "r", f"{columns}x{rows}"])

    def close(self) -> None:
        """Finish the file."""
        self._log.close()

    def _line(self, value: object) -> None:
        self._log.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
