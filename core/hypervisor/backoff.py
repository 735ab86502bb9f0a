"""How long to wait before the next connection attempt: doubling, capped, and spread so that fleets do not march."""

from __future__ import annotations

import random


def retry_delay_s(failures: int, first_s: float, most_s: float, spread: random.Random | None = None) -> float:
    """Seconds until the next attempt.

    Args:
        failures: Attempts that failed in a row, at least 1.
        first_s: Delay after the first failure.
        most_s: Never longer than this.
        spread: Source of the jitter of a quarter up or down; None leaves it out.

    Returns:
        Between three quarters of `first_s` and `most_s`.
    """
    most_s = max(first_s, most_s)
    delay_s = first_s
    for _ in range(failures - 1):
        delay_s *= 2
        if delay_s >= most_s:
            delay_s = most_s
            break
    if spread is None:
        return delay_s
    return min(most_s, delay_s * spread.uniform(0.75, 1.25))
