"""What a console is made of: a line to the machine, whoever opens it, and how that stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class SessionState(Enum):
    """Where a console stands; values are what its title says."""

    OPENING = "opening"
    OPEN = "open"
    WAITING = "waiting"
    """The machine is not running; the console opens by itself when it is."""
    BUSY = "busy"
    """Somebody else has it."""
    FAILED = "failed"
    """It cannot be opened; tried again now and then, and at once when asked."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Status:
    """The state, and a sentence about it: why it waits or failed, who holds it, what to check."""

    state: SessionState
    detail: str = ""


class Line(Protocol):
    """The open line of a console. `core.remote.console_process.ConsoleProcess` is one."""

    @property
    def is_ready(self) -> bool:
        """The machine is reached; until then `read` has to be called for it to become so."""

    def read(self, timeout_s: float | None = None) -> bytes | None:
        """Output; empty after the time; None at its end."""

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        """Input; returns how much went out."""

    def resize(self, columns: int, rows: int) -> None:
        """The terminal's new size."""

    def close(self) -> None:
        """Hang up."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """The console cannot be opened now.

    Attributes:
        state: WAITING when the machine is not running, FAILED otherwise.
        detail: Why, and what to check.
    """

    detail: str
    state: SessionState = SessionState.WAITING


class Opener(Protocol):
    """Knows where a machine is now and how its console is opened there. Called on the session's thread; may block."""

    def open(self, columns: int, rows: int, *, take_over: bool) -> Line | NotNow:
        """Open the line, or say why not now."""

    def history(self, most_bytes: int) -> bytes:
        """What the console said before; empty when nothing is kept."""

    def refusal(self, said: str) -> Status | None:
        """What the first words of a line that ended at once mean (busy, no console…); None when they mean nothing."""
