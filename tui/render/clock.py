"""The two clocks a picture may depend on, handed in so that a test can hold them still."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall and monotonic time.

    Attributes:
        wall: Seconds since the epoch.
        monotonic: Seconds of the monotonic clock that retry times are on.
        zone: Where times of day are read; None means the machine's own.
    """

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    zone: tzinfo | None = None

    def time_of_day(self, at_s: float) -> str:
        """``12:41``; with the day before it when that was not today (``21 Nov 12:41``)."""
        then = datetime.fromtimestamp(at_s, self.zone)
        today = datetime.fromtimestamp(self.wall(), self.zone).date()
        return then.strftime("%H:%M") if then.date() == today else then.strftime("%d %b %H:%M")

    def now(self) -> str:
        """The time of day now."""
        return self.time_of_day(self.wall())
