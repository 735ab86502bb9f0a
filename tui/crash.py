"""What nobody foresaw: one place that writes the traceback to a file and gives the operator one sentence."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

import platformdirs


def state_folder() -> Path:
    """Where Quarry keeps its own notes: history, crash reports."""
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
