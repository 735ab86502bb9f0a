"""A program on a real pseudo-terminal: what it writes, what it costs, what it holds."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    """Runs a program on a terminal of a size and reads everything it writes."""

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], *, columns: int = 120, rows: int = 40
    ) -> None:
        """Start the program."""
        self.written = 0
        self.text = b""
        self.began_s = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], list(words), dict(environment))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            end = time.monotonic() + 5
            while time.monotonic() < end:
                self.read(0.05)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self._fd)
                    return

    def read(self, seconds: float) -> None:
        """Take what comes within a time."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if not self._take(left):
                return

    def until(self, word: bytes, seconds: float = 60.0) -> float:
        """Read until a word was written; seconds since the program began.

        Raises:
            TimeoutError: It did not come.
        """
        return self.until_true(lambda: word in self.text, seconds)

    def until_true(self, condition: Callable[[], bool], seconds: float = 60.0) -> float:
        """Read until a condition on `text` holds; seconds since the program began."""
        end = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > end:
                raise TimeoutError(self.text[-2000:].decode(errors="replace"))
            self._take(0.2)
        return time.perf_counter() - self.began_s

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self._fd, keys)

    @property
    def cpu_s(self) -> float:
        """Processor seconds the program used so far, all its threads."""
        words = Path(f"/proc/{self.pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICKS

    @property
    def resident_mb(self) -> float:
        """Memory of the whole process."""
        for line in Path(f"/proc/{self.pid}/status").read_text("ascii", errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        return float("nan")

    @property
    def memory_parts(self) -> str:
        """How much of it is the process's own, and how much is shared with other programs or the page cache."""
        found = {}
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii", errors="replace").splitlines():
            name, _, rest = line.partition(":")
            if name in ("Rss", "Anonymous"):
                found[name] = int(rest.split()[0]) * 1024 / 1e6
        own = found.get("Anonymous", float("nan"))
        return f"{own:.0f} MB its own, {found.get('Rss', float('nan')) - own:.0f} MB mapped files"

    def _take(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self.written += len(data)
        self.text = (self.text + data)[-400_000:]
        return bool(data)
