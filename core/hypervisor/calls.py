"""Calls with a deadline, so that a container that hangs costs a bounded number of threads and nobody's patience.

A libvirt call cannot be interrupted. It runs in a borrowed daemon thread instead, and the caller stops waiting at
its deadline. A `Lane` bounds how many calls one container may have under way; the threads are shared by all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

_IDLE_S = 20.0
"""How long a borrowed thread waits for the next call before it ends."""


class CallTimedOut(Exception):
    """The deadline passed; the call itself goes on in its thread.

    Attributes:
        waited_s: How long the caller waited.
        under_way: What the lane was busy with, oldest first, as (what, seconds so far).
    """

    def __init__(self, waited_s: float, under_way: tuple[tuple[str, float], ...]) -> None:
        self.waited_s = waited_s
        self.under_way = under_way
        super().__init__(f"no answer after {waited_s:.0f} s")


class _Call(Generic[T]):
    """One function on its way: run in a thread, awaited from another."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.function = function
        self.done = threading.Event()
        self.value: list[T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.value.append(self.function())
        except BaseException as error:  # noqa: BLE001 - handed to the caller, not swallowed
            self.error = error
        finally:
            del self.function
            self.done.set()


class _Threads:
    """Daemon threads kept for a while between calls. They never hold up the end of the program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = 0

    def start(self, job: Callable[[], None]) -> None:
        """Run `job` in a thread of its own at once."""
        with self._lock:
            # There are always as many threads waiting as are idle and as there are jobs in the queue.
            self._work.put(job)
            if self._idle > 0:
                self._idle -= 1
                return
        threading.Thread(target=self._loop, name="hypervisor-call", daemon=True).start()

    def _loop(self) -> None:
        job: Callable[[], None] | None = self._work.get()
        while job is not None:
            job()
            # A thread that waits keeps nothing of its last job alive: a connection closes with its last reference.
            job = None
            job = self._next()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            self._idle += 1
        try:
            return self._work.get(timeout=_IDLE_S)
        except Empty:
            with self._lock:
                if self._idle > 0:
                    self._idle -= 1
                    return None
        return self._work.get()


WIDTH = 5
"""libvirtd works on so many requests of one client at a time (``max_client_requests``)."""

THREADS = _Threads()
"""Shared by every container of the process."""


def begin(function: Callable[[], T]) -> Callable[[], T]:
    """Start a function in a borrowed thread; what is returned waits for its answer, or raises its error."""
    call = _Call(function)
    THREADS.start(call.run)

    def answer() -> T:
        call.done.wait()
        if call.error is not None:
            raise call.error
        return call.value[0]

    return answer


def side_by_side(functions: Sequence[Callable[[], T]], width: int = WIDTH) -> list[T]:
    """Run functions in borrowed threads, at most `width` at once, and wait for all.

    Over a long way several calls under way together cost one round trip instead of one each.

    Returns:
        Their answers in order.

    Raises:
        BaseException: The first function's error, in order, after all have ended.
    """
    calls = [_Call(function) for function in functions]
    waiting = iter(calls[1:])
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                call = next(waiting, None)
            if call is None:
                return
            call.run()

    for _ in range(min(width, len(calls)) - 1):
        THREADS.start(work)
    if calls:
        calls[0].run()
        work()
    for call in calls:
        call.done.wait()
        if call.error is not None:
            raise call.error
    return [call.value[0] for call in calls]


class Lane:
    """At most `width` calls of one container at a time; the others wait their turn, no longer than their deadline."""

    def __init__(self, width: int) -> None:
        self._slots = threading.BoundedSemaphore(width)
        self._lock = threading.Lock()
        self._under_way: dict[int, tuple[str, float]] = {}
        self._serial = 0

    def run(self, what: str, function: Callable[[], T], deadline_s: float | None) -> T:
        """Run `function` in a borrowed thread and wait for its answer.

        Args:
            what: Names the call in `under_way`.
            deadline_s: Seconds for waiting and running together; None waits as long as it takes.

        Raises:
            CallTimedOut: No answer in time. The call keeps its place in the lane until it ends.
        """
        begun = time.monotonic()
        if not self._slots.acquire(timeout=deadline_s):
            raise CallTimedOut(deadline_s or 0.0, self.under_way())
        with self._lock:
            self._serial += 1
            ticket = self._serial
            self._under_way[ticket] = (what, begun)
        call = _Call(function)

        def job() -> None:
            try:
                call.run()
            finally:
                with self._lock:
                    self._under_way.pop(ticket, None)
                self._slots.release()

        THREADS.start(job)
        left = None if deadline_s is None else max(0.0, deadline_s - (time.monotonic() - begun))
        if not call.done.wait(left):
            raise CallTimedOut(deadline_s or 0.0, self.under_way())
        if call.error is not None:
            raise call.error
        return call.value[0]

    def under_way(self) -> tuple[tuple[str, float], ...]:
        """The calls that have not ended, oldest first, with their age in seconds."""
        now = time.monotonic()
        with self._lock:
            return tuple((what, now - begun) for what, begun in self._under_way.values())
