"""What nobody foresaw and what rooms log: written to files, for the terminal is the screen's.

One place writes the traceback of a mistake and gives the operator one sentence.
"""

from __future__ import annotations

import logging
import traceback
from datetime import datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

_LOG_BYTES = 1_000_000
"""A log of this size becomes the one before; older ones are dropped."""


def state_folder() -> Path:
    """Where Quarry keeps its own notes: history, log, crash reports."""
    return Path(platformdirs.user_state_dir("quarry", appauthor=False))


def report_crash(error: BaseException, folder: Path | None = None) -> str:
    """Append the traceback to ``crash.log`` and return the sentence to show. Never raises."""
    path = (folder or state_folder()) / "crash.log"
    words = f"{type(error).__name__}: {error}".splitlines()[0] if str(error) else type(error).__name__
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"--- {datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}\n")
            stream.write("".join(traceback.format_exception(error)))
    except OSError as refused:
        return f"Quarry made a mistake ({words}) and could not write it down: {refused}"
    return f"Quarry made a mistake ({words}). Nothing more was done; details are in {path}"


class ScreenLog(RotatingFileHandler):
    """Warnings of all rooms in ``quarry.log``, made when there is the first; what cannot be written is dropped."""

    def __init__(self, folder: Path | None = None) -> None:
        """Raises OSError when the folder cannot be made."""
        path = (folder or state_folder()) / "quarry.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
        self.setLevel(logging.WARNING)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """The standard one writes a traceback over the screen."""


def log_to_file(folder: Path | None = None) -> logging.Handler:
    """Have all that is logged from now on written to a file, and return the handler. Never raises."""
    try:
        handler: logging.Handler = ScreenLog(folder)
    except OSError:
        handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    return handler
