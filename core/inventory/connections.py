"""What the inventory needs of a pool of hypervisors: `core.hypervisor.pool`, the demo's, or a synthetic one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName


class Connections(Protocol):
    """The containers' managed connections."""

    def set_containers(self, uris: Mapping[ContainerName, str]) -> None:
        """Connect to exactly these containers, drop the others. Returns at once."""

    def get(self, name: ContainerName) -> Hypervisor:
        """The container's managed connection. Raises ContainerUnreachable for one that is not held."""

    def retry_now(self, name: ContainerName | None = None) -> None:
        """Try a container that is down (or all of them) again without waiting."""
