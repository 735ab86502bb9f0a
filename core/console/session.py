"""One console an operator has open: a process that comes and goes, a terminal that stays.

The session's own thread opens the console, reads it, feeds the terminal and answers its queries; when the line ends
it says so and opens it again as soon as the machine is back, wherever it then is. A second thread types, so that a
guest that takes no input holds up nobody. The screen's thread only calls the short methods below, whose lock is never
held over a system call; whoever subscribes is called from the session's threads and may only queue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from core.console.cells import Frame
from core.console.keeper import Keeper
from core.console.line import Line, NotNow, Opener, SessionState, Status
from core.console.lookout import LOOK_EVERY_S, Lookout
from core.console.typist import Typist
from core.console.watch import BootWatch, Stage
from core.errors import QuarryError

if TYPE_CHECKING:
    from core.console.emulator import Emulator


_RETRY_S = 1.0
_FAILED_RETRY_S = 10.0
_SHORT_LIFE_S = 5.0
_FIRST_WORDS = 2048
_AS_NEW = b"\x1b[?47l\x1b7\x1b[r\x1b8\x1b[?1;5;66;1000;1002;1003;1006;2004l\x1b[?7;25h\x1b(B\x0f\x1b[0m\r\n"
"""Undoes what the past may have left switched on, without moving the cursor from where its output ended."""
_HISTORY_MARK = "\x1b[0;2m── from before the attach ──\x1b[0m\r\n"


class ConsoleSession:
    """See the module. Public methods may be called from any thread and never wait for the line."""

    def __init__(
        self,
        name: str,
        opener: Opener,
        on_change: Callable[[], None] = lambda: None,
        *,
        columns: int = 80,
        rows: int = 24,
        scrollback: int = 10_000,
        history_bytes: int = 64 * 1024,
        watch: BootWatch | None = None,
        on_stage: Callable[[Stage | None], None] = lambda stage: None,
        on_alert: Callable[[Stage], None] = lambda stage: None,
    ) -> None:
        """Prepare; `start` opens it.

        Args:
            name: The machine's name.
            on_change: The first subscriber, see `subscribe`.
            history_bytes: How much from before the attach is shown, once.
            on_stage: The boot stage changed; None when the machine went off. Called from the session's thread.
            on_alert: The console said something an operator must know. Called from the session's thread.
        """
        # Loading the emulator takes a tenth of a second, which nobody waits for who opens no console.
        from core.console.emulator import GhosttyEmulator

        self.name = name
        self._opener = opener
        self._subscribers: tuple[Callable[[], None], ...] = (on_change,)
        self._on_stage = on_stage
        self._columns, self._rows = columns, rows
        self._history_bytes = history_bytes
        self._lookout = Lookout(watch or BootWatch(), self._stage_changed, on_alert)
        self._emulator: Emulator = GhosttyEmulator(columns, rows, scrollback=scrollback)
        self._lock = threading.RLock()
        self._line: Line | None = None
        self._status = Status(SessionState.OPENING)
        self._take_over = False
        self._wake = threading.Event()
        self._closing = False
        self._started = False
        self.keeper = Keeper(name, lambda: (self._columns, self._rows))
        """The log and the cast of this console."""
        self._typist = Typist(name)
        self._thread = threading.Thread(target=self._run, name=f"console {name}", daemon=True)
        self.history_shown = 0
        """Bytes of history shown before the attach."""
        self.received = 0
        """Bytes the guest has sent."""

    def start(self) -> None:
        """Open the console in the background; once is enough."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self._typist.start()
        self._thread.start()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called when there is a new frame or state to fetch; returns what ends it."""
        with self._lock:
            self._subscribers = (*self._subscribers, callback)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = tuple(one for one in self._subscribers if one is not callback)

        return unsubscribe

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self._status

    @property
    def stage(self) -> Stage | None:
        """The boot stage last seen."""
        return self._lookout.stage

    def send(self, data: bytes) -> bool:
        """Type. False when there is no line, or the guest has long stopped taking what was typed before."""
        return self._typist.type(data)

    def resize(self, columns: int, rows: int) -> None:
        """The pane has a new size."""
        with self._lock:
            self._columns, self._rows = max(2, columns), max(1, rows)
            self._emulator.resize(self._columns, self._rows)
            if self._line is not None:
                self._line.resize(self._columns, self._rows)

    def frame(self, *, everything: bool = False) -> Frame:
        """What changed on the terminal since the last call."""
        with self._lock:
            return self._emulator.frame(everything=everything)

    def scroll(self, lines: int) -> None:
        """Move the view over the scrollback; negative is older."""
        with self._lock:
            self._emulator.scroll(lines)

    def scroll_to(self, line: int) -> None:
        """Show a line, counted from the oldest kept."""
        with self._lock:
            self._emulator.scroll_to(line)

    def follow(self) -> None:
        """Back to the live screen."""
        with self._lock:
            self._emulator.follow()

    def contents(self) -> list[str]:
        """All lines kept, as text, for searching and copying."""
        with self._lock:
            return self._emulator.contents()

    def reattach(self, *, take_over: bool = False) -> None:
        """Try to open it now; with `take_over` push out whoever has it."""
        self._take_over = take_over
        self._wake.set()

    def close(self, timeout_s: float = 0.0) -> None:
        """Hang up and end the thread; waits at most `timeout_s` for it."""
        self._closing = True
        self._wake.set()
        self._typist.stop()
        if timeout_s and self._thread.is_alive():
            self._thread.join(timeout_s)

    def _set(self, state: SessionState, detail: str = "") -> None:
        self._status = Status(state, detail)
        self._changed()

    def _changed(self) -> None:
        for subscriber in self._subscribers:
            subscriber()

    def _run(self) -> None:
        try:
            self._show_history()
            while not self._closing:
                pause_s = self._attend()
                if pause_s > 0 and not self._closing:
                    self._wake.wait(pause_s)
                self._wake.clear()
        finally:
            self._set(SessionState.CLOSED)
            self.keeper.close()

    def _show_history(self) -> None:
        if self._history_bytes <= 0:
            return
        with suppress(QuarryError):
            kept = self._opener.history(self._history_bytes)
            if kept:
                with self._lock:
                    # Answers to queries of the past must not reach the guest of today.
                    self._emulator.feed(kept)
                    self._emulator.feed(_AS_NEW + _HISTORY_MARK.encode())
                self.history_shown = len(kept)
                self._lookout.take(kept)
                self._changed()

    def _attend(self) -> float:
        """Open the line once and read it to its end; returns how long to wait before the next try."""
        take_over, self._take_over = self._take_over, False
        try:
            opened = self._opener.open(self._columns, self._rows, take_over=take_over)
        except QuarryError as error:
            self._set(SessionState.FAILED, error.sentence)
            return _FAILED_RETRY_S
        if isinstance(opened, NotNow):
            if (self._status.state, self._status.detail) != (opened.state, opened.detail):
                self._set(opened.state, opened.detail)
                self._lookout.forget()
            return _RETRY_S if opened.state is SessionState.WAITING else _FAILED_RETRY_S
        with self._lock:
            self._line = opened
            opened.resize(self._columns, self._rows)
        self._typist.use(opened)
        if self._status.state is SessionState.WAITING:
            self._set(SessionState.OPENING)
        began = time.monotonic()
        try:
            first = self._pump(opened)
        finally:
            self._typist.use(None)
            with self._lock:
                self._line = None
            opened.close()
        if self._closing:
            return 0.0
        refusal = self._opener.refusal(first) if time.monotonic() - began < _SHORT_LIFE_S else None
        if refusal is not None:
            self._set(refusal.state, refusal.detail)
            return _FAILED_RETRY_S
        self._set(SessionState.WAITING, "the line ended; it opens again when the machine is back")
        return _RETRY_S

    def _pump(self, line: Line) -> str:
        """Read until the end; returns the first words said, for finding out why a line ended at once."""
        first = b""
        while not self._closing:
            if self._take_over:
                break
            data = line.read(LOOK_EVERY_S)
            if self._status.state is not SessionState.OPEN and line.is_ready:
                self._set(SessionState.OPEN)
            if data is None:
                break
            if not data:
                self._lookout.look()
                continue
            if len(first) < _FIRST_WORDS:
                first += data[:_FIRST_WORDS]
            self._take(line, data)
        return first.decode("utf-8", "replace")

    def _take(self, line: Line, data: bytes) -> None:
        with self._lock:
            answer = self._emulator.feed(data)
        self.keeper.keep(data)
        self.received += len(data)
        if answer:
            line.write(answer, 0.2)
        self._lookout.take(data)
        self._changed()

    def _stage_changed(self, stage: Stage | None) -> None:
        self._on_stage(stage)
        self._changed()
