"""What libxl sends and shows while a guest reboots or shuts down, as recorded on a real dom0."""

from __future__ import annotations

from core.hypervisor.model import ContainerName, DomainEvent, DomainFacts, DomainState, DomainUuid, EventKind
from core.inventory.grace import GRACE_S, Grace

UUID = DomainUuid("c2dc1922-9588-57a7-93ee-f9429bc75ebb")
STARTED = (EventKind.STARTED, "booted")
STOPPED = (EventKind.STOPPED, "shutdown")


def domain(state: DomainState, reason: str = "") -> DomainFacts:
    return DomainFacts(UUID, "compute-0-0-0", state, reason, True, 98304, 98304, 1)


RUNNING, OFF = domain(DomainState.RUNNING, "booted"), domain(DomainState.SHUT_OFF, "shutdown")


class Watcher:
    """Shows one domain as the inventory would."""

    def __init__(self) -> None:
        self.grace = Grace()
        self.shown: DomainFacts | None = None

    def hears(self, event: tuple[EventKind, str], at_s: float) -> None:
        kind, detail = event
        self.grace.note(DomainEvent(ContainerName("vm-container-0-0"), UUID, "compute-0-0-0", kind, detail), at_s)

    def sees(self, facts: DomainFacts, at_s: float) -> tuple[DomainState, str]:
        self.shown = self.grace.seen(facts, self.shown, at_s)
        return self.shown.state, self.shown.reason


def test_a_reboot_without_any_event_is_no_end() -> None:
    watcher = Watcher()
    watcher.sees(RUNNING, 0)
    for at_s in (20, 30, 49):
        assert watcher.sees(OFF, at_s) == (DomainState.SHUTTING_DOWN, "shutting down or rebooting")
    watcher.hears(STARTED, 46)
    watcher.hears(STOPPED, 46)
    assert watcher.sees(RUNNING, 46.1) == (DomainState.RUNNING, "booted")


def test_the_late_stopped_of_one_reboot_does_not_spoil_the_next() -> None:
    watcher = Watcher()
    watcher.sees(RUNNING, 0)
    watcher.hears(STARTED, 10)
    watcher.hears(STOPPED, 10)
    watcher.sees(RUNNING, 10.1)
    assert watcher.sees(OFF, 60)[0] is DomainState.SHUTTING_DOWN


def test_a_shutdown_is_off_as_soon_as_its_event_comes() -> None:
    watcher = Watcher()
    watcher.sees(RUNNING, 0)
    assert watcher.sees(OFF, 5)[0] is DomainState.SHUTTING_DOWN
    watcher.hears(STOPPED, 6)
    assert watcher.sees(OFF, 6.1) == (DomainState.SHUT_OFF, "shutdown")


def test_a_lost_event_is_believed_in_the_end() -> None:
    watcher = Watcher()
    watcher.sees(RUNNING, 0)
    watcher.sees(OFF, 5)
    assert watcher.grace.next_check_s() == 5 + GRACE_S
    assert watcher.grace.take_expired(5 + GRACE_S) == {UUID}
    assert watcher.sees(OFF, 5 + GRACE_S) == (DomainState.SHUT_OFF, "shutdown")


def test_what_was_off_before_anybody_looked_is_off() -> None:
    assert Watcher().sees(OFF, 0)[0] is DomainState.SHUT_OFF


def test_a_destroyed_or_saved_domain_is_off_at_once() -> None:
    for facts in (domain(DomainState.SHUT_OFF, "destroyed"), domain(DomainState.SAVED, "saved")):
        watcher = Watcher()
        watcher.sees(RUNNING, 0)
        assert watcher.sees(facts, 1)[0] is facts.state
