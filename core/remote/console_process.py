"""A console as a process on a pseudo terminal: ``virsh console`` for a VM, any command for a physical node.

One thread reads (`ConsoleProcess.read` blocks); writing, resizing and closing are safe from others.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import pexpect

from core.errors import RemoteError

VIRSH_ESCAPE = 0x1E
"""What would make virsh itself detach: Ctrl-^, the control character consoles use least. Never sent to virsh."""

_READ_BYTES = 65536
_STOP_S = 2.0


def virsh_console_words(uri: str, domain: str, *, take_over: bool = False) -> list[str]:
    """The command that attaches to a domain's first serial console.

    Args:
        domain: UUID or name.
        take_over: Disconnect whoever has the console now.
    """
    words = ["virsh", "--connect", uri, "--escape", "^^", "console"]
    if take_over:
        words.append("--force")
    return [*words, "--domain", domain]


class ConsoleProcess:
    """A running console command."""

    def __init__(self, words: Sequence[str], columns: int = 80, rows: int = 24) -> None:
        """Start it.

        Raises:
            RemoteError: There is no such program, or no pseudo terminal to be had.
        """
        program = shutil.which(words[0])
        if program is None:
            raise RemoteError(
                f"cannot open the console: {words[0]} is not installed here", remedy=f"install {words[0]}"
            )
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        try:
            self._child = pexpect.spawn(
                program, list(words[1:]), dimensions=(rows, columns), echo=False, timeout=None, env=environment
            )
        except (pexpect.ExceptionPexpect, OSError) as error:
            raise RemoteError("cannot open the console", str(error)) from error
        self._child.delaybeforesend = None
        self._fd: int = self._child.child_fd
        self._pid = int(self._child.pid or 0)
        self._writing = threading.Lock()
        os.set_blocking(self._fd, False)

    @property
    def pid(self) -> int:
        """The command's process id."""
        return self._pid

    @property
    def is_ready(self) -> bool:
        """Whatever the command is, it is there at once."""
        return True

    @property
    def is_raw(self) -> bool:
        """The command reads its terminal key by key. virsh does from when it passes keys on to the guest."""
        with suppress(OSError, termios.error):
            return not termios.tcgetattr(self._fd)[3] & termios.ICANON
        return False

    def read(self, timeout_s: float | None = None) -> bytes | None:
        """Wait for output.

        Returns:
            Up to 64 KiB; empty after `timeout_s` without any; None when the command has closed the line.
        """
        try:
            ready, _, _ = select.select([self._fd], [], [], timeout_s)
            if not ready:
                return b""
            return self._all_there() or None
        except BlockingIOError:
            return b""
        except (OSError, ValueError):
            return None

    def _all_there(self) -> bytes:
        """A pseudo terminal gives 4 KiB a call at most; a flood is taken in larger bites."""
        data = os.read(self._fd, _READ_BYTES)
        while data and len(data) < _READ_BYTES:
            try:
                more = os.read(self._fd, _READ_BYTES - len(data))
            except OSError:
                break
            if not more:
                break
            data += more
        return data

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        """Send input, waiting a bounded time for a line that does not take it.

        Returns:
            How many bytes went out; fewer than given when the other side stopped reading or is gone.
        """
        data = data.replace(bytes([VIRSH_ESCAPE]), b"")
        deadline = time.monotonic() + timeout_s
        sent = 0
        with self._writing, suppress(OSError, ValueError):
            while sent < len(data):
                try:
                    sent += os.write(self._fd, data[sent : sent + 4096])
                except BlockingIOError:
                    left = deadline - time.monotonic()
                    if left <= 0 or not select.select([], [self._fd], [], left)[1]:
                        break
        return sent

    def resize(self, columns: int, rows: int) -> None:
        """Tell the pseudo terminal its size."""
        with suppress(OSError, ValueError):
            self._child.setwinsize(max(1, rows), max(1, columns))

    def close(self) -> None:
        """End the command: politely, then for good. A virsh whose terminal nobody drains ignores SIGTERM."""
        with self._writing, suppress(OSError):
            os.write(self._fd, bytes([VIRSH_ESCAPE]))
        deadline = time.monotonic() + _STOP_S
        try:
            while self._child.isalive() and time.monotonic() < deadline:
                if time.monotonic() > deadline - _STOP_S * 0.75:
                    with suppress(OSError):
                        os.kill(self.pid, signal.SIGTERM)
                self.read(0.05)
            if self._child.isalive():
                with suppress(OSError):
                    os.kill(self.pid, signal.SIGKILL)
            self._child.close(force=True)
        except (pexpect.ExceptionPexpect, OSError):
            return


def console_holder(domain: str, uuid: str = "") -> str:
    """Who on this machine has a virsh console of the domain open: "ann on pts/3 since 10:12"; empty when nobody.

    libvirt does not tell; but on a frontend the holder is nearly always another operator of the same machine.
    """
    with suppress(OSError, subprocess.SubprocessError):
        listing = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,ppid=,user:32=,tty=,lstart=,args="],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        ).stdout
        for line in listing.splitlines():
            words = line.split(None, 9)
            if len(words) < 10 or int(words[1]) == os.getpid():
                continue
            command = words[9].split()
            if "virsh" in command[0] and "console" in command and {domain, uuid or domain} & set(command):
                terminal = "" if words[3] == "?" else f" on {words[3]}"
                return f"{words[2]}{terminal} since {words[7][:5]}"
    return ""
