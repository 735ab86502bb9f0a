"""The inventory with synthetic containers: what is seen, when, and what one container can cost the others."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.demo.synthetic import SyntheticConnections, facts_of, synthetic_fleet
from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.errors import ContainerUnreachable, StoreError
from core.hypervisor.model import ContainerName, DomainState, DomainUuid, EventKind, LinkReport, LinkState
from core.inventory.inventory import Inventory
from core.inventory.snapshot import ContainerView, Drift, InventorySnapshot, VmView
from core.inventory.state import FleetRecords
from core.settings import ContainerSettings

FAST = ContainerSettings(refresh_s=0.1, relist_s=30.0)


class MemoryFleet:
    """A store of one variable."""

    def __init__(self, fleet: FleetRecords) -> None:
        self.number = 1
        self.records = fleet
        self.error = ""

    def revision(self) -> int:
        if self.error:
            raise StoreError("cannot read the store", self.error)
        return self.number

    def fleet(self) -> FleetRecords:
        return self.records

    def replace(self, fleet: FleetRecords) -> None:
        self.records, self.number = fleet, self.number + 1


class House:
    """An inventory over synthetic containers."""

    def __init__(self, containers: int = 2, vms: int = 3) -> None:
        self.fleet = synthetic_fleet(containers, vms)
        self.store = MemoryFleet(self.fleet)
        self.inventory = Inventory(self.store, FAST)
        self.pool = SyntheticConnections(
            self.fleet, event_sink=self.inventory.on_event, link_sink=self.inventory.on_link
        )
        self.names = [one.name for one in self.fleet.containers]

    def container(self, at: int = 0) -> SyntheticHypervisor:
        return self.pool.get(self.names[at])

    def view(self, at: int = 0) -> ContainerView:
        view = self.inventory.snapshot().container(self.names[at])
        assert view is not None
        return view

    def vm(self, at: int = 0, slice_no: int = 0) -> VmView:
        return self.view(at).vms[slice_no]

    def start(self) -> None:
        self.inventory.start(self.pool)
        until(lambda: bool(self.names) and all(self.known(name) for name in self.names))

    def known(self, name: ContainerName) -> bool:
        view = self.inventory.snapshot().container(name)
        return view is not None and view.host is not None


def until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.005)


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    made.start()
    yield made
    made.pool.close()
    made.inventory.close()


def test_records_and_domains_meet_in_one_row(house: House) -> None:
    row = house.vm()
    assert row.name == "compute-0-0-0"
    assert row.record is not None and row.defined and row.drift is Drift.NONE
    assert row.stale_since_s is None


def test_an_event_changes_one_row_and_leaves_the_other_objects_alone(house: House) -> None:
    before = house.inventory.snapshot()
    key = house.vm().key
    house.container().change(key.uuid, EventKind.SUSPENDED, state=DomainState.PAUSED)
    until(lambda: house.vm().state is DomainState.PAUSED)
    after = house.inventory.snapshot()
    assert after.serial > before.serial
    assert after.containers[1] is before.containers[1]
    assert after.containers[0].vms[1] is before.containers[0].vms[1]


def test_subscribers_hear_of_every_new_serial(house: House) -> None:
    heard: list[int] = []
    end = house.inventory.subscribe(heard.append)
    house.container().change(house.vm().key.uuid, EventKind.CHANGED, memory_kib=4096)
    until(lambda: bool(heard))
    assert heard[-1] == house.inventory.snapshot().serial
    end()
    known = len(heard)
    house.container().change(house.vm().key.uuid, EventKind.CHANGED, memory_kib=8192)
    until(lambda: house.vm().memory_kib == 8192)
    assert len(heard) == known


def test_a_domain_nobody_configured_is_shown_last(house: House) -> None:
    stranger = replace(
        facts_of(house.fleet.vms[0]), uuid=DomainUuid("00000000-0000-0000-0000-00000000000f"), name="a-guest"
    )
    house.container().appear(stranger)
    until(lambda: len(house.view().vms) == 4)
    row = house.view().vms[-1]
    assert (row.name, row.drift, row.record) == ("a-guest", Drift.UNKNOWN, None)


def test_a_domain_on_the_wrong_container_is_seen_from_both_sides(house: House) -> None:
    record = house.fleet.vms[0]
    house.container(0).vanish(record.uuid)
    house.container(1).appear(facts_of(record))
    until(lambda: len(house.view(1).vms) == 4 and not house.vm().defined)
    assert (house.vm().drift, house.vm().drift_detail) == (Drift.ELSEWHERE, "on vm-container-0-1")
    other = house.view(1).vms[-1]
    assert (other.drift, other.drift_detail) == (Drift.ELSEWHERE, "the store says vm-container-0-0")


def test_the_same_uuid_twice_is_called_out_on_both(house: House) -> None:
    house.container(1).appear(facts_of(house.fleet.vms[0]))
    until(lambda: house.vm().drift is Drift.DUPLICATE)
    assert house.vm().drift_detail == "also on vm-container-0-1"
    assert house.view(1).vms[-1].drift is Drift.DUPLICATE


def test_a_container_that_goes_down_keeps_its_last_known_state(house: House) -> None:
    report = LinkReport(LinkState.DOWN, "connection refused", time.monotonic() + 8)
    house.inventory.on_link(house.names[0], report)
    until(lambda: house.view().link is LinkState.DOWN)
    assert house.view().link_reason == "connection refused"
    assert house.vm().stale_since_s is not None and house.vm().defined
    house.inventory.on_link(house.names[0], LinkReport(LinkState.UP))
    until(lambda: house.vm().stale_since_s is None)
    assert house.view().link_reason == ""


def test_a_new_attempt_does_not_hide_why_the_container_is_down(house: House) -> None:
    name = house.names[0]
    house.inventory.on_link(name, LinkReport(LinkState.DOWN, "connection refused", time.monotonic() + 8))
    house.inventory.on_link(name, LinkReport(LinkState.CONNECTING, "connection refused", remedy="is sshd running?"))
    until(lambda: house.view().link_remedy == "is sshd running?")
    assert house.view().link is LinkState.DOWN
    assert house.view().link_reason == "connection refused"
    house.inventory.on_link(name, LinkReport(LinkState.CONNECTING))
    until(lambda: house.view().link is LinkState.CONNECTING)


def test_a_failing_container_is_asked_again_and_comes_back(house: House) -> None:
    house.container().failures["domains"] = ContainerUnreachable(house.names[0], "cannot reach it", "broken pipe")
    house.inventory.refresh_now()
    until(lambda: house.view().link is LinkState.DOWN)
    assert house.view().link_reason == "broken pipe"
    del house.container().failures["domains"]
    until(lambda: house.view().link is LinkState.UP and house.vm().stale_since_s is None)


def test_statistics_are_read_only_for_containers_in_view(house: House) -> None:
    house.inventory.set_in_view([house.names[0]])
    until(lambda: len(house.view().cpu_history) >= 2)
    assert "statistics" not in house.container(1).calls
    assert house.vm().rates.cpu_percent is not None
    house.inventory.set_in_view([])
    time.sleep(0.15)
    count = house.container().calls.count("statistics")
    time.sleep(0.3)
    assert house.container().calls.count("statistics") == count


def test_a_refresh_is_one_call_whatever_the_number_of_vms() -> None:
    house = House(containers=1, vms=400)
    house.start()
    house.inventory.set_in_view(house.names)
    until(lambda: house.container().calls.count("statistics") >= 3)
    house.container().calls.clear()
    until(lambda: len(house.container().calls) >= 3)
    assert set(house.container().calls) == {"statistics"}
    house.inventory.close()


def test_a_hung_container_costs_the_others_nothing(house: House) -> None:
    house.container(0).hang()
    house.inventory.refresh_now()
    time.sleep(0.05)
    began = time.monotonic()
    house.container(1).change(house.vm(1).key.uuid, EventKind.SUSPENDED, state=DomainState.PAUSED)
    until(lambda: house.vm(1).state is DomainState.PAUSED)
    assert time.monotonic() - began < 1.0
    began = time.monotonic()
    house.inventory.close(0.3)
    assert time.monotonic() - began < 1.0


def test_a_thousand_events_a_second_keep_snapshots_flowing_with_few_calls() -> None:
    house = House(containers=2, vms=20)
    house.start()
    house.container().calls.clear()
    serials: list[tuple[float, int]] = []
    house.inventory.subscribe(lambda serial: serials.append((time.monotonic(), serial)))
    end = time.monotonic() + 2.0
    sent = 0
    while time.monotonic() < end:
        for _ in range(10):
            row = house.fleet.vms[sent % 20]
            house.container().change(row.uuid, EventKind.CHANGED, memory_kib=1024 + sent)
            sent += 1
        time.sleep(0.01)
    until(lambda: house.vm(0, 19).memory_kib > 1024 + sent - 40)
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(serials)]
    assert sent > 500
    assert max(gaps) < 1.0
    assert len(house.container().calls) < sent / 4
    house.inventory.close()


def test_a_rebooting_xen_guest_is_not_reported_lost_at_once(house: House) -> None:
    uuid = house.vm().key.uuid
    house.container().change(uuid, EventKind.REBOOTED, state=DomainState.SHUT_OFF, domain_id=None)
    until(lambda: house.vm().state is DomainState.SHUTTING_DOWN)
    house.container().vanish(uuid, EventKind.STOPPED)
    time.sleep(0.2)
    assert house.vm().defined and house.vm().state is DomainState.SHUTTING_DOWN
    house.container().appear(facts_of(house.fleet.vms[0]))
    until(lambda: house.vm().state is DomainState.RUNNING)


def test_the_store_moves_and_the_tree_follows(house: House) -> None:
    renamed = replace(house.fleet.vms[0], name="web")
    house.store.replace(replace(house.fleet, vms=(renamed, *house.fleet.vms[1:-1])))
    until(lambda: house.vm().name == "web", 3.0)
    assert house.view(1).vms[-1].drift is Drift.UNKNOWN


def test_a_broken_store_is_named_and_what_was_known_stays(house: House) -> None:
    house.store.error = "database is locked"
    until(lambda: house.inventory.snapshot().store_error != "", 3.0)
    assert len(house.inventory.snapshot().containers) == 2
    house.store.error = ""
    until(lambda: house.inventory.snapshot().store_error == "", 3.0)


def test_a_container_without_uri_says_what_to_set() -> None:
    house = House(containers=1)
    bare = replace(house.fleet, containers=(replace(house.fleet.containers[0], uri=""),))
    house.store.replace(bare)
    house.inventory.start(house.pool)
    until(lambda: bool(house.inventory.snapshot().containers))
    assert house.view().link is LinkState.DOWN
    assert "libvirt" in house.view().link_reason and house.view().link_remedy.startswith("set host attr")
    assert house.vm().state is DomainState.UNKNOWN
    house.store.replace(house.fleet)
    until(lambda: house.view().link is LinkState.UP, 3.0)
    house.inventory.close()


def test_closing_ends_the_threads(house: House) -> None:
    house.inventory.close()
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {f"collector-{name}" for name in house.names}


def test_a_snapshot_is_never_older_than_the_serial_announced(house: House) -> None:
    behind: list[int] = []

    def check(serial: int) -> None:
        snapshot: InventorySnapshot = house.inventory.snapshot()
        if snapshot.serial < serial:
            behind.append(serial)

    house.inventory.subscribe(check)
    for at in range(50):
        house.container(at % 2).change(house.vm(at % 2).key.uuid, EventKind.CHANGED, memory_kib=5000 + at)
    until(lambda: house.vm(1).memory_kib == 5049)
    assert behind == []


def test_a_container_that_hangs_in_a_call_is_shown_stale_until_it_answers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.inventory.inventory.HUNG_AFTER_S", 0.2)
    house.container().hang()
    house.inventory.refresh_now()
    until(lambda: house.view().link is LinkState.DOWN)
    assert "no answer for" in house.view().link_reason
    assert house.vm().stale_since_s is not None and house.vm(1).stale_since_s is None
    house.container().unhang()
    until(lambda: house.view().link is LinkState.UP and house.vm().stale_since_s is None)


def test_file_systems_are_asked_of_containers_in_view_only(house: House) -> None:
    house.container().calls.clear()
    house.inventory.refresh_now()
    until(lambda: "host" in house.container().calls)
    house.inventory.set_in_view(house.names)
    house.inventory.refresh_now()
    until(lambda: "largest_file_system" in house.container().calls)
    assert house.container().calls.index("host") < house.container().calls.index("largest_file_system")
    assert house.container().calls.count("largest_file_system") < house.container().calls.count("host")


def test_a_lost_event_is_noticed_by_the_next_sample_and_looked_into_once(house: House) -> None:
    house.inventory.set_in_view(house.names)
    until(lambda: len(house.view().cpu_history) >= 1)
    house.container().tells_states = True
    house.container().silence()
    house.container().change(house.vm().key.uuid, EventKind.SUSPENDED, state=DomainState.PAUSED)
    until(lambda: house.vm().state is DomainState.PAUSED)
    house.container().calls.clear()
    until(lambda: len(house.container().calls) >= 4)
    assert set(house.container().calls) == {"statistics"}


def test_a_file_system_question_that_hangs_holds_nothing_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang() -> None:
        release.wait(5)

    monkeypatch.setattr(house.container(), "largest_file_system", hang)
    house.inventory.set_in_view(house.names)
    time.sleep(0.1)
    house.container().change(house.vm().key.uuid, EventKind.SUSPENDED, state=DomainState.PAUSED)
    until(lambda: house.vm().state is DomainState.PAUSED, 1.0)
    release.set()
