"""Asks one container and keeps what it said. Its collector's thread runs this; every asking method may block."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from dataclasses import replace

from core.errors import ContainerUnreachable, DomainNotFound, HypervisorError, NotSupported
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import (
    DomainEvent,
    DomainFacts,
    DomainState,
    DomainStatistics,
    DomainUuid,
    LinkReport,
    LinkState,
)
from core.inventory.grace import Grace
from core.inventory.rates import RateBook, longer
from core.inventory.state import ContainerState

log = logging.getLogger(__name__)

_REBOOTS_AWAY = "xen"
"""Driver whose rebooting guests are gone for a while."""


Space = tuple[str, int] | None
"""Mount point and free bytes of a container's largest file system."""


class Reader:
    """One container's state and how it is brought up to date.

    Each asking method returns the UUIDs that may differ now (None: look at all of them) and raises HypervisorError.

    Attributes:
        state: The newest, replaced whole.
        grace: Domains that may be away.
    """

    def __init__(self, hypervisor: Hypervisor) -> None:
        self.state = ContainerState()
        self.grace = Grace()
        self._hypervisor = hypervisor
        self._book = RateBook()
        self._doubted: dict[DomainUuid, DomainState] = {}

    def note(self, event: DomainEvent, now_s: float) -> None:
        """Take in what an event says about coming and going."""
        host = self.state.host
        if host is None or host.driver == _REBOOTS_AWAY:
            self.grace.note(event, now_s)

    def follow(self, report: LinkReport) -> None:
        """The connection changed; a lost one leaves the last known state.

        A new attempt after a failed one is no news to an operator until it ends: the container stays down, with the
        reason. An attempt at a machine that is off takes far longer than the pause before it.
        """
        again = report.state is LinkState.CONNECTING and bool(report.reason)
        self.state = replace(
            self.state,
            link=LinkState.DOWN if again else report.state,
            reason=report.reason,
            remedy=report.remedy,
            retry_at_s=time.monotonic() if again else report.retry_at_s,
            fresh=self.state.fresh and report.state is LinkState.UP,
        )

    def fail(self, error: HypervisorError, retry_at_s: float) -> None:
        """A call failed: what is known is the last known state until a listing succeeds again."""
        link = LinkState.DOWN if isinstance(error, ContainerUnreachable) else self.state.link
        self.state = replace(
            self.state,
            link=link,
            fresh=False,
            reason=error.why or error.what,
            remedy=error.remedy,
            retry_at_s=retry_at_s if link is LinkState.DOWN else None,
        )

    def list_all(self) -> Collection[DomainUuid] | None:
        """One bulk listing."""
        listed = {facts.uuid: facts for facts in self._hypervisor.domains()}
        now = time.monotonic()
        old, was_fresh = self.state.domains, self.state.fresh
        domains = {uuid: self._seen(facts, now) for uuid, facts in listed.items()}
        for uuid, last in old.items():
            if uuid not in domains and (away := self.grace.missed(last, now)) is not None:
                domains[uuid] = away
        self._book.keep_only(domains)
        self.state = replace(
            self.state,
            domains=domains,
            listed=True,
            fresh=True,
            link=LinkState.UP,
            reason="",
            remedy="",
            retry_at_s=None,
            seen_at_s=time.time(),
        )
        if not was_fresh:
            return None
        return [uuid for uuid in domains.keys() | old.keys() if domains.get(uuid) != old.get(uuid)]

    def ask_host(self) -> Collection[DomainUuid]:
        """What the container is and has."""
        self.state = replace(self.state, host=self._hypervisor.host(), seen_at_s=time.time())
        return ()

    def ask_space(self) -> Space:
        """Its largest file system, None when it cannot tell. Changes nothing here, so any thread may ask."""
        try:
            return self._hypervisor.largest_file_system()
        except HypervisorError as error:
            log.debug("no file system facts from %s: %s", self._hypervisor.container, error)
            return None

    def keep_space(self, space: Space) -> None:
        """Take in what `ask_space` answered; an unknown leaves what was known."""
        if space is not None:
            self.state = replace(self.state, space_mount=space[0], space_free_bytes=space[1])

    def read(self, uuids: Collection[DomainUuid]) -> Collection[DomainUuid]:
        """Some domains, one call each."""
        domains = dict(self.state.domains)
        for uuid in sorted(uuids):
            facts = self._read(uuid)
            if facts is None:
                domains.pop(uuid, None)
            else:
                domains[uuid] = facts
        self.state = replace(self.state, domains=domains, seen_at_s=time.time())
        return uuids

    def sample(self) -> tuple[Collection[DomainUuid], set[DomainUuid]]:
        """One bulk call for counters; a driver without them has no rates.

        Returns:
            What may differ, and the domains to look at because their samples contradict what is known of them.
        """
        try:
            samples = self._hypervisor.statistics()
        except (NotSupported, DomainNotFound) as error:
            log.debug("no statistics from %s: %s", self._hypervisor.container, error)
            return (), set()
        newest_s = self._book.newest_s
        found = self._book.add(samples)
        old = self.state.rates
        changed = [uuid for uuid in found.keys() | old.keys() if found.get(uuid) is not old.get(uuid)]
        history = self.state.cpu_history
        if self._book.newest_s > newest_s:
            history = longer(history, self._busy_percent(found.keys()))
        if changed or history != self.state.cpu_history:
            rates = {uuid: rate for uuid, rate in found.items() if uuid in self.state.domains}
            self.state = replace(self.state, rates=rates, cpu_history=history, seen_at_s=time.time())
        return changed, self._doubtful(samples)

    def _read(self, uuid: DomainUuid) -> DomainFacts | None:
        try:
            return self._seen(self._hypervisor.domain(uuid), time.monotonic())
        except DomainNotFound:
            last = self.state.domains.get(uuid)
            return None if last is None else self.grace.missed(last, time.monotonic())

    def _seen(self, facts: DomainFacts, now_s: float) -> DomainFacts:
        host = self.state.host
        if host is not None and host.driver != _REBOOTS_AWAY:
            return facts
        return self.grace.seen(facts, self.state.domains.get(facts.uuid), now_s)

    def _doubtful(self, samples: Collection[DomainStatistics]) -> set[DomainUuid]:
        """Domains whose sample tells another state than is known: their event was lost.

        Each disagreement counts once, so that a driver that always tells two states costs no further calls.
        """
        found: dict[DomainUuid, DomainState] = {}
        for sample in samples:
            known = self.state.domains.get(sample.uuid)
            if sample.state is None or (known is not None and _alike(known.state, sample.state)):
                continue
            found[sample.uuid] = sample.state
        news = {uuid for uuid, state in found.items() if self._doubted.get(uuid) is not state}
        self._doubted = found
        return news

    def _busy_percent(self, uuids: Collection[DomainUuid]) -> float | None:
        host = self.state.host
        if host is None or not host.cpus:
            return None
        busy = []
        for uuid in uuids:
            facts, percent = self.state.domains.get(uuid), self._book.cpu_percent(uuid)
            if facts is not None and percent is not None:
                busy.append(percent * facts.vcpus)
        return min(100.0, sum(busy) / host.cpus) if busy else None


def _alike(known: DomainState, sampled: DomainState) -> bool:
    """Saved is shut off to a sample; a domain on its way down may be either."""
    off = (DomainState.SHUT_OFF, DomainState.SAVED)
    return known is sampled or (known in off and sampled in off) or known is DomainState.SHUTTING_DOWN
