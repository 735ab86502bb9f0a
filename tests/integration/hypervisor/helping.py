"""Waiting for real machines."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(ask: Callable[[], T], within_s: float = 30.0) -> T:
    """Ask until the answer is true, and return it."""
    give_up_at = time.monotonic() + within_s
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < give_up_at, "it did not come about"
        time.sleep(0.05)
