"""Patience with domains that vanish while they reboot.

Xen's libxl driver takes a rebooting guest away and brings it back with a new id: for up to 20 seconds it is shut off
or not listed at all. A domain that was just told to reboot or shut down is therefore not reported lost at once.
"""

from __future__ import annotations

from dataclasses import replace

from core.hypervisor.model import DomainEvent, DomainFacts, DomainState, DomainUuid, EventKind

GRACE_S = 20.0
"""How long a domain may be away; seen with libxl 4.17."""

_OPENING = {EventKind.REBOOTED, EventKind.SHUTDOWN, EventKind.STOPPED}
_CLOSING = {EventKind.STARTED, EventKind.DEFINED, EventKind.UNDEFINED}


class Grace:
    """Which domains of one container may be away, and until when. Its collector thread's alone."""

    def __init__(self) -> None:
        self._until: dict[DomainUuid, float] = {}
        self._rebooting: set[DomainUuid] = set()

    def note(self, event: DomainEvent, now_s: float) -> None:
        """Take in an event that opens or ends a grace."""
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

    def seen(self, facts: DomainFacts, now_s: float) -> DomainFacts:
        """What to show of a domain that was found: one that is off amid a reboot is on its way, not off."""
        amid_reboot = facts.uuid in self._rebooting and self._until[facts.uuid] > now_s
        if amid_reboot and facts.state is DomainState.SHUT_OFF:
            return replace(facts, state=DomainState.SHUTTING_DOWN, reason="rebooting")
        return facts

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
        return expired
