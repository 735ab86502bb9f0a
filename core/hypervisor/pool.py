"""Keeps every container connected: attempts side by side, endless retries, a report at every change.

One supervisor thread holds the timetable and never calls libvirt; each attempt runs in a borrowed thread, at most one
per container, so a container that hangs costs that one thread. All threads are daemons: closing never waits for them.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from core.errors import ContainerUnreachable, HypervisorError
from core.hypervisor.api import EventSink, LinkSink
from core.hypervisor.backoff import retry_delay_s
from core.hypervisor.calls import THREADS
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.eventloop import ensure_event_loop
from core.hypervisor.model import ContainerName, LinkReport, LinkState
from core.settings import ContainerSettings

_STARTS_AT_ONCE = 24
"""Attempts begun side by side; an ssh handshake costs this machine CPU."""

_SLOW_S = 1.0
"""An attempt older than this no longer counts among those: a hung container must not hold up the others."""

_STEADY_S = 30.0
"""A link that was up this long starts its back-off from the beginning."""

_CLOSE_S = 1.0


@dataclass(slots=True, eq=False)
class _Member:
    """One container of the pool. Fields change only under the pool's lock."""

    hypervisor: LibvirtHypervisor
    uri: str
    report: LinkReport = field(default_factory=lambda: LinkReport(LinkState.CONNECTING))
    due_s: float = 0.0
    failures: int = 0
    attempt_since_s: float | None = None
    up_since_s: float | None = None
    removed: bool = False
    lost: str | None = None
    """Why the link broke, until the supervisor has taken note."""


