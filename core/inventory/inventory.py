"""The fleet's state, shared by all threads: store records and domains merged into `InventorySnapshot`.

::

    inventory = Inventory(source, settings.containers)
    pool = HypervisorPool(settings.containers, inventory.on_event, inventory.on_link)
    inventory.start(pool)
    …
    inventory.close(); pool.close()

Threads: one watcher for the store, one collector per container. `snapshot` never waits for either: the lock is held
only while a change is merged, never during a call to the store or to a container. Looking never writes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from core.errors import ContainerUnreachable, StoreError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainEvent, DomainUuid, LinkReport, LinkState
from core.inventory.board import Board
from core.inventory.collector import Collector
from core.inventory.connections import Connections
from core.inventory.snapshot import InventorySnapshot
from core.inventory.state import ContainerState, FleetRecords, FleetSource
from core.settings import ContainerSettings

log = logging.getLogger(__name__)

STORE_POLL_S = 0.5
"""How often the store's revision is looked at."""

HUNG_AFTER_S = 8.0
"""A container whose call takes longer than this is shown stale until it answers."""

Subscriber = Callable[[int], None]
"""Called with the new serial from a collector's or the watcher's thread: may only queue."""


class Inventory:
    """See the module. Every public method may be called from any thread."""

    def __init__(self, source: FleetSource, settings: ContainerSettings, *, demo: bool = False) -> None:
        self._source = source
        self._settings = settings
        self._demo = demo
        self._lock = threading.Lock()
        self._board = Board()
        self._snapshot = InventorySnapshot(serial=0, containers=(), demo=demo)
        self._store_error = ""
        self._revision: int | None = None
        self._connections: Connections | None = None
        self._collectors: dict[ContainerName, Collector] = {}
        self._connected: dict[ContainerName, str] = {}
        self._early: dict[ContainerName, LinkReport] = {}
        self._in_view: frozenset[str] = frozenset()
        self._subscribers: tuple[Subscriber, ...] = ()
        self._wake = threading.Event()
        self._closing = False
        self._watcher = threading.Thread(target=self._watch, name="store-watcher", daemon=True)

    def start(self, connections: Connections) -> None:
        """Begin to read the store and to connect. Returns at once; the first snapshots follow."""
        self._connections = connections
        self._watcher.start()

    def close(self, timeout_s: float = 1.0) -> None:
        """End every thread that can be ended within the time; one in a hung call is left behind as a daemon."""
        deadline = time.monotonic() + timeout_s
        self._closing = True
        self._wake.set()
        with self._lock:
            self._subscribers = ()
            collectors = list(self._collectors.values())
        for collector in collectors:
            collector.close()
        if self._watcher.is_alive() and self._watcher is not threading.current_thread():
            self._watcher.join(max(0.0, deadline - time.monotonic()))
        for collector in collectors:
            collector.join(deadline - time.monotonic())

    def snapshot(self) -> InventorySnapshot:
        """The newest picture, at once."""
        return self._snapshot

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Have `callback` called with the serial of every new snapshot. Returns the function that ends it."""
        with self._lock:
            self._subscribers = (*self._subscribers, callback)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = tuple(one for one in self._subscribers if one is not callback)

        return unsubscribe

    def set_in_view(self, containers: Iterable[str]) -> None:
        """Statistics are wanted of these containers and of no others."""
        wanted = frozenset(containers)
        with self._lock:
            changed = {
                name: collector
                for name, collector in self._collectors.items()
                if (name in wanted) != (name in self._in_view)
            }
            self._in_view = wanted
        for name, collector in changed.items():
            collector.set_in_view(name in wanted)

    def refresh_now(self, containers: Iterable[str] | None = None) -> None:
        """Read the store again, list and sample the containers (default: all), retry those that are down."""
        names = None if containers is None else set(containers)
        self._revision = None
        self._wake.set()
        with self._lock:
            chosen = [one for name, one in self._collectors.items() if names is None or name in names]
        for collector in chosen:
            collector.refresh()
        if self._connections is not None:
            for collector in chosen:
                self._connections.retry_now(collector.name)

    def set_boot(self, name: str, stage: str) -> None:
        """What a VM's console said last about its boot; empty when it is off or not looked at."""
        self._replace_snapshot(lambda: self._board.set_boot(name, stage))

    def on_event(self, event: DomainEvent) -> None:
        """`EventSink` for the pool: leaves a note for the container's collector."""
        collector = self._collectors.get(event.container)
        if collector is not None:
            collector.event(event)

    def on_link(self, name: ContainerName, report: LinkReport) -> None:
        """`LinkSink` for the pool."""
        with self._lock:
            collector = self._collectors.get(name)
            if collector is None:
                self._early[name] = report
                return
        collector.link(report)

    def _watch(self) -> None:
        while not self._closing:
            began = time.monotonic()
            self._read_store()
            spent = time.monotonic() - began
            self._look_for_hung()
            # A store of 10,000 VMs takes half a second to read: a busy one must not keep this process busy too.
            self._wake.wait(max(STORE_POLL_S, 3 * spent))
            self._wake.clear()

    def _read_store(self) -> None:
        try:
            revision = self._source.revision()
            if revision == self._revision and not self._store_error:
                return
            fleet = self._source.fleet()
        except StoreError as error:
            if error.sentence != self._store_error:
                log.warning("%s", error.sentence)
                self._store_error = error.sentence
                self._replace_snapshot(lambda: True)
            return
        self._revision = revision
        had_error, self._store_error = self._store_error, ""
        self._replace_snapshot(lambda: self._board.set_fleet(fleet) or bool(had_error))
        self._connect(fleet)

    def _connect(self, fleet: FleetRecords) -> None:
        """Give each container with a URI its connection and collector, take them from the others."""
        connections = self._connections
        uris = {one.name: one.uri for one in fleet.containers if one.uri}
        if connections is None or uris == self._connected:
            return
        gone = [name for name, uri in self._connected.items() if uris.get(name) != uri]
        with self._lock:
            dropped = [self._collectors.pop(name) for name in gone if name in self._collectors]
            for name in gone:
                self._early.pop(name, None)
        for collector in dropped:
            collector.close()
        connections.set_containers(uris)
        new = [one for one in uris if one not in self._connected or one in gone]
        self._connected = {name: uri for name, uri in self._connected.items() if name in uris and name not in new}
        for name in new:
            try:
                hypervisor = connections.get(name)
            except ContainerUnreachable:
                # The pool is closing, or lost it in the meantime: the next look at the store tries again.
                self._revision = None
                continue
            self._collect(name, hypervisor)
            self._connected[name] = uris[name]

    def _collect(self, name: ContainerName, hypervisor: Hypervisor) -> None:
        collector = Collector(name, hypervisor, self._publish, self._settings)
        with self._lock:
            if self._closing:
                return
            self._collectors[name] = collector
            early = self._early.pop(name, None)
            in_view = name in self._in_view
        if in_view:
            collector.set_in_view(True)
        if early is not None:
            collector.link(early)
        collector.start()

    def _publish(self, name: ContainerName, state: ContainerState, changed: Collection[DomainUuid] | None) -> None:
        self._replace_snapshot(lambda: self._board.set_state(name, state, changed))

    def _replace_snapshot(self, change: Callable[[], bool]) -> None:
        """Run `change` under the lock; make and announce a new snapshot when it says that something changed."""
        with self._lock:
            if self._closing or not change():
                return
            serial = self._snapshot.serial + 1
            self._snapshot = InventorySnapshot(
                serial=serial,
                containers=self._board.containers,
                frontend=self._board.frontend,
                demo=self._demo,
                store_error=self._store_error,
            )
            subscribers = self._subscribers
        for subscriber in subscribers:
            subscriber(serial)

    def _look_for_hung(self) -> None:
        now = time.monotonic()
        for collector in list(self._collectors.values()):
            since = collector.busy_since_s
            if since is None or now - since < HUNG_AFTER_S or collector.shown_hung:
                continue
            collector.shown_hung = True
            state = replace(
                collector.state,
                link=LinkState.DOWN,
                fresh=False,
                reason=f"no answer for {now - since:.0f} s",
                remedy="it is asked again as soon as it answers",
            )
            self._publish(collector.name, state, ())
