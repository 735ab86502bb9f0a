"""Waiting for what comes about through worker threads, on machines of any speed."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.pilot import Pilot

from tests.tui.plans import text_of

PATIENCE_S = 90.0
"""Nothing here takes a second on a quiet machine."""


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait for something; in vain the test fails with what the screen shows."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > give_up_at:
            notices = [one.message for one in pilot.app._notifications]
            raise AssertionError(f"{text_of(pilot.app)}\nnotices: {notices}\nfocus: {pilot.app.focused}")
        await pilot.pause(0.02)
    await pilot.pause()
