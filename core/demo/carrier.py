"""A carrier over synthetic containers: files are numbers, copying them takes only the time it is told to take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from core.errors import Cancelled, RemoteError
from core.hypervisor.model import ContainerName
from core.operations.carrier import CopyOrder, CopyReport, FileFacts, Ground
from core.operations.perform import StepProgress


class Files(Protocol):
    """What a pretending container has beyond a `Hypervisor`."""

    def pretend_files(self) -> Mapping[str, int]:
        """Sizes of the files by path."""

    def largest_file_system(self) -> tuple[str, int] | None:
        """Mount point and free bytes."""

    def delete_image(self, path: str) -> None:
        """Delete a file."""


F = TypeVar("F", bound=Files)


class PretendCarrier(Generic[F]):
    """A `core.operations.carrier.Carrier`. A copy is whole or not there, as with the real one."""

    def __init__(
        self,
        containers: Callable[[ContainerName], F],
        take: Callable[[F, str, F, str], None],
        bytes_s: float = 0.0,
    ) -> None:
        """Prepare.

        Args:
            take: Has a container take over a file under a path from another one's path.
            bytes_s: How fast copies are; 0 for at once.
        """
        self._containers = containers
        self._take = take
        self._bytes_s = bytes_s
        self._lock = threading.Lock()
        self._ours: set[tuple[str, str]] = set()

    def look(self, container: ContainerName, paths: Sequence[str]) -> Ground:
        """From the container's own numbers; a third of each image is allocated."""
        hypervisor = self._containers(container)
        space = hypervisor.largest_file_system() or ("", 0)
        files = hypervisor.pretend_files()
        return Ground(
            space[0], space[1], None, {path: _facts(container, path, files[path]) for path in paths if path in files}
        )

    def address(self, container: ContainerName) -> str:
        """Its name."""
        return container

    def copy(
        self, order: CopyOrder, told: Callable[[StepProgress], None], cancelled: Callable[[], bool]
    ) -> CopyReport:
        """Pretend, in the time it takes."""
        source, target = self._containers(order.source), self._containers(order.target)
        size = source.pretend_files().get(order.source_path)
        if size is None:
            raise RemoteError(f"could not copy {order.source_path}", f"it is not on {order.source}")
        allocated = _facts(order.source, order.source_path, size).allocated_bytes
        if order.target_path in target.pretend_files():
            if (order.target, order.target_path) in self._ours:
                return CopyReport(0, allocated, 0.0, True)
            raise RemoteError(f"could not copy {order.source_path}", f"{order.target_path} is there already")
        begun = time.monotonic()
        speed = min(self._bytes_s, order.limit_bytes_s) if order.limit_bytes_s else self._bytes_s
        while speed and (passed := time.monotonic() - begun) < allocated / speed:
            if cancelled():
                raise Cancelled(f"the copy of {order.source_path} was stopped", "an operator asked for it")
            told(StepProgress(int(passed * speed), allocated, int(speed), order.source_path))
            time.sleep(0.1)
        with self._lock:
            self._ours.add((order.target, order.target_path))
        self._take(target, order.target_path, source, order.source_path)
        return CopyReport(allocated, allocated, max(0.001, time.monotonic() - begun), True)

    def discard(self, container: ContainerName, path: str) -> None:
        """Forget a copy."""
        with self._lock:
            ours = (container, path) in self._ours
            self._ours.discard((container, path))
        if ours:
            self._containers(container).delete_image(path)

    def tidy(self, container: ContainerName, *, delete: Sequence[str] = (), settle: Sequence[str] = ()) -> None:
        """Forget files, and that others were copies."""
        with self._lock:
            self._ours -= {(container, path) for path in (*delete, *settle)}
        for path in delete:
            self._containers(container).delete_image(path)


def _facts(container: str, path: str, size: int) -> FileFacts:
    allocated = size if path.endswith(".saved") else size // 3
    return FileFacts(path, size, allocated, f"{container}:{path}")