class HypervisorPool:
    """The containers' managed connections. Safe to use from any thread."""

    def __init__(
        self, settings: ContainerSettings, on_event: EventSink | None = None, on_link: LinkSink | None = None
    ) -> None:
        """Start the supervisor; containers come with `set_containers` or `add`.

        Args:
            on_event: Gets every domain event of every container, on the event thread; may only queue.
            on_link: Gets a container's every change of connection; may only queue.
        """
        ensure_event_loop()
        self._settings = settings
        self._on_event = on_event
        self._on_link = on_link
        self._jitter = random.Random()
        self._bell = threading.Condition(threading.RLock())
        self._members: dict[ContainerName, _Member] = {}
        self._closed = False
        threading.Thread(target=self._supervise, name="hypervisor-pool", daemon=True).start()

    def set_containers(self, uris: Mapping[ContainerName, str]) -> None:
        """Make the pool hold exactly these: new ones are connected, gone ones closed, changed URIs reconnected."""
        with self._bell:
            for name in [name for name in self._members if name not in uris]:
                self.remove(name)
            for name, uri in uris.items():
                self.add(name, uri)

    def add(self, name: ContainerName, uri: str) -> None:
        """Take a container in and connect it; the same URI again changes nothing, another one reconnects."""
        with self._bell:
            old = self._members.get(name)
            if self._closed or (old is not None and old.uri == uri):
                return
            if old is not None:
                self.remove(name)
            member = _Member(self._hypervisor(name, uri), uri)
            self._members[name] = member
            self._tell(member, LinkReport(LinkState.CONNECTING))
            self._bell.notify()

    def remove(self, name: ContainerName) -> None:
        """Let a container go. No report follows; not being there is fine."""
        with self._bell:
            member = self._members.pop(name, None)
            if member is not None:
                member.removed = True
                THREADS.start(member.hypervisor.close)

    def get(self, name: ContainerName) -> LibvirtHypervisor:
        """The container's hypervisor, connected or not; its calls raise ContainerUnreachable while it is not.

        Raises:
            ContainerUnreachable: The pool does not hold it.
        """
        with self._bell:
            member = self._members.get(name)
        if member is None:
            raise ContainerUnreachable(
                name, f"could not reach {name}", "it is no VM container", "give it a uri: set host attr"
            )
        return member.hypervisor

    def names(self) -> tuple[ContainerName, ...]:
        """The containers held, in the order they came."""
        with self._bell:
            return tuple(self._members)

    def report(self, name: ContainerName) -> LinkReport | None:
        """Where a container's connection stands, or None when the pool does not hold it."""
        with self._bell:
            member = self._members.get(name)
            return None if member is None else member.report

    def retry_now(self, name: ContainerName | None = None) -> None:
        """Try again at once: one container, or every one that is down. Back-offs start from the beginning."""
        with self._bell:
            for key, member in self._members.items():
                if name in (None, key) and member.report.state is LinkState.DOWN:
                    member.due_s = 0.0
                    member.failures = 0
            self._bell.notify()

    def close(self) -> None:
        """Let every container go, waiting a second at most in all. Never raises."""
        with self._bell:
            self._closed = True
            members, self._members = list(self._members.values()), {}
            for member in members:
                member.removed = True
            self._bell.notify()
        left = threading.Semaphore(0)

        def release(member: _Member) -> None:
            member.hypervisor.close()
            left.release()

        for member in members:
            THREADS.start(partial(release, member))
        give_up_at = time.monotonic() + _CLOSE_S
        for _ in members:
            if not left.acquire(timeout=max(0.0, give_up_at - time.monotonic())):
                return

    def _hypervisor(self, name: ContainerName, uri: str) -> LibvirtHypervisor:
        return LibvirtHypervisor(
            name, uri, self._settings, on_event=self._on_event, on_closed=lambda why: self._link_lost(name, why)
        )

    def _link_lost(self, name: ContainerName, why: str) -> None:
        with self._bell:
            member = self._members.get(name)
            if member is not None:
                member.lost = why
                self._bell.notify()

    def _supervise(self) -> None:
        with self._bell:
            while not self._closed:
                now = time.monotonic()
                for member in self._members.values():
                    if member.lost is not None and member.attempt_since_s is None:
                        self._note_loss(member, now)
                self._start_attempts(now)
                self._bell.wait(self._next_wake_s(now))

    def _note_loss(self, member: _Member, now_s: float) -> None:
        why, member.lost = member.lost or "", None
        if member.up_since_s is None:
            return
        steady = now_s - member.up_since_s >= _STEADY_S
        member.up_since_s = None
        member.failures = 0 if steady else member.failures + 1
        self._down(member, why, "", now_s)

    def _start_attempts(self, now_s: float) -> None:
        fresh = sum(
            1
            for member in self._members.values()
            if member.attempt_since_s is not None and now_s - member.attempt_since_s < _SLOW_S
        )
        for member in self._waiting():
            if member.due_s > now_s:
                continue
            if fresh >= _STARTS_AT_ONCE:
                return
            fresh += 1
            member.attempt_since_s = now_s
            last = member.report
            self._tell(member, LinkReport(LinkState.CONNECTING, last.reason, remedy=last.remedy))
            THREADS.start(partial(self._attempt, member))

    def _waiting(self) -> list[_Member]:
        """Members to connect, those that failed least first: the hung ones do not stand before the others."""
        waiting = [one for one in self._members.values() if one.attempt_since_s is None and one.up_since_s is None]
        return sorted(waiting, key=lambda one: one.failures)

    def _next_wake_s(self, now_s: float) -> float | None:
        waits = [max(0.0, member.due_s - now_s) for member in self._waiting()]
        if not waits:
            return None
        if min(waits) > 0.0:
            return min(waits)
        # Due, but too many attempts are fresh: look again when the oldest of them counts as slow.
        return 0.25

    def _attempt(self, member: _Member) -> None:
        failure: HypervisorError | None = None
        try:
            member.hypervisor.open()
        except HypervisorError as error:
            failure = error
        now = time.monotonic()
        with self._bell:
            member.attempt_since_s = None
            if member.removed:
                THREADS.start(member.hypervisor.close)
                return
            if failure is None:
                member.up_since_s = now
                self._tell(member, LinkReport(LinkState.UP))
            else:
                member.failures += 1
                self._down(member, failure.why or failure.what, failure.remedy, now)
            self._bell.notify()

    def _down(self, member: _Member, why: str, remedy: str, now_s: float) -> None:
        first, most = self._settings.retry_first_s, self._settings.retry_most_s
        member.due_s = now_s + retry_delay_s(max(1, member.failures), first, most, self._jitter)
        self._tell(member, LinkReport(LinkState.DOWN, why, member.due_s, remedy))

    def _tell(self, member: _Member, report: LinkReport) -> None:
        """Keep a report and pass it on, still under the lock so that reports arrive in their order."""
        if member.report == report and report.state is LinkState.CONNECTING and member.attempt_since_s is not None:
            return
        member.report = report
        if self._on_link is not None and not member.removed:
            self._on_link(member.hypervisor.container, report)
