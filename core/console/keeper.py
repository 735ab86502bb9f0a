"""What an operator has kept of a console: a log, a cast, either started and stopped at any time.

Starting and stopping touch the disk and may be called from any thread but the screen's; `keep` is the session's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.console.recording import CastRecording, ConsoleLog
from core.errors import QuarryError


class Keeper:
    """See the module."""

    def __init__(self, title: str, size: Callable[[], tuple[int, int]]) -> None:
        """Keep nothing yet.

        Args:
            title: The machine's name, for casts.
            size: Asked for the terminal's columns and rows, which casts note.
        """
        self._title = title
        self._size = size
        self._lock = threading.Lock()
        self._log: ConsoleLog | None = None
        self._cast: CastRecording | None = None
        self._cast_size = (0, 0)
        self.trouble = ""
        """Why logging or recording stopped; empty while fine."""

    @property
    def log_path(self) -> Path | None:
        """The log file in use."""
        log = self._log
        return log.path if log else None

    @property
    def is_recording(self) -> bool:
        """A cast is being recorded."""
        return self._cast is not None

    def log_to(self, path: Path | None) -> None:
        """Append everything from now on to a file; None stops.

        Raises:
            QuarryError: The file cannot be written.
        """
        log = ConsoleLog(path) if path is not None else None
        with self._lock:
            old, self._log = self._log, log
            self.trouble = ""
        if old is not None:
            old.close()

    def record_to(self, path: Path | None) -> None:
        """Record an asciinema cast from now on; None stops.

        Raises:
            QuarryError: The file cannot be written.
        """
        size = self._size()
        cast = CastRecording(path, *size, self._title) if path is not None else None
        with self._lock:
            old, self._cast = self._cast, cast
            self._cast_size = size
            self.trouble = ""
        if old is not None:
            old.close()

    def close(self) -> None:
        """Keep nothing any more, whatever the disk says."""
        with suppress(QuarryError):
            self.log_to(None)
        with suppress(QuarryError):
            self.record_to(None)

    def keep(self, data: bytes) -> None:
        """Write what the console said. A disk that is full ends it and says so in `trouble`."""
        if self._log is None and self._cast is None:
            return
        with self._lock:
            try:
                if self._log is not None:
                    self._log.write(data)
                if self._cast is not None:
                    size = self._size()
                    if self._cast_size != size:
                        self._cast_size = size
                        self._cast.resized(*size)
                    self._cast.write(data)
            except QuarryError as error:
                self.trouble = error.sentence
                self._log = self._cast = None
