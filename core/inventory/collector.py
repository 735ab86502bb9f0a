"""One container's collector: a thread that turns events, link reports and ticks into `ContainerState`.

The thread alone talks to its hypervisor, so at most one call is under way per container and a container that hangs
costs nobody else anything. `event`, `link`, `refresh` and `set_in_view` only leave a note and may be called from any
thread, libvirt's event thread included. Under load the notes pile up into one look: a thousand events a second cost
thirty readings a second, not a thousand.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from core.errors import ContainerUnreachable, DomainNotFound, HypervisorError, NotSupported
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import (
    ContainerName,
    DomainEvent,
    DomainFacts,
    DomainUuid,
    LinkReport,
    LinkState,
)
from core.inventory.grace import Grace
from core.inventory.rates import RateBook, longer
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

    def __bool__(self) -> bool:
        return bool(self.links or self.events or self.refresh or self.in_view is not None)


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
        self._hypervisor = hypervisor
        self._publish = publish
        self._settings = settings
        self._notes = _Notes()
        self._bell = threading.Condition()
        self._closing = False
        self._state = ContainerState()
        self._book = RateBook()
        self._grace = Grace()
        self._changed: set[DomainUuid] = set()
        self._up = False
        self._in_view = False
        self._read_at_s = -GATHER_S
        self._relist_at_s: float | None = None
        self._sample_at_s: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"collector-{name}", daemon=True)

    @property
    def state(self) -> ContainerState:
        """What it last knew; from any thread."""
        return self._state

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
                due = self._due_at_s(now)
                urgent = bool(self._notes.links or self._notes.refresh or self._notes.in_view is not None)
                if urgent or (due is not None and due <= now):
                    notes, self._notes = self._notes, _Notes()
                    return notes
                self._bell.wait(None if due is None else due - now)
            return None

    def _due_at_s(self, now_s: float) -> float | None:
        """When there is next something to do; in the past when there is already."""
        due = [self._grace.next_check_s()]
        if self._notes.events or self._changed:
            due.append(self._read_at_s + GATHER_S)
        if self._up:
            due += [self._relist_at_s, self._sample_at_s]
        return min((one for one in due if one is not None), default=None)

    def _emit(self, changed: Collection[DomainUuid] | None) -> None:
        if not self._closing:
            self._publish(self.name, self._state, changed)

    def _take(self, notes: _Notes) -> None:
        now = time.monotonic()
        reboots_away = self._state.host is None or self._state.host.driver == "xen"
        for event in notes.events:
            if reboots_away:
                self._grace.note(event, now)
            self._changed.add(event.uuid)
        if notes.in_view is not None and notes.in_view != self._in_view:
            self._in_view = notes.in_view
            self._sample_at_s = now if notes.in_view else None
        if notes.refresh:
            self._relist_at_s = now
            self._sample_at_s = now if self._in_view else None
        for report in notes.links:
            self._follow(report, now)

    def _follow(self, report: LinkReport, now_s: float) -> None:
        up = self._up = report.state is LinkState.UP
        self._state = replace(
            self._state,
            link=report.state,
            reason=report.reason,
            remedy=report.remedy,
            retry_at_s=report.retry_at_s,
            fresh=self._state.fresh and up,
        )
        if up:
            self._relist_at_s = now_s
            self._sample_at_s = now_s if self._in_view else None
        self._emit(())

    def _work(self) -> None:
        now = time.monotonic()
        self._changed |= self._grace.take_expired(now)
        if not self._up:
            self._changed.clear()
            return
        if self._relist_at_s is not None and self._relist_at_s <= now:
            self._list_all(with_host=True)
        elif self._changed:
            self._read_at_s = now
            if len(self._changed) >= MANY:
                self._list_all(with_host=False)
            else:
                self._read_some()
        if self._sample_at_s is not None and self._sample_at_s <= time.monotonic():
            self._sample()

    def _list_all(self, *, with_host: bool) -> None:
        self._changed.clear()
        self.busy_since_s = now = time.monotonic()
        if with_host:
            self._relist_at_s = now + self._settings.relist_s
        listed = {facts.uuid: facts for facts in self._hypervisor.domains()}
        now = time.monotonic()
        domains = {uuid: self._grace.seen(facts, now) for uuid, facts in listed.items()}
        for uuid, last in self._state.domains.items():
            if uuid not in domains and (away := self._grace.missed(last, now)) is not None:
                domains[uuid] = away
        self._book.keep_only(domains)
        changes = replace(
            self._state,
            domains=domains,
            listed=True,
            fresh=True,
            link=LinkState.UP,
            reason="",
            remedy="",
            retry_at_s=None,
        )
        if with_host:
            changes = replace(changes, host=self._hypervisor.host(), seen_at_s=time.time())
            if self._in_view or not self._state.space_mount:
                changes = self._with_space(changes)
        was_fresh = self._state.fresh
        old, self._state = self._state.domains, changes
        differing = [uuid for uuid in domains.keys() | old.keys() if domains.get(uuid) != old.get(uuid)]
        self._emit(differing if was_fresh else None)

    def _with_space(self, state: ContainerState) -> ContainerState:
        try:
            space = self._hypervisor.largest_file_system()
        except ContainerUnreachable:
            raise
        except HypervisorError as error:
            log.debug("no file system facts from %s: %s", self.name, error)
            return state
        if space is None:
            return state
        return replace(state, space_mount=space[0], space_free_bytes=space[1])

    def _read_some(self) -> None:
        changed, self._changed = self._changed, set()
        self.busy_since_s = time.monotonic()
        domains = dict(self._state.domains)
        try:
            for uuid in sorted(changed):
                facts = self._read(uuid)
                if facts is None:
                    domains.pop(uuid, None)
                else:
                    domains[uuid] = facts
        except HypervisorError:
            self._changed |= changed
            raise
        self._state = replace(self._state, domains=domains, seen_at_s=time.time())
        self._emit(changed)

    def _read(self, uuid: DomainUuid) -> DomainFacts | None:
        try:
            return self._grace.seen(self._hypervisor.domain(uuid), time.monotonic())
        except DomainNotFound:
            last = self._state.domains.get(uuid)
            return None if last is None else self._grace.missed(last, time.monotonic())

    def _sample(self) -> None:
        self.busy_since_s = now = time.monotonic()
        self._sample_at_s = now + self._settings.refresh_s
        try:
            samples = self._hypervisor.statistics()
        except (NotSupported, DomainNotFound) as error:
            log.debug("no statistics from %s: %s", self.name, error)
            return
        # A slow answer skips ticks instead of making the next call at once.
        self._sample_at_s = max(self._sample_at_s, time.monotonic() + self._settings.refresh_s / 2)
        newest_s = self._book.newest_s
        found = self._book.add(samples)
        old = self._state.rates
        changed = [uuid for uuid in found.keys() | old.keys() if found.get(uuid) is not old.get(uuid)]
        history = self._state.cpu_history
        if self._book.newest_s > newest_s:
            history = longer(history, self._busy_percent(found.keys()))
        if not changed and history == self._state.cpu_history:
            return
        rates = {uuid: rate for uuid, rate in found.items() if uuid in self._state.domains}
        self._state = replace(self._state, rates=rates, cpu_history=history, seen_at_s=time.time())
        self._emit(changed)

    def _busy_percent(self, uuids: Collection[DomainUuid]) -> float | None:
        host = self._state.host
        if host is None or not host.cpus:
            return None
        busy = 0.0
        for uuid in uuids:
            facts, percent = self._state.domains.get(uuid), self._book.cpu_percent(uuid)
            if facts is not None and percent is not None:
                busy += percent * facts.vcpus
        return min(100.0, busy / host.cpus)

    def _failed(self, error: HypervisorError) -> None:
        """A call failed: what is shown is the last known state until a listing succeeds again."""
        now = time.monotonic()
        retry_at_s = now + self._settings.refresh_s
        self._relist_at_s = self._read_at_s = retry_at_s
        if self._sample_at_s is not None:
            self._sample_at_s = retry_at_s
        if isinstance(error, DomainNotFound):
            self._relist_at_s = now
            return
        log.info("reading %s failed: %s", self.name, error)
        link = LinkState.DOWN if isinstance(error, ContainerUnreachable) else self._state.link
        self._state = replace(
            self._state,
            link=link,
            fresh=False,
            reason=error.why or error.what,
            remedy=error.remedy,
            retry_at_s=retry_at_s if link is LinkState.DOWN else None,
        )
        self._emit(())
