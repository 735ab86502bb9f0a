"""The ``ssh`` that libvirt starts: checked host keys, no questions, bounded waiting, and a process we can end.

libvirt hands its ``ssh`` neither a known_hosts file nor a time limit, and a connection attempt to a container that
accepts and never answers hangs for ever. The launcher is a private two-line shell script: it notes its process id,
then becomes ``ssh`` with the strict options in front, where they beat the operator's own configuration.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shlex
import shutil
import signal
import tempfile
import threading
from pathlib import Path

from core.settings import ContainerSettings


def ssh_options(settings: ContainerSettings, *, known_hosts: str = "", keyfile: str = "") -> list[str]:
    """The options every ``ssh`` of this room gets.

    Args:
        known_hosts: Instead of the settings' file; both empty leaves ssh's own files.
        keyfile: Instead of the settings'; both empty leaves the agent and the usual files.
    """
    options = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        f"ConnectTimeout={max(1, round(settings.connect_timeout_s))}",
        f"ServerAliveInterval={max(1, settings.keepalive_s)}",
        f"ServerAliveCountMax={max(1, settings.keepalive_count)}",
        "LogLevel=ERROR",
    ]
    known = known_hosts or settings.known_hosts
    if known:
        options += [f"UserKnownHostsFile={_quoted(known)}", "UpdateHostKeys=no"]
    key = keyfile or settings.keyfile
    if key:
        options += [f"IdentityFile={_quoted(key)}", "IdentitiesOnly=yes"]
    return [word for option in options for word in ("-o", option)]


class SshLauncher:
    """One connection's launcher script and the process it became."""

    def __init__(self, options: list[str]) -> None:
        """Write the script.

        Raises:
            OSError: No folder on this machine may hold programs.
        """
        self.path = _FOLDER.next_path()
        self._pid_file = self.path.with_suffix(".pid")
        words = " ".join(shlex.quote(word) for word in options)
        self.path.write_text(
            f'#!/bin/sh\necho $$ > {shlex.quote(str(self._pid_file))}\nexec ssh {words} "$@"\n', encoding="utf-8"
        )
        self.path.chmod(0o700)

    def end(self) -> None:
        """End the ``ssh`` that runs now, if any; libvirt then sees the connection break. Never raises."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self._pid_file.read_text(encoding="utf-8"))
            if _is_child(pid):
                os.kill(pid, signal.SIGTERM)

    def remove(self) -> None:
        """Remove the script. Never raises."""
        for path in (self.path, self._pid_file):
            with contextlib.suppress(OSError):
                path.unlink()


def _is_child(pid: int) -> bool:
    """Whether this is still our own child, so that a number used again is never hit."""
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return int(status.rpartition(")")[2].split()[1]) == os.getpid()


def _quoted(path: str) -> str:
    """A path as one word of an ssh option."""
    return '"' + str(Path(path).expanduser()).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


class _PrivateFolder:
    """This process's folder for launchers, made when first needed and removed at the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._serial = itertools.count(1)
        self._path: Path | None = None
        self._ended = False

    def next_path(self) -> Path:
        """A name for a new launcher. Raises OSError when the program is ending."""
        with self._lock:
            if self._ended:
                raise OSError("the program is ending")
            if self._path is None or not self._path.is_dir():
                self._path = Path(tempfile.mkdtemp(prefix="quarry-", dir=_place_for_programs()))
                atexit.register(self._remove)
            return self._path / f"ssh-{next(self._serial)}"

    def _remove(self) -> None:
        with self._lock:
            self._ended = True
            if self._path is not None:
                shutil.rmtree(self._path, ignore_errors=True)


_FOLDER = _PrivateFolder()


def _place_for_programs() -> str:
    candidates = [os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), str(Path("~/.cache").expanduser())]
    for candidate in candidates:
        if candidate and os.access(candidate, os.W_OK) and not os.statvfs(candidate).f_flag & os.ST_NOEXEC:
            return candidate
    raise OSError(f"none of {', '.join(filter(None, candidates))} may hold programs")
