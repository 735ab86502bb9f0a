"""Events at a rate from another thread, as a busy fleet sends them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PAUSE_S = 0.002
_LAST_WORD_S = 5.0


@contextmanager
def storm(rate: int, event: Callable[[int], None]) -> Iterator[None]:
    """Call `event` with 1, 2, 3 … from a thread of its own, `rate` times a second, until the block ends."""
    over = threading.Event()

    def blow() -> None:
        number, began = 0, time.monotonic()
        while not over.is_set():
            due = int((time.monotonic() - began) * rate)
            while number < due:
                number += 1
                event(number)
            time.sleep(_PAUSE_S)

    thread = threading.Thread(target=blow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_LAST_WORD_S)
