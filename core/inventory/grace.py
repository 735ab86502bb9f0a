"""Patience with domains that vanish while they reboot.

Xen's libxl driver takes a rebooting guest away and brings it back with a new id: for up to 20 seconds, and longer on
a busy container, it is shut off or not listed at all. It sends no event when that begins; when it is over it sends
"started" and only then "stopped". Of a guest that really shut down it sends "stopped" when it has cleaned up. So a
domain that ran and is found off without that event is on its way, and not reported off or lost at once.
"""

from __future__ import annotations

from dataclasses import replace

from core.hypervisor.model import DomainEvent, DomainFacts, DomainState, DomainUuid, EventKind

GRACE_S = 120.0
"""How long a domain may be away: four times what libxl 4.17 took on a busy container. Its events end it sooner."""

_OPENING = {EventKind.REBOOTED, EventKind.SHUTDOWN, EventKind.STOPPED}
_OFF = {DomainState.SHUT_OFF, DomainState.SAVED}
_CLOSING = {EventKind.STARTED, EventKind.DEFINED, EventKind.UNDEFINED}


class Grace:
    """Which domains of one container may be away, and until when. Its collector thread's alone."""

    def __init__(self) -> None:
        self._until: dict[DomainUuid, float] = {}
        self._rebooting: set[DomainUuid] = set()
        self._silent: set[DomainUuid] = set()
        self._told_off: set[DomainUuid] = set()

    def note(self, event: DomainEvent, now_s: float) -> None:
        """Take in an event that opens or ends a grace."""
        if event.kind is EventKind.STOPPED:
            self._told_off.add(event.uuid)
            self._silent.discard(event.uuid)
        if event.kind in _CLOSING:
            self.end(event.uuid)
        elif event.kind in _OPENING and event.detail not in ("destroyed", "migrated", "saved"):
            self._until[event.uuid] = now_s + GRACE_S
            if event.kind is EventKind.REBOOTED:
                self._rebooting.add(event.uuid)
        elif event.kind is EventKind.STOPPED:
            self.end(event.uuid)

    def end(self, uuid: DomainUuid) -> None:
        """The domain is back, or gone for good."""
        self._until.pop(uuid, None)
        self._rebooting.discard(uuid)
        self._silent.discard(uuid)

    def seen(self, facts: DomainFacts, last: DomainFacts | None, now_s: float) -> DomainFacts:
        """What to show of a domain that was found: one that is off amid a reboot is on its way, not off.

        Args:
            last: What was shown of it before.
        """
        if facts.state not in _OFF:
            self._told_off.discard(facts.uuid)
        elif self._is_silently_gone(facts, last):
            self._until[facts.uuid] = now_s + GRACE_S
            self._silent.add(facts.uuid)
        if facts.state is not DomainState.SHUT_OFF or self._until.get(facts.uuid, now_s) <= now_s:
            return facts
        if facts.uuid in self._rebooting:
            return replace(facts, state=DomainState.SHUTTING_DOWN, reason="rebooting")
        if facts.uuid in self._silent:
            return replace(facts, state=DomainState.SHUTTING_DOWN, reason="shutting down or rebooting")
        return facts

    def _is_silently_gone(self, facts: DomainFacts, last: DomainFacts | None) -> bool:
        return (
            facts.state is DomainState.SHUT_OFF
            and facts.reason == "shutdown"
            and facts.uuid not in self._told_off
            and last is not None
            and last.state is DomainState.RUNNING
        )

    def missed(self, last: DomainFacts, now_s: float) -> DomainFacts | None:
        """What to show of a domain that was not found: its last facts while it may be away, then None."""
        until = self._until.get(last.uuid)
        if until is None or until <= now_s:
            return None
        return replace(last, state=DomainState.SHUTTING_DOWN, reason="away, it may be rebooting")

    def next_check_s(self) -> float | None:
        """When the first grace runs out, on the clock the caller uses; None when there is none."""
        return min(self._until.values(), default=None)

    def take_expired(self, now_s: float) -> set[DomainUuid]:
        """Domains whose grace is over; they are to be looked at once more and believed."""
        expired = {uuid for uuid, until in self._until.items() if until <= now_s}
        for uuid in expired:
            self.end(uuid)
            self._told_off.add(uuid)
        return expired
