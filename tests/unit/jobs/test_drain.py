"""Emptying a container: who goes where, what does not fit, and one job that stops at the first failure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import HypervisorError
from core.hypervisor.model import DomainState
from core.jobs.moves import options_of
from core.operations.drain import plan_drain, survey_drain
from core.operations.placement import Load, Space, place
from core.operations.plan import Plan
from core.outcome import Refused
from core.store.job_records import JobState
from tests.unit.jobs.works import FIRST, SECOND, Works

GIB = 1024 * 1024
NAMES = [f"compute-0-0-{at}" for at in range(3)]

LOADS = st.lists(
    st.builds(
        Load,
        st.uuids().map(str),
        st.integers(0, 64 * GIB),
        st.integers(0, 10**12),
        st.integers(0, 16),
    ),
    max_size=12,
)
SPACES = st.lists(
    st.builds(
        Space,
        st.uuids().map(str),
        st.just(128 * GIB),
        st.integers(0, 128 * GIB),
        st.integers(0, 4 * 10**12),
        st.integers(1, 64),
    ),
    max_size=5,
)


def plan_for(works: Works, container: str = FIRST) -> Plan | Refused:
    snapshot = works.house.snapshot()
    found = survey_drain(container, snapshot, works.house.hypervisors, works.carrier, {})
    return plan_drain(container, snapshot, found)


@given(LOADS, SPACES)
def test_nothing_is_filled_over_its_brim_and_nobody_is_forgotten(loads: list[Load], spaces: list[Space]) -> None:
    placement = place(loads, spaces)
    assert placement.places.keys() | placement.missing.keys() | placement.immovable.keys() == {
        one.name for one in loads
    }
    for space in spaces:
        here = [one for one in loads if placement.places.get(one.name) == space.name]
        assert sum(one.memory_kib for one in here) <= space.memory_free_kib
        assert sum(one.disk_bytes for one in here) <= space.disk_free_bytes


def test_vms_spread_over_equal_containers() -> None:
    loads = [Load(f"vm{at}", 4 * GIB, 10**9, 1) for at in range(6)]
    spaces = [Space(name, 64 * GIB, 64 * GIB, 10**12, 8) for name in ("a", "b", "c")]
    assert sorted(place(loads, spaces).places.values()) == ["a", "a", "b", "b", "c", "c"]


def test_what_is_missing_is_said_with_where_it_comes_closest() -> None:
    placement = place([Load("big", 8 * GIB, 10**9, 1)], [Space("a", 16 * GIB, 2 * GIB, 10**12, 8)])
    assert placement.missing == {"big": "short of 6 GiB of memory even on a"}


def test_a_container_is_emptied_by_one_job(works: Works) -> None:
    plan = plan_for(works)
    assert isinstance(plan, Plan)
    assert plan.confirm_phrase == "drain 3"
    assert plan.afterwards[0].startswith(f"{FIRST} now: 3 VMs")
    assert plan.afterwards[-1] == f"{FIRST} afterwards: no VMs, one after the other; it stops at the first failure"
    assert works.run(plan) is JobState.DONE
    assert works.house.container(0).domains() == []
    assert works.images(0) == set()
    assert {works.house.record(name).container for name in NAMES} == {SECOND}


def test_it_stops_at_the_first_failure_and_goes_on_when_told(works: Works) -> None:
    plan = plan_for(works)
    assert isinstance(plan, Plan)
    job = works.submit(plan, options=options_of(plan))
    works.house.container(1).failures["restore"] = HypervisorError(SECOND, "could not restore", "no")
    assert works.work(job) is JobState.FAILED
    assert {works.house.domain(name).state for name in NAMES} == {DomainState.RUNNING}
    assert {works.house.record(name).container for name in NAMES} == {FIRST}
    works.house.container(1).failures.clear()
    works.desk().resume(job)
    assert works.work(job) is JobState.DONE


def test_the_undo_is_a_command_that_works(works: Works) -> None:
    plan = plan_for(works)
    assert isinstance(plan, Plan)
    works.run(plan)
    words = options_of(plan).undo.split()
    assert words[:3] == ["move", "host", "vm"]
    assert works.run(works.move(*words[3:-1], to=words[-1])) is JobState.DONE
    assert {works.house.record(name).container for name in NAMES} == {FIRST}


@pytest.mark.parametrize("container", ["nowhere", "compute-0-0-0"])
def test_only_containers_are_emptied(works: Works, container: str) -> None:
    plan = plan_for(works, container)
    assert isinstance(plan, Refused) and "is no VM container" in plan.reason


def test_a_vm_that_nobody_can_take_says_why(works: Works) -> None:
    with works.store.begin() as rows:
        vm = rows.vms.find(NAMES[1])
        assert vm is not None
        rows.vms.remove(vm.id)
    plan = plan_for(works)
    assert isinstance(plan, Refused)
    assert plan.reason.startswith(f"1 VM of {FIRST} cannot be moved: {NAMES[1]} is not in the store: adopt it first")
    assert "no place" not in plan.reason


def test_what_cannot_go_and_what_finds_no_room_are_told_apart(works: Works) -> None:
    with works.store.begin() as rows:
        vm = rows.vms.find(NAMES[1])
        assert vm is not None
        rows.vms.remove(vm.id)
    works.house.container(1).free_bytes = 0
    plan = plan_for(works)
    assert isinstance(plan, Refused)
    stuck, _, homeless = plan.reason.partition(". ")
    assert stuck.startswith(f"1 VM of {FIRST} cannot be moved: {NAMES[1]} is not in the store")
    assert homeless.startswith(f"2 VMs of {FIRST} would find no place: {NAMES[0]} short of")


def test_nothing_is_moved_when_not_everything_fits(works: Works) -> None:
    works.house.container(1).free_bytes = 30 * 10**9
    plan = plan_for(works)
    assert isinstance(plan, Refused)
    assert "1 VM of vm-container-0-0 would find no place" in plan.reason and "short of" in plan.reason
