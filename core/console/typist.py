"""Typing to a guest from a thread of its own, so that one that takes no input holds up nobody."""

from __future__ import annotations

import queue
import threading

from core.console.line import Line

_MOST_UNSENT = 256 * 1024


class Typist:
    """Sends what is typed, in order, down whatever line there is by then."""

    def __init__(self, name: str) -> None:
        """Prepare; `start` begins."""
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._unsent = 0
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._thread = threading.Thread(target=self._run, name=f"typing to {name}", daemon=True)

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def use(self, line: Line | None) -> None:
        """The line there is from now on; without one, what is still unsent is dropped."""
        with self._lock:
            self._line = line

    def type(self, data: bytes) -> bool:
        """Send soon. False when there is no line, or the guest has long stopped taking what was typed before."""
        with self._lock:
            if self._line is None or self._unsent + len(data) > _MOST_UNSENT:
                return False
            self._unsent += len(data)
        self._outbox.put(data)
        return True

    def stop(self) -> None:
        """End after what it is at."""
        self.use(None)
        self._outbox.put(None)

    def _run(self) -> None:
        while (data := self._outbox.get()) is not None:
            with self._lock:
                line = self._line
                self._unsent -= len(data)
            if line is not None:
                line.write(data, 1.0)
