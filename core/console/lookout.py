"""Feeds a boot watch now and then instead of at every read: a flood must not cost more than its last lines."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.console.watch import BootWatch, Stage

LOOK_EVERY_S = 0.1
_LOOKED_AT = 16 * 1024


class Lookout:
    """Looks at what a console says and tells of stages and alerts. Not safe for several threads."""

    def __init__(
        self, watch: BootWatch, on_stage: Callable[[Stage | None], None], on_alert: Callable[[Stage], None]
    ) -> None:
        """Nothing was seen yet.

        Args:
            on_stage: The boot stage changed; None when the machine went off.
            on_alert: The console said something an operator must know.
        """
        self._watch = watch
        self._on_stage = on_stage
        self._on_alert = on_alert
        self._unseen = b""
        self._looked_at_s = 0.0

    @property
    def stage(self) -> Stage | None:
        """The boot stage last seen."""
        return self._watch.stage

    def take(self, data: bytes) -> None:
        """Take output; looked at when the last look is long enough ago, else kept for `look`."""
        self._unseen = (self._unseen + data)[-_LOOKED_AT:]
        if time.monotonic() - self._looked_at_s > LOOK_EVERY_S:
            self.look()

    def look(self) -> None:
        """Look at what was kept."""
        if not self._unseen:
            return
        self._looked_at_s = time.monotonic()
        seen, self._unseen = self._unseen, b""
        stage = self._watch.feed(seen)
        for alert in self._watch.take_alerts():
            self._on_alert(alert)
        if stage is not None:
            self._on_stage(stage)

    def forget(self) -> None:
        """The machine is off: what it says next is a new story."""
        self._unseen = b""
        if self._watch.stage is not None:
            self._watch.forget()
            self._on_stage(None)
