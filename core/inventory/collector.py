"""One container's collector: a thread that turns events, link reports and ticks into `ContainerState`.

The thread alone talks to its hypervisor (but for the question about file systems, which goes another way), so at most
one call is under way per container and a container that hangs costs nobody else anything. `event`, `link`, `refresh`
and `set_in_view` only leave a note and may be called from any thread, libvirt's event thread included. Under load the
notes pile up into one look: a thousand events a second cost thirty readings a second, not a thousand.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from core.errors import DomainNotFound, HypervisorError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainEvent, DomainUuid, LinkReport, LinkState
from core.inventory.reader import Reader, Space
from core.inventory.state import ContainerState
from core.settings import ContainerSettings

log = logging.getLogger(__name__)

GATHER_S = 0.03
"""Shortest time between two readings caused by events; what arrives in between is read together."""

MANY = 6
"""From this many changed domains on, one bulk listing is cheaper than a call for each."""

Publish = Callable[[ContainerName, ContainerState, Collection[DomainUuid] | None], None]
"""Takes a container's new state and the UUIDs that may differ (None: look at all)."""


@dataclass(slots=True)
class _Notes:
    """What happened since the thread last looked."""

    links: list[LinkReport] = field(default_factory=list)
    events: list[DomainEvent] = field(default_factory=list)
    refresh: bool = False
    in_view: bool | None = None
    space: list[Space] = field(default_factory=list)

    @property
    def urgent(self) -> bool:
        """There is more than events, which may wait for company."""
        return bool(self.links or self.refresh or self.space or self.in_view is not None)


