"""The demo's connections: a real pool over the test driver, each container wrapped in a `DemoHypervisor`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from core.demo.hypervisor import Clock, DemoHypervisor
from core.hypervisor.api import EventSink, LinkSink
from core.hypervisor.model import ContainerName, DomainUuid, LinkState
from core.hypervisor.pool import HypervisorPool
from core.settings import ContainerSettings


class DemoPool:
    """As `HypervisorPool`."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        clock: Clock,
        images: Mapping[str, Mapping[str, int]],
        memory: Mapping[str, Mapping[str, DomainUuid]],
        on_event: EventSink | None,
        on_link: LinkSink | None,
    ) -> None:
        """Wrap a new pool.

        Args:
            images: Images and saved memory that are there from the beginning: container → path → bytes.
            memory: Whose memory that is: container → path → domain.
        """
        self._pool = HypervisorPool(ContainerSettings(), on_event, on_link)
        self._folder, self._seed, self._clock = folder, seed, clock
        self._images, self._memory = images, memory
        self._wrapped: dict[ContainerName, DemoHypervisor] = {}
        self._lock = threading.Lock()

    def set_containers(self, uris: Mapping[ContainerName, str]) -> None:
        """Connect to exactly these."""
        self._pool.set_containers(uris)

    def get(self, name: ContainerName) -> DemoHypervisor:
        """One container. Raises ContainerUnreachable for one that is not in the pool."""
        inner = self._pool.get(name)
        with self._lock:
            if name not in self._wrapped:
                self._wrapped[name] = DemoHypervisor(
                    inner,
                    self._folder,
                    self._seed,
                    self._clock,
                    self._images.get(name, {}),
                    self._memory.get(name, {}),
                )
            return self._wrapped[name]

    def is_up(self, name: ContainerName) -> bool:
        """The container is connected."""
        report = self._pool.report(name)
        return report is not None and report.state is LinkState.UP

    def retry_now(self, name: ContainerName | None = None) -> None:
        """Try what is down again."""
        self._pool.retry_now(name)

    def close(self) -> None:
        """Close every connection in bounded time."""
        self._pool.close()
