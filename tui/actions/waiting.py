"""A notice when an installing VM begins to wait for its operator. Screen thread; looks at what changed only."""

from __future__ import annotations

from collections.abc import Callable

from core.hypervisor.model import ContainerName
from core.inventory.records import WAITS
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey


class WaitingNotices:
    """Fed with every snapshot that is shown."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Prepare.

        Args:
            say: Shows one notice.
        """
        self._say = say
        self._seen: dict[ContainerName, ContainerView] = {}
        self._waiting: set[VmKey] = set()

    def look(self, snapshot: InventorySnapshot) -> None:
        """Say which VMs have begun to wait."""
        for container in snapshot.containers:
            if self._seen.get(container.name) is container:
                continue
            self._seen[container.name] = container
            now = {vm.key: vm.name for vm in container.vms if vm.lock is not None and vm.lock.reason == WAITS}
            for key, name in now.items():
                if key not in self._waiting:
                    self._say(f"{name} waits for you to partition its disks: P on its row")
            self._waiting = {key for key in self._waiting if key.container != container.name} | set(now)
