"""Blocking calls off the screen's thread, without Python's shared pool of threads.

That pool's threads are joined when the program ends, so one call stuck in a hung container would keep the operator
from leaving. Each call here has a daemon thread of its own; what nobody waits for any more is left behind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


async def in_background(function: Callable[[], T], name: str = "quarry-call") -> T:
    """Run `function` in a thread and return what it returns or raise what it raises. The thread is a daemon."""
    future: Future[T] = Future()
    threading.Thread(target=_deliver, args=(function, future), name=name, daemon=True).start()
    return await asyncio.wrap_future(future)


def _deliver(function: Callable[[], T], future: Future[T]) -> None:
    if future.set_running_or_notify_cancel():
        with _Failure(future):
            future.set_result(function())


class _Failure(Generic[T]):
    """Hands whatever the block raises to the one who waits for the future."""

    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Pass an error on to the waiting side."""
        if error is None:
            return False
        self._future.set_exception(error)
        return True
