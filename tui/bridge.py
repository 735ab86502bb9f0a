"""The one link from the core's threads to the screen.

`Inventory` calls from collector threads, up to thousands of times a second. Here that becomes at most one message
waiting, posted without waiting for the screen; the screen then takes the newest picture, however many there were in
between, and not more often than it can paint while keys still get through.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from textual.message import Message
from textual.message_pump import MessagePump

from core.inventory.snapshot import InventorySnapshot

MOST_A_SECOND = 30.0
"""Pictures shown a second at most."""

PAINTING_SHARE = 3.0
"""After a picture the screen is left alone this many times as long as the picture took."""


class Source(Protocol):
    """What can be watched."""

    def snapshot(self) -> InventorySnapshot:
        """The newest picture, at once."""

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Have `callback` called from any thread with each new serial; returns what ends it."""


class FleetChanged(Message, bubble=False):
    """There is a newer picture than the one shown."""

    def can_replace(self, message: Message) -> bool:
        """The latest wins."""
        return isinstance(message, FleetChanged)


class Bridge:
    """Carries news of one source to one screen.

    The screen calls `start` when mounted, `deliver` when it gets `FleetChanged`, and `stop` when it goes.
    """

    def __init__(self, source: Source, screen: MessagePump, show: Callable[[InventorySnapshot], None]) -> None:
        """Watch `source`; `show` is called on the screen's thread with the newest picture."""
        self._source = source
        self._screen = screen
        self._show = show
        self._stop: Callable[[], None] | None = None
        self._waiting = False
        self._next_s = 0.0
        self._serial: int | None = None

    def start(self) -> None:
        """Show what is there and watch for more."""
        self._stop = self._source.subscribe(self._arrived)
        self._deliver_now()

    def stop(self) -> None:
        """Watch no longer."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def deliver(self) -> None:
        """Show the newest picture now, or as soon as the screen had its rest."""
        rest = self._next_s - time.monotonic()
        if rest > 0:
            self._screen.set_timer(rest, self._deliver_now)
        else:
            self._deliver_now()

    def _arrived(self, _serial: int) -> None:
        """Any thread. Two threads passing the check at once post twice, which is harmless."""
        if not self._waiting:
            self._waiting = True
            self._screen.post_message(FleetChanged())

    def _deliver_now(self) -> None:
        self._waiting = False
        picture = self._source.snapshot()
        if picture.serial == self._serial:
            return
        self._serial = picture.serial
        began = time.monotonic()
        self._show(picture)
        ended = time.monotonic()
        self._next_s = ended + max(1.0 / MOST_A_SECOND, (ended - began) * PAINTING_SHARE)
