"""The shell's way to a console: bytes in, bytes out, nothing in between but the escape key.

Runs in the main thread of its own process, on a real terminal.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from core.console.line import Line, NotNow, Opener, SessionState
from core.console.recording import ConsoleLog

_AS_BEFORE = b"\x1b[?1;1000;1002;1003;1006;2004l\x1b[?25h\x1b>\x1b(B\x0f\x1b[0m"
"""Undoes what a guest may have left switched on in the operator's terminal."""
_TWICE_S = 0.4
"""A second escape within this sends one to the guest."""


class Escape:
    """Finds the escape in what is typed: alone it leaves, twice in a row it is sent once."""

    def __init__(self, code: int) -> None:
        self._code = code
        self._pressed_at: float | None = None

    def take(self, data: bytes, now_s: float) -> tuple[bytes, bool]:
        """What goes to the guest of what was typed, and whether to leave now."""
        out = bytearray()
        for byte in data:
            if byte == self._code and self._pressed_at is None:
                self._pressed_at = now_s
            elif byte == self._code:
                self._pressed_at = None
                out.append(byte)
            elif self._pressed_at is not None:
                return bytes(out), True
            else:
                out.append(byte)
        return bytes(out), False

    def is_due(self, now_s: float) -> bool:
        """The escape was pressed once and nothing followed."""
        return self._pressed_at is not None and now_s - self._pressed_at >= _TWICE_S


def attach(opener: Opener, name: str, code: int, *, history_bytes: int, log: ConsoleLog | None) -> str:
    """Connect this terminal to a console until the escape or its end.

    Returns:
        Why it could not be opened or ended by itself, one sentence; empty after the escape.

    Raises:
        QuarryError: The line or its history cannot be had, or the log not be written.
    """
    columns, rows = _terminal_size()
    past = opener.history(history_bytes) if history_bytes > 0 else b""
    opened = opener.open(columns, rows, take_over=False)
    if isinstance(opened, NotNow):
        return opened.detail
    _say(f"console of {name}; {_shown(code)} leaves, twice sends it\n")
    first = b""
    try:
        with _raw(), _resizing(opened):
            if past:
                _out(as_text(past, columns))
            first, left = _pass_through(opened, Escape(code), log)
            _out(_AS_BEFORE)
    finally:
        opened.close()
    _say("\n")
    if left:
        return ""
    refusal = opener.refusal(first.decode("utf-8", "replace"))
    if refusal is not None:
        verb = "is busy" if refusal.state is SessionState.BUSY else "cannot be opened"
        return f"the console of {name} {verb}: {refusal.detail}"
    return f"the console of {name} ended: the machine stopped or moved, or somebody took it over"


def as_text(past: bytes, columns: int) -> bytes:
    """Old output as mere lines: the operator's terminal must not answer its queries to the guest of today."""
    from core.console.emulator import GhosttyEmulator

    emulator = GhosttyEmulator(columns, 24, scrollback=100_000)
    emulator.feed(past)
    lines = emulator.contents()
    emulator.close()
    return "".join(f"{line}\r\n" for line in [*lines, "-- from before the attach --"]).encode()


def _pass_through(line: Line, escape: Escape, log: ConsoleLog | None) -> tuple[bytes, bool]:
    first = b""
    typed = sys.stdin.fileno()
    while True:
        data = line.read(0.02)
        if data is None:
            return first, False
        if data:
            first += data[: max(0, 2048 - len(first))]
            _out(data)
            if log is not None:
                log.write(data)
        if select.select([typed], [], [], 0)[0]:
            pressed = os.read(typed, 4096)
            if not pressed:
                return first, True
            out, leave = escape.take(pressed, time.monotonic())
            if out:
                line.write(out)
            if leave:
                return first, True
        if escape.is_due(time.monotonic()):
            return first, True


@contextmanager
def _raw() -> Iterator[None]:
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    ended = signal.signal(signal.SIGTERM, _end)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
        signal.signal(signal.SIGTERM, ended)


def _end(number: int, _frame: FrameType | None) -> None:
    """Leave through the ``finally`` that gives the terminal back."""
    sys.exit(128 + number)


@contextmanager
def _resizing(line: Line) -> Iterator[None]:
    def resized(_signal: int, _frame: FrameType | None) -> None:
        line.resize(*_terminal_size())

    before = signal.signal(signal.SIGWINCH, resized)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)


def _terminal_size() -> tuple[int, int]:
    try:
        rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8))
    except OSError:
        return 80, 24
    return columns or 80, rows or 24


def _out(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sys.stdout.fileno(), view) :]


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _shown(code: int) -> str:
    return f"^{chr(code ^ 0x40)}"
