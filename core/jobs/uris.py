"""Where containers are, as the store has it at the moment of asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import ContainerUnreachable
from core.hypervisor.model import ContainerName

if TYPE_CHECKING:
    from core.store.store import Store


class StoreUris:
    """libvirt URIs of containers by name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def uri(self, name: ContainerName) -> str:
        """As stored. Raises ContainerUnreachable for a container that has none."""
        with self._store.reading() as rows:
            for one in rows.fleet().containers:
                if one.name == name and one.uri:
                    return one.uri
        raise ContainerUnreachable(name, f"could not connect to {name}", "it has no libvirt URI in the store")
