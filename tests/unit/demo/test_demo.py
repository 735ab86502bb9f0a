"""The demo: a mixture of everything, on libvirt's test driver, the same for the same seed."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.demo.fleet import DemoFleet
from core.demo.life import happen
from core.demo.load import statistics_at
from core.demo.names import demo_containers
from core.demo.pool import DemoPool
from core.demo.synthetic import facts_of, synthetic_fleet
from core.hypervisor.model import DomainState, LinkState
from core.inventory.inventory import Inventory
from core.inventory.records import StoreFleet
from core.inventory.snapshot import Drift, VmView
from core.operations.plan import Outcome, Plan
from core.operations.planning import plan_action
from core.operations.run import run_plan


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


class Opened:
    """A demo with its inventory, as the screen has it."""

    def __init__(self, folder: Path, *, frozen: bool = True) -> None:
        self.demo = DemoFleet(folder, frozen=frozen)
        self.inventory = Inventory(StoreFleet(self.demo.store), self.demo.settings, demo=True)
        self.pool: DemoPool = self.demo.pool(self.inventory.on_event, self.inventory.on_link)
        self.inventory.start(self.pool)
        until(lambda: len(self.rows()) > 30 and all(one.host for one in self.inventory.snapshot().containers))

    def rows(self) -> list[VmView]:
        return [vm for container in self.inventory.snapshot().containers for vm in container.vms]

    def vm(self, name: str) -> VmView:
        return self.inventory.snapshot().by_name()[name]

    def act(self, verb: str, name: str, **parameters: str) -> None:
        self.inventory.refresh_now([])
        time.sleep(0.1)
        plan = plan_action(verb, [name], self.inventory.snapshot(), parameters)
        assert isinstance(plan, Plan), plan
        result = run_plan(plan, self.pool, self.demo.store, "ann")[0]
        assert result.outcome is Outcome.DONE, result.detail


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    made = Opened(tmp_path)
    yield made
    made.inventory.close()
    made.demo.close()


def test_four_containers_with_eight_to_twelve_vms_in_every_state(opened: Opened) -> None:
    snapshot = opened.inventory.snapshot()
    assert snapshot.demo and snapshot.frontend == "rocks"
    names = [one.name for one in snapshot.containers]
    assert names == ["vm-container-0-0", "vm-container-0-1", "vm-container-1-0", "vm-container-1-1"]
    assert all(8 <= len([vm for vm in one.vms if vm.record]) <= 12 for one in snapshot.containers)
    states = {vm.state for vm in opened.rows()}
    assert {DomainState.RUNNING, DomainState.PAUSED, DomainState.SAVED, DomainState.SHUT_OFF} <= states
    drifts = [vm.drift for vm in opened.rows()]
    assert drifts.count(Drift.UNKNOWN) == 1 and drifts.count(Drift.NOT_DEFINED) == 1


def test_every_verb_works_on_the_demo(opened: Opened) -> None:
    name = "compute-0-0-0"
    for verb, state in (
        ("pause", DomainState.PAUSED),
        ("resume", DomainState.RUNNING),
        ("save", DomainState.SAVED),
        ("restore", DomainState.RUNNING),
        ("reset", DomainState.RUNNING),
        ("reboot", DomainState.RUNNING),
        ("shutdown", DomainState.SHUT_OFF),
        ("start", DomainState.RUNNING),
        ("stop", DomainState.SHUT_OFF),
    ):
        opened.act(verb, name)
        opened.inventory.refresh_now([])
        until(lambda state=state: opened.vm(name).state is state)  # type: ignore[misc]
    opened.act("remove", name, images="yes")
    opened.inventory.refresh_now([])
    until(lambda: name not in opened.inventory.snapshot().by_name())


def test_the_stranger_can_be_adopted_and_the_undefined_one_started(opened: Opened) -> None:
    opened.act("adopt", "test-guest")
    missing = next(vm.name for vm in opened.rows() if vm.drift is Drift.NOT_DEFINED)
    opened.act("start", missing)
    opened.inventory.refresh_now([])
    until(lambda: all(vm.drift is Drift.NONE for vm in opened.rows()))


def test_saved_memory_stays_inside_the_demos_folder(opened: Opened, tmp_path: Path) -> None:
    opened.act("save", "compute-0-0-0")
    assert [one.name for one in tmp_path.glob("*compute-0-0-0.saved")]


def test_what_the_demo_begins_with_as_saved_was_saved_by_quarry(opened: Opened, tmp_path: Path) -> None:
    saved = [vm for vm in opened.rows() if vm.state is DomainState.SAVED]
    assert saved
    for vm in saved:
        assert vm.record is not None and vm.record.saved_file == f"/state/partition1/xen/disks/{vm.name}.saved"
        assert not vm.managed_save
    opened.act("restore", "compute-0-0-3")
    opened.inventory.refresh_now([])
    until(lambda: opened.vm("compute-0-0-3").state is DomainState.RUNNING)
    assert not list(tmp_path.glob("*compute-0-0-3.saved"))


def test_a_frozen_demo_comes_to_the_same_picture_every_time(tmp_path: Path) -> None:
    pictures = []
    for at in range(2):
        folder = tmp_path / str(at)
        folder.mkdir()
        opened = Opened(folder)
        opened.inventory.set_in_view(one.name for one in opened.inventory.snapshot().containers)
        until(lambda opened=opened: all(len(one.cpu_history) == 60 for one in opened.inventory.snapshot().containers))  # type: ignore[misc]
        pictures.append([(vm.name, vm.state, vm.rates) for vm in opened.rows()])
        opened.inventory.close()
        opened.demo.close()
    assert pictures[0] == pictures[1]


def test_the_frozen_snapshot_needs_no_containers_and_has_full_histories(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path)
    first, second = demo.frozen_snapshot(), demo.frozen_snapshot()
    demo.close()
    assert first == second and first.demo
    running = [vm for one in first.containers for vm in one.vms if vm.state is DomainState.RUNNING]
    assert all(len(vm.rates.cpu_history) == 60 and vm.rates.cpu_percent is not None for vm in running)


def test_things_happen_by_themselves(tmp_path: Path) -> None:
    opened = Opened(tmp_path, frozen=False)
    before = {vm.key: vm.state for vm in opened.rows()}
    opened.demo.liven(pace_s=0.05)
    until(lambda: any(before[vm.key] is not vm.state for vm in opened.rows()))
    opened.inventory.close()
    opened.demo.close()


def test_happenings_fit_the_state(opened: Opened) -> None:
    hypervisor = opened.pool.get(opened.inventory.snapshot().containers[0].name)
    uuid = opened.vm("compute-0-0-0").key.uuid
    happen(hypervisor, uuid, 0.1)
    assert hypervisor.domain(uuid).state is DomainState.PAUSED
    happen(hypervisor, uuid, 0.1)
    assert hypervisor.domain(uuid).state is DomainState.RUNNING
    happen(hypervisor, uuid, 0.9)
    assert hypervisor.domain(uuid).state is DomainState.SHUT_OFF
    happen(hypervisor, uuid, 0.9)
    assert hypervisor.domain(uuid).state is DomainState.RUNNING


def test_made_up_counters_only_grow() -> None:
    facts = facts_of(synthetic_fleet(1, 1).vms[0])
    samples = [statistics_at(facts, 7, 10.0 * step) for step in range(200)]
    for before, after in itertools.pairwise(samples):
        assert (after.cpu_time_ns or 0) >= (before.cpu_time_ns or 0)
        assert (after.net_sent_bytes or 0) >= (before.net_sent_bytes or 0)


def test_containers_of_the_demo_are_up(opened: Opened) -> None:
    assert {one.link for one in opened.inventory.snapshot().containers} == {LinkState.UP}
    assert all(one.host and one.host.free_memory_kib for one in opened.inventory.snapshot().containers)


def test_mac_addresses_begin_where_rocks_begins() -> None:
    macs = [vm.mac for container in demo_containers(7) for vm in container.vms if vm.configured]
    assert min(macs) == "00:16:3e:00:00:01"
    assert len(set(macs)) == len(macs)


def test_a_large_demo_gives_every_vm_an_address_of_its_own() -> None:
    (container,) = demo_containers(7, 1, 2000)
    assert len({vm.ip for vm in container.vms if vm.configured}) == len({vm.name for vm in container.vms}) - 1
