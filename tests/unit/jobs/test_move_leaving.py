"""What is on the source goes last, and only after a look that it is all on the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.hypervisor.model import DomainState, DomainUuid
from core.operations.move import Wishes, plan_move
from core.operations.move_survey import VmFound, survey
from core.outcome import Allowed, Refused
from core.store.job_records import JobState
from tests.unit.jobs.works import FIRST, SECOND, Killed, Works, image

NAME = "compute-0-0-0"


@pytest.fixture
def works(tmp_path: Path) -> Works:
    """All VMs are off: nothing but copies and a definition travels."""
    return Works.build(tmp_path, DomainState.SHUT_OFF)


def once_defined(works: Works, monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    """Something happens behind our back as soon as the target has the definition."""
    real = SyntheticHypervisor.define

    def define(hypervisor: SyntheticHypervisor, xml: str) -> object:
        uuid = real(hypervisor, xml)
        then()
        return uuid

    monkeypatch.setattr(SyntheticHypervisor, "define", define)


def test_a_definition_that_vanished_from_the_target_keeps_the_source_whole(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = works.house.record(NAME).uuid
    once_defined(works, monkeypatch, lambda: works.house.container(1).undefine(uuid))
    job = works.submit(works.move(NAME))
    assert works.work(job) is JobState.FAILED
    assert f"it is not defined on {SECOND}" in works.desk().results(job)[0].detail
    assert image(NAME) in works.images(0)
    assert works.house.container(0).domain(uuid).state is DomainState.SHUT_OFF


def test_a_copy_that_vanished_from_the_target_keeps_the_source_whole(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    once_defined(works, monkeypatch, lambda: works.house.container(1).delete_image(image(NAME)))
    job = works.submit(works.move(NAME))
    assert works.work(job) is JobState.FAILED
    assert f"{image(NAME)} is not on {SECOND}" in works.desk().results(job)[0].detail
    assert image(NAME) in works.images(0)


def test_a_vm_that_was_started_on_the_source_meanwhile_keeps_its_disks(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = works.house.record(NAME).uuid
    once_defined(works, monkeypatch, lambda: works.house.container(0).start(uuid))
    job = works.submit(works.move(NAME))
    assert works.work(job) is JobState.FAILED
    assert f"it is active on {FIRST}, too" in works.desk().results(job)[0].detail
    assert image(NAME) in works.images(0)


def test_a_target_that_filled_up_since_the_plan_gets_nothing(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.house.container(1).free_bytes = 10**9
    assert works.work(job) is JobState.FAILED
    assert "it needs 12 GB" in works.desk().results(job)[0].detail
    assert image(NAME) not in works.images(1) and works.locked() == []


def test_a_domain_that_came_to_the_target_since_the_plan_stops_it(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.house.container(1)._domains[works.house.record(NAME).uuid] = works.house.domain(NAME)
    assert works.work(job) is JobState.FAILED
    assert "already has a domain with its UUID" in works.desk().results(job)[0].detail
    assert image(NAME) not in works.images(1)


def told(works: Works, **changes: object) -> str:
    """Why the move is refused when the source says this besides."""
    snapshot = works.house.snapshot()
    found = survey([NAME], SECOND, snapshot, works.house.hypervisors, works.carrier)
    ((key, mine),) = found.vms.items()
    mine = replace(mine, **changes)  # type: ignore[arg-type]
    ground = found.ground and replace(found.ground, devices=frozenset({"xenbr1"}))
    plan = plan_move([NAME], SECOND, snapshot, replace(found, vms={key: mine}, ground=ground), Wishes())
    return plan.reason if isinstance(plan, Refused) else ""


def test_what_the_target_lacks_forbids_the_move_before_anything_is_touched(tmp_path: Path) -> None:
    works = Works.build(tmp_path)
    backed = {path: replace(file, backing="/base.qcow2") for path, file in found_of(works).files.items()}
    assert told(works) == ""
    assert "needs /boot/vmlinuz, which is not on vm-container-0-1" in told(works, needed=("/boot/vmlinuz",))
    assert "needs the network device xenbr0" in told(works, devices=frozenset({"xenbr0"}))
    assert "cannot run on with vm-container-0-1's processor (no avx2)" in told(works, cpu="no avx2")
    assert "is only a difference to /base.qcow2: flatten it first" in told(works, files=backed)
    assert "cannot be looked at: no answer" in told(works, problem="no answer")


def test_a_vm_without_a_lasting_definition_is_not_moved(tmp_path: Path) -> None:
    works = Works.build(tmp_path)
    uuid = works.house.record(NAME).uuid
    first = works.house.container()
    first._domains[uuid] = replace(first.domain(uuid), persistent=False)
    assert "has no definition that could go with it" in works.refusal(NAME)


def found_of(works: Works) -> VmFound:
    found = survey([NAME], SECOND, works.house.snapshot(), works.house.hypervisors, works.carrier)
    return next(iter(found.vms.values()))


def test_what_has_run_on_its_target_is_not_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    works = Works.build(tmp_path)
    real = SyntheticHypervisor.resume

    def resume(hypervisor: SyntheticHypervisor, uuid: DomainUuid) -> None:
        real(hypervisor, uuid)
        raise Killed

    monkeypatch.setattr(SyntheticHypervisor, "resume", resume)
    job = works.submit(works.move(NAME))
    assert works.work(job) is None
    monkeypatch.setattr(SyntheticHypervisor, "resume", real)
    uuid = works.house.record(NAME).uuid
    assert works.house.container(1).domain(uuid).state is DomainState.RUNNING
    assert works.desk().resume(job, back=True) == Allowed()
    assert works.work(job) is JobState.FAILED
    assert "cannot be taken back" in detail_of(works, job)
    assert works.house.container(1).domain(uuid).state is DomainState.RUNNING
    assert works.desk().resume(job) == Allowed()
    assert works.work(job) is JobState.DONE


def detail_of(works: Works, job: int) -> str:
    view = works.desk().job(job)
    return view.record.detail if view is not None else ""
