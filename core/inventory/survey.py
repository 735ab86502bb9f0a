"""One look at the fleet for a command: the store and every container asked once, side by side, within a bounded time.

Only containers with a URI are asked, and libvirt is imported only when there is one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import ContainerUnreachable, HypervisorError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, LinkState
from core.inventory.board import Board
from core.inventory.connections import Connections
from core.inventory.records import StoreFleet
from core.inventory.snapshot import InventorySnapshot
from core.inventory.state import ContainerState, FleetRecords
from core.settings import Settings
from core.store.records import ContainerRecord

if TYPE_CHECKING:
    from core.store.store import Store


@dataclass(slots=True)
class Look:
    """What was seen, and the open connections for acting on it.

    Attributes:
        hypervisors: The containers that answered.
    """

    snapshot: InventorySnapshot
    hypervisors: Mapping[ContainerName, Hypervisor] = field(default_factory=dict)


def survey(
    store: Store,
    settings: Settings,
    containers: Collection[str] | None = None,
    timeout_s: float | None = None,
    *,
    connections: Connections | None = None,
) -> InventorySnapshot:
    """The fleet as it is now; a container that does not answer in time is down with its reason.

    Args:
        containers: Which to ask; None for all with a URI. The others are in the snapshot as never heard of.
        timeout_s: How long to wait for them; None for the settings' ``survey_s``.
        connections: Open connections to ask through and leave open; without them each is opened and closed again.

    Raises:
        StoreError: The store cannot be read.
    """
    with looking(store, settings, containers, timeout_s, connections=connections) as look:
        return look.snapshot


@contextmanager
def looking(
    store: Store,
    settings: Settings,
    containers: Collection[str] | None = None,
    timeout_s: float | None = None,
    *,
    needed: Collection[str] = (),
    connections: Connections | None = None,
) -> Iterator[Look]:
    """As `survey`, with the connections kept open inside the block, for `core.operations.run.run_plan`.

    Args:
        needed: Containers nothing can be done without: each is waited for as long as connecting may take, because a
            busy or distant one (Xen over SSH above all) is slow without being down.
    """
    fleet = StoreFleet(store).fleet()
    asked = [one for one in fleet.containers if one.uri and (containers is None or one.name in containers)]
    inquiries = list(_inquiries(asked, settings, connections))
    brief_s = settings.containers.survey_s if timeout_s is None else timeout_s
    long_s = max(brief_s, settings.containers.connect_timeout_s)
    begun = time.monotonic()
    for inquiry in inquiries:
        inquiry.patience_s = long_s if inquiry.record.name in needed else brief_s
        inquiry.start()
    try:
        for inquiry in inquiries:
            inquiry.wait(begun + inquiry.patience_s)
        yield _look(fleet, inquiries)
    finally:
        if connections is None:
            _close([inquiry.hypervisor for inquiry in inquiries])


def _inquiries(
    records: Iterable[ContainerRecord], settings: Settings, connections: Connections | None
) -> Iterator[_Inquiry]:
    for record in records:
        if connections is None:
            from core.hypervisor.connection import LibvirtHypervisor

            yield _Inquiry(record, LibvirtHypervisor(record.name, record.uri, settings.containers), own=True)
            continue
        try:
            yield _Inquiry(record, connections.get(record.name), own=False)
        except ContainerUnreachable:
            # Added to the store a moment ago; the pool will hold it in the next one.
            continue


class _Inquiry:
    """One container asked in a daemon thread, which is left behind when it hangs."""

    def __init__(self, record: ContainerRecord, hypervisor: Hypervisor, *, own: bool) -> None:
        self.record = record
        self._own = own
        self.hypervisor = hypervisor
        self.patience_s = 0.0
        self._answer: ContainerState | None = None
        self._done = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._ask, name=f"survey-{self.record.name}", daemon=True).start()

    def wait(self, deadline_s: float) -> None:
        self._done.wait(max(0.0, deadline_s - time.monotonic()))

    def answer(self) -> ContainerState:
        if self._answer is not None:
            return self._answer
        reason = f"no answer within {self.patience_s:g} s"
        return ContainerState(link=LinkState.DOWN, reason=reason, remedy="try again, or look at the container")

    def _ask(self) -> None:
        try:
            if self._own:
                self.hypervisor.open()
            domains = {one.uuid: one for one in self.hypervisor.domains()}
            host = self.hypervisor.host()
        except HypervisorError as error:
            self._answer = ContainerState(link=LinkState.DOWN, reason=error.why or error.what, remedy=error.remedy)
        else:
            self._answer = ContainerState(
                link=LinkState.UP, domains=domains, host=host, seen_at_s=time.time(), listed=True, fresh=True
            )
        finally:
            self._done.set()


def _look(fleet: FleetRecords, inquiries: list[_Inquiry]) -> Look:
    board = Board()
    board.set_fleet(fleet)
    hypervisors: dict[ContainerName, Hypervisor] = {}
    for inquiry in inquiries:
        state = inquiry.answer()
        board.set_state(inquiry.record.name, state, None)
        if state.link is LinkState.UP:
            hypervisors[inquiry.record.name] = inquiry.hypervisor
    snapshot = InventorySnapshot(serial=1, containers=board.containers, frontend=board.frontend)
    return Look(snapshot, hypervisors)


def _close(hypervisors: list[Hypervisor]) -> None:
    """Close all side by side; one that hangs is given up after a second."""
    threads = [threading.Thread(target=one.close, name="survey-close", daemon=True) for one in hypervisors]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 1.0
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