class Collector:
    """See the module. `publish` is called from the collector's thread only.

    Attributes:
        busy_since_s: Monotonic time at which the call under way began; None between calls.
        shown_hung: The inventory shows it stale because that call takes too long; cleared by its answer.
    """

    def __init__(
        self, name: ContainerName, hypervisor: Hypervisor, publish: Publish, settings: ContainerSettings
    ) -> None:
        self.name = name
        self.busy_since_s: float | None = None
        self.shown_hung = False
        self._reader = Reader(hypervisor)
        self._publish = publish
        self._settings = settings
        self._notes = _Notes()
        self._bell = threading.Condition()
        self._closing = False
        self._changed: set[DomainUuid] = set()
        self._up = False
        self._asking_space = False
        self._in_view = False
        self._read_at_s = -GATHER_S
        self._relist_at_s: float | None = None
        self._sample_at_s: float | None = None
        self._space_at_s: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"collector-{name}", daemon=True)

    @property
    def state(self) -> ContainerState:
        """What it last knew; from any thread."""
        return self._reader.state

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ask the thread to end after the call it is in, if any. Returns at once."""
        with self._bell:
            self._closing = True
            self._bell.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end of the thread. Returns False when it is still in a call."""
        if self._thread.ident is not None:
            self._thread.join(max(0.0, timeout_s))
        return not self._thread.is_alive()

    def event(self, event: DomainEvent) -> None:
        """A domain event arrived."""
        with self._bell:
            self._notes.events.append(event)
            if len(self._notes.events) == 1:
                self._bell.notify()

    def link(self, report: LinkReport) -> None:
        """The connection changed."""
        with self._bell:
            self._notes.links.append(report)
            self._bell.notify()

    def refresh(self) -> None:
        """List and sample again now."""
        with self._bell:
            self._notes.refresh = True
            self._bell.notify()

    def set_in_view(self, in_view: bool) -> None:
        """Statistics are wanted, or no longer."""
        with self._bell:
            self._notes.in_view = in_view
            self._bell.notify()

    def _run(self) -> None:
        while (notes := self._next_notes()) is not None:
            try:
                self._take(notes)
                self._work()
            except HypervisorError as error:
                self._failed(error)
            except Exception:
                # One of the three places that may catch everything: a defect in reading one container must not
                # freeze its rows for good, nor take the others along.
                log.exception("the collector of %s failed", self.name)
                self._relist_at_s = time.monotonic() + self._settings.refresh_s
            finally:
                self.busy_since_s = None
                if self.shown_hung:
                    self.shown_hung = False
                    self._emit(None)

    def _next_notes(self) -> _Notes | None:
        with self._bell:
            while not self._closing:
                now = time.monotonic()
                due = self._due_at_s()
                if self._notes.urgent or (due is not None and due <= now):
                    notes, self._notes = self._notes, _Notes()
                    return notes
                self._bell.wait(None if due is None else due - now)
            return None

    def _due_at_s(self) -> float | None:
        """When there is next something to do; in the past when there is already."""
        due = [self._reader.grace.next_check_s()]
        if self._notes.events or self._changed:
            due.append(self._read_at_s + GATHER_S)
        if self._up:
            due += [self._relist_at_s, self._sample_at_s, self._space_at_s]
        return min((one for one in due if one is not None), default=None)

    def _emit(self, changed: Collection[DomainUuid] | None) -> None:
        if not self._closing:
            self._publish(self.name, self._reader.state, changed)

    def _take(self, notes: _Notes) -> None:
        now = time.monotonic()
        for event in notes.events:
            self._reader.note(event, now)
            self._changed.add(event.uuid)
        if notes.in_view is not None and notes.in_view != self._in_view:
            self._in_view = notes.in_view
            self._look_closer(now)
        if notes.refresh:
            self._relist_at_s = now
            self._look_closer(now)
        for space in notes.space:
            self._asking_space = False
            self._reader.keep_space(space)
            self._emit(())
        for report in notes.links:
            self._up = report.state is LinkState.UP
            self._reader.follow(report)
            if self._up:
                self._relist_at_s = now
                self._look_closer(now)
            self._emit(())

    def _look_closer(self, now_s: float) -> None:
        """Statistics and file systems are asked of a container in view only, at once when it comes into view."""
        self._sample_at_s = self._space_at_s = now_s if self._in_view else None

    def _work(self) -> None:
        now = time.monotonic()
        self._changed |= self._reader.grace.take_expired(now)
        if not self._up:
            self._changed.clear()
            return
        self.busy_since_s = now
        if self._relist_at_s is not None and self._relist_at_s <= now:
            self._relist_at_s = now + self._settings.relist_s
            self._list_all()
            self._emit(self._reader.ask_host())
        elif self._changed:
            self._read_at_s = now
            if len(self._changed) >= MANY:
                self._list_all()
            else:
                self._read_some()
        if self._sample_at_s is not None and self._sample_at_s <= time.monotonic():
            self._sample()
        if self._space_at_s is not None and self._space_at_s <= time.monotonic():
            self._space_at_s = time.monotonic() + self._settings.relist_s
            if not self._asking_space:
                self._asking_space = True
                threading.Thread(target=self._ask_space, name=f"space-{self.name}", daemon=True).start()

    def _list_all(self) -> None:
        self._changed.clear()
        self._emit(self._reader.list_all())

    def _read_some(self) -> None:
        changed, self._changed = self._changed, set()
        try:
            self._emit(self._reader.read(changed))
        except HypervisorError:
            self._changed |= changed
            raise

    def _sample(self) -> None:
        began = time.monotonic()
        self._sample_at_s = began + self._settings.refresh_s
        changed, doubtful = self._reader.sample()
        self._changed |= doubtful
        # A slow answer skips ticks instead of making the next call at once.
        self._sample_at_s = max(self._sample_at_s, time.monotonic() + self._settings.refresh_s / 2)
        self._emit(changed)

    def _ask_space(self) -> None:
        """In a thread of its own: this goes over SSH, which may hang while libvirt answers."""
        space = self._reader.ask_space()
        with self._bell:
            self._notes.space.append(space)
            self._bell.notify()

    def _failed(self, error: HypervisorError) -> None:
        now = time.monotonic()
        if isinstance(error, DomainNotFound):
            self._relist_at_s = now
            return
        log.info("reading %s failed: %s", self.name, error)
        retry_at_s = now + self._settings.refresh_s
        self._relist_at_s = self._read_at_s = retry_at_s
        if self._in_view:
            self._sample_at_s = self._space_at_s = retry_at_s
        self._reader.fail(error, retry_at_s)
        self._emit(())
