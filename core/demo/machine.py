"""The machine under a synthetic hypervisor: its domains, its images, and the ways it can misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from core.errors import ContainerUnreachable, DomainBusy, DomainNotFound, HypervisorError
from core.hypervisor.api import EventSink
from core.hypervisor.model import ContainerName, DomainEvent, DomainFacts, DomainState, DomainUuid, EventKind


class SyntheticMachine:
    """Domains and images in memory. Thread-safe; events go to `sink` from the thread that caused them.

    Attributes:
        delay_s: What every call takes.
        calls: Names of the calls made, in order.
        tells_states: Samples carry the domain's state.
        failures: What a call of this name raises instead of answering.
        images: Sizes of the disk images by path.
        free_bytes: What its largest file system says to have left.
    """

    def __init__(
        self,
        container: ContainerName,
        domains: Iterable[DomainFacts] = (),
        *,
        sink: EventSink | None = None,
        seed: int = 1,
        driver: str = "xen",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.delay_s = 0.0
        self.free_bytes = 400 * 10**9
        self.tells_states = False
        self.calls: list[str] = []
        self.images: dict[str, int] = {}
        self.saved: dict[str, DomainFacts] = {}
        self.failures: dict[str, HypervisorError] = {}
        self._container = container
        self._sink = sink
        self._seed = seed
        self._driver = driver
        self._clock = clock
        self._lock = threading.Lock()
        self._go = threading.Event()
        self._go.set()
        self._cut = ""
        self._domains = {one.uuid: one for one in domains}
        self._ids = 100

    def hang(self) -> None:
        """From now on no call is answered, until `unhang`."""
        self._go.clear()

    def unhang(self) -> None:
        """Answer again, the waiting calls first."""
        self._go.set()

    def silence(self) -> None:
        """From now on events are lost on the way."""
        self._sink = None

    def cut(self, reason: str = "connection refused") -> None:
        """From now on every call raises ContainerUnreachable; an empty reason mends it."""
        self._cut = reason

    def change(self, uuid: DomainUuid, kind: EventKind, **values: object) -> None:
        """Something happened to a domain outside: set these fields of its facts and send the event."""
        with self._lock:
            facts = self._domains[uuid]
            self._domains[uuid] = facts = replace(facts, **values)  # type: ignore[arg-type]
        self.send(facts, kind)

    def appear(self, facts: DomainFacts) -> None:
        """A domain was defined outside."""
        with self._lock:
            self._domains[facts.uuid] = facts
        self.send(facts, EventKind.DEFINED)

    def vanish(self, uuid: DomainUuid, kind: EventKind = EventKind.UNDEFINED) -> None:
        """A domain is gone."""
        with self._lock:
            facts = self._domains.pop(uuid)
        self.send(facts, kind)

    def answer(self, call: str) -> None:
        """What every call begins with: write it down, be slow, hang, or fail."""
        self.calls.append(call)
        if self.delay_s:
            time.sleep(self.delay_s)
        self._go.wait()
        if self._cut:
            raise ContainerUnreachable(self._container, f"cannot reach {self._container}", self._cut)
        if call in self.failures:
            raise self.failures[call]

    def get(self, uuid: DomainUuid) -> DomainFacts:
        """One domain. Raises DomainNotFound."""
        with self._lock:
            facts = self._domains.get(uuid)
        if facts is None:
            raise DomainNotFound(self._container, f"no domain {uuid} on {self._container}")
        return facts

    def require(self, uuid: DomainUuid, *states: DomainState) -> DomainFacts:
        """One domain in one of these states. Raises DomainBusy."""
        facts = self.get(uuid)
        if facts.state not in states:
            raise DomainBusy(self._container, f"{facts.name} does not allow this", f"it is {facts.state.value}")
        return facts

    def switch_off(self, uuid: DomainUuid, detail: str) -> None:
        """A domain stops; a transient one is gone then."""
        facts = self.get(uuid)
        with self._lock:
            off = replace(facts, state=DomainState.SHUT_OFF, reason=detail, domain_id=None)
            if facts.persistent:
                self._domains[uuid] = off
            else:
                del self._domains[uuid]
        self.send(off, EventKind.STOPPED, detail)

    def send(self, facts: DomainFacts, kind: EventKind, detail: str = "") -> None:
        """Send an event, unless events are lost."""
        if self._sink is not None:
            self._sink(DomainEvent(self._container, facts.uuid, facts.name, kind, detail))
