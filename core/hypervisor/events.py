"""libvirt's domain events, registered per connection and put into our words. Runs on the event thread: no calls."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

import libvirt

from core.hypervisor.calls import side_by_side
from core.hypervisor.model import ContainerName, DomainEvent, DomainUuid, EventKind

_LIFECYCLE: dict[int, tuple[EventKind, tuple[str, ...]]] = {
    libvirt.VIR_DOMAIN_EVENT_DEFINED: (EventKind.DEFINED, ("added", "updated", "renamed", "from snapshot")),
    libvirt.VIR_DOMAIN_EVENT_UNDEFINED: (EventKind.UNDEFINED, ("removed", "renamed")),
    libvirt.VIR_DOMAIN_EVENT_STARTED: (
        EventKind.STARTED,
        ("booted", "migrated", "restored", "from snapshot", "wakeup"),
    ),
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: (
        EventKind.SUSPENDED,
        ("paused", "migrated", "io error", "watchdog", "restored", "from snapshot", "api error", "post-copy",
         "post-copy failed"),
    ),
    libvirt.VIR_DOMAIN_EVENT_RESUMED: (
        EventKind.RESUMED,
        ("unpaused", "migrated", "from snapshot", "post-copy", "post-copy failed"),
    ),
    libvirt.VIR_DOMAIN_EVENT_STOPPED: (
        EventKind.STOPPED,
        ("shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot"),
    ),
    libvirt.VIR_DOMAIN_EVENT_SHUTDOWN: (EventKind.SHUTDOWN, ("finished", "guest", "host")),
    libvirt.VIR_DOMAIN_EVENT_PMSUSPENDED: (EventKind.PM_SUSPENDED, ("memory", "disk")),
    libvirt.VIR_DOMAIN_EVENT_CRASHED: (EventKind.CRASHED, ("panicked", "crash loaded")),
}  # fmt: skip
"""Detail words in the order of libvirt's enumerations."""

_OTHERS: dict[int, tuple[EventKind, str]] = {
    libvirt.VIR_DOMAIN_EVENT_ID_REBOOT: (EventKind.REBOOTED, "reboot"),
    libvirt.VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE: (EventKind.CHANGED, "balloon"),
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED: (EventKind.CHANGED, "device added"),
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED: (EventKind.CHANGED, "device removed"),
    libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED: (EventKind.CHANGED, "job completed"),
    libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE: (EventKind.CHANGED, "metadata"),
    libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE: (EventKind.CHANGED, "agent"),
    libvirt.VIR_DOMAIN_EVENT_ID_DISK_CHANGE: (EventKind.CHANGED, "disk"),
    libvirt.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE: (EventKind.CHANGED, "tray"),
    libvirt.VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2: (EventKind.CHANGED, "block job"),
    libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR: (EventKind.CHANGED, "io error"),
}
"""Events beside the lifecycle that change what a row of the tree says."""


def lifecycle_event(container: ContainerName, domain: libvirt.virDomain, event: int, detail: int) -> DomainEvent:
    """Put one lifecycle event into our words; numbers newer than this table become CHANGED."""
    kind, details = _LIFECYCLE.get(event, (EventKind.CHANGED, ()))
    word = details[detail] if 0 <= detail < len(details) else ""
    return DomainEvent(container, DomainUuid(domain.UUIDString()), domain.name(), kind, word)


class EventSubscription:
    """The callbacks registered on one connection; `cancel` before closing it, or it never closes."""

    def __init__(
        self, connection: libvirt.virConnect, container: ContainerName, sink: Callable[[DomainEvent], None]
    ) -> None:
        """Register for every event this driver knows.

        Args:
            connection: An open connection.
            sink: Called on the event thread for each event; may only queue.

        Raises:
            libvirt.libvirtError: Not even lifecycle events can be had.
        """
        self._connection: libvirt.virConnect | None = connection
        self._container = container
        self._sink = sink
        self._ids = [
            connection.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._on_lifecycle, None)
        ]
        asks = [partial(self._register_other, connection, *one) for one in _OTHERS.items()]
        self._ids += [callback_id for callback_id in side_by_side(asks) if callback_id is not None]

    def _register_other(
        self, connection: libvirt.virConnect, event_id: int, meaning: tuple[EventKind, str]
    ) -> int | None:
        try:
            return connection.domainEventRegisterAny(None, event_id, self._on_other, meaning)
        except libvirt.libvirtError:
            # Not every driver, nor every release, knows every event.
            return None

    def cancel(self) -> None:
        """Deregister everything. Never raises: a broken connection has forgotten the callbacks already."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        for callback_id in self._ids:
            with contextlib.suppress(libvirt.libvirtError):
                connection.domainEventDeregisterAny(callback_id)

    def _on_lifecycle(
        self, connection: libvirt.virConnect, domain: libvirt.virDomain, event: int, detail: int, opaque: object
    ) -> None:
        self._sink(lifecycle_event(self._container, domain, event, detail))

    def _on_other(self, connection: libvirt.virConnect, domain: libvirt.virDomain, *rest: object) -> None:
        meaning = rest[-1]
        if isinstance(meaning, tuple):
            kind, word = meaning
            self._sink(DomainEvent(self._container, DomainUuid(domain.UUIDString()), domain.name(), kind, word))
