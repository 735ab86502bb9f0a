"""Who is next: targets of a job in their order, a few at a time in all and on each container."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from core.operations.run import CONTAINERS_AT_ONCE, PER_CONTAINER


class Queue:
    """Numbers 0 to n-1, each with its container, handed to worker threads."""

    def __init__(self, containers: Sequence[str], at_once: int = 0) -> None:
        """Prepare.

        Args:
            containers: Of each number.
            at_once: Most numbers in work at the same time; 0 for the usual bounds.
        """
        self._containers = containers
        self._waiting = list(range(len(containers)))
        self._busy: dict[str, int] = {}
        self._width = min(at_once or CONTAINERS_AT_ONCE, len(containers))
        self._turn = threading.Condition()

    def work_off(self, work: Callable[[int], None]) -> None:
        """Call `work` with every number, and return when all calls have returned. `work` must not raise."""
        # Daemons: a container that hangs must not keep the program from ending.
        threads = [
            threading.Thread(target=self._loop, args=(work,), name=f"job-{at}", daemon=True)
            for at in range(self._width)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _loop(self, work: Callable[[int], None]) -> None:
        while (number := self._next()) is not None:
            try:
                work(number)
            finally:
                with self._turn:
                    self._busy[self._containers[number]] -= 1
                    self._turn.notify_all()

    def _next(self) -> int | None:
        with self._turn:
            while self._waiting:
                for number in self._waiting:
                    container = self._containers[number]
                    if self._busy.get(container, 0) < PER_CONTAINER:
                        self._waiting.remove(number)
                        self._busy[container] = self._busy.get(container, 0) + 1
                        return number
                self._turn.wait()
            return None
