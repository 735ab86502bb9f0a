"""Moves on a pair of synthetic containers: the way there, the way back, and what forbids them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from core.errors import ContainerUnreachable, HypervisorError, RemoteError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainState
from core.jobs.desk import claim, promised_bytes
from core.jobs.reporting import summary
from core.jobs.runner import Means, carry_out
from core.operations.carrier import Carrier, FileFacts
from core.operations.move import Wishes, plan_move
from core.operations.move_survey import survey
from core.operations.placing import Move
from core.operations.plan import Outcome, Plan, Step, StepKind
from core.outcome import Allowed, Refused
from core.store.job_records import JobState
from tests.unit.jobs.works import FIRST, SECOND, Works, image
from tests.unit.operations.house import FOLDER

NAME = "compute-0-0-0"
ROCKS_LINES = [
    "Saving the VM's current state.",
    f"Copying the VM's current state to {SECOND}.",
    f"Copying VM disk file to {SECOND}.",
    f"Moving virtual disk ({FOLDER}/{NAME}.hda) to {SECOND}",
    f"Restarting the VM on {SECOND}.",
]


def where(works: Works) -> list[tuple[str, DomainState]]:
    """The containers that have a domain of it, and its state there."""
    uuid = works.house.record(NAME).uuid
    return [
        (name, facts.state)
        for name, hypervisor in works.house.hypervisors.items()
        for facts in hypervisor.domains()
        if facts.uuid == uuid
    ]


def test_a_running_vm_is_saved_copied_and_restored(works: Works) -> None:
    job = works.submit(works.move(NAME))
    assert works.work(job) is JobState.DONE
    assert where(works) == [(SECOND, DomainState.RUNNING)]
    assert works.house.record(NAME).container == SECOND
    assert image(NAME) in works.images(1) and image(NAME) not in works.images(0)
    assert not [path for at in (0, 1) for path in works.images(at) if path.endswith(".saved")]
    assert works.house.record(NAME).saved_file == ""
    assert works.locked() == []


def test_rocks_five_lines(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.work(job)
    assert [one.line for one in works.desk().output(job)] == ROCKS_LINES


def test_a_stopped_vm_is_only_copied(works: Works) -> None:
    works.house.container().destroy(works.house.record(NAME).uuid)
    plan = works.move(NAME)
    assert StepKind.SAVE_HERE not in [step.kind for step in plan.targets[0].steps]
    assert works.run(plan) is JobState.DONE
    assert where(works) == [(SECOND, DomainState.SHUT_OFF)]


def test_a_paused_vm_stays_paused(works: Works) -> None:
    works.house.container().suspend(works.house.record(NAME).uuid)
    assert works.run(works.move(NAME)) is JobState.DONE
    assert where(works) == [(SECOND, DomainState.PAUSED)]


def test_a_saved_vm_stays_saved_and_is_restored_there(works: Works) -> None:
    works.house.run(works.house.plan("save", NAME))
    assert works.run(works.move(NAME)) is JobState.DONE
    assert works.house.snapshot().by_name()[NAME].state is DomainState.SAVED
    assert works.house.run(works.house.plan("restore", NAME))[0].outcome is Outcome.DONE
    assert where(works) == [(SECOND, DomainState.RUNNING)]


def test_saved_memory_is_told_the_paths_on_a_container_with_another_file_system(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = works.house.hypervisors[ContainerName(SECOND)]
    monkeypatch.setattr(there, "largest_file_system", lambda: ("/export", 10**13))
    told: list[Any] = []
    restore = there.restore

    def listening(path: str, **given: Any) -> None:
        told.append(given["moved"])
        restore(path, **given)

    monkeypatch.setattr(there, "restore", listening)
    assert works.run(works.move(NAME)) is JobState.DONE
    assert where(works) == [(SECOND, DomainState.RUNNING)]
    assert [paths[f"{FOLDER}/{NAME}.hda"] for paths in told] == [f"/export/xen/disks/{NAME}.hda"]


def test_a_vm_that_stays_saved_cannot_be_told_other_paths(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    works.house.run(works.house.plan("save", NAME))
    there = works.house.hypervisors[ContainerName(SECOND)]
    monkeypatch.setattr(there, "largest_file_system", lambda: ("/export", 10**13))
    assert "restore it and move it then" in works.refusal(NAME)


def test_a_vm_that_was_never_started_moves_in_the_store(works: Works) -> None:
    works.house.container().destroy(works.house.record(NAME).uuid)
    works.house.container().undefine(works.house.record(NAME).uuid)
    works.house.container().images.pop(image(NAME))
    assert works.run(works.move(NAME)) is JobState.DONE
    assert works.house.record(NAME).container == SECOND


def test_a_taken_slice_becomes_the_next_free_one(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.work(job)
    assert works.house.record(NAME).slice_no == 3
    notes = works.desk().results(job)[0].detail
    assert "it is slice 3 there: 0 is taken" in notes


def test_moved_there_and_back_it_is_as_before(works: Works) -> None:
    works.run(works.move(NAME))
    assert works.run(works.move(NAME, to=FIRST)) is JobState.DONE
    assert where(works) == [(FIRST, DomainState.RUNNING)]
    assert works.images(1) == {image(f"compute-0-1-{at}") for at in range(3)}


@pytest.mark.parametrize("call", ["save", "copy", "define", "restore"])
def test_a_failure_before_it_runs_there_leaves_all_as_it_was(works: Works, call: str) -> None:
    before = works.house.record(NAME), works.images(0), works.images(1)
    works.house.container(0 if call == "save" else 1).failures[call] = HypervisorError(
        SECOND, f"could not {call}", "full"
    )
    job = works.submit(works.move(NAME))
    assert works.work(job) is JobState.FAILED
    works.house.container(0).failures.clear()
    works.house.container(1).failures.clear()
    assert where(works) == [(FIRST, DomainState.RUNNING)]
    assert (works.house.record(NAME), works.images(0), works.images(1)) == before
    assert works.locked() == []
    view = works.desk().job(job)
    assert view is not None and "it is where and as it was before" in view.record.detail
    assert works.desk().resume(job) == Allowed()
    assert works.work(job) is JobState.DONE
    assert where(works) == [(SECOND, DomainState.RUNNING)]


def test_what_cannot_be_taken_back_now_stays_locked_until_it_can(works: Works) -> None:
    works.house.container(1).failures["define"] = HypervisorError(SECOND, "could not define", "no")
    works.house.container(0).failures["restore"] = HypervisorError(FIRST, "could not restore", "busy")
    job = works.submit(works.move(NAME))
    works.work(job)
    assert works.house.snapshot().by_name()[NAME].state is DomainState.SAVED
    works.house.container(0).failures.clear()
    assert works.house.run(works.house.plan("restore", NAME))[0].outcome is Outcome.DONE


class Line:
    """The line to the second container, cut when something asked for it has happened so often."""

    def __init__(self, works: Works, verb: str, times: int) -> None:
        self._works, self._verb, self._left = works, verb, times
        self.cut = False

    def get(self, name: ContainerName) -> Hypervisor:
        if self.cut and name == SECOND:
            raise ContainerUnreachable(SECOND, f"could not connect to {SECOND}", "no route to host")
        return self._works.house.hypervisors[name]

    def __getattr__(self, verb: str) -> Any:
        def call(*words: Any, **more: Any) -> Any:
            names = {getattr(words[0], "target", ""), getattr(words[0], "source", ""), words[0]}
            if self.cut and SECOND in names:
                raise RemoteError(f"could not reach {SECOND}", "no route to host")
            answer = getattr(self._works.carrier, verb)(*words, **more)
            self._left -= verb == self._verb
            self.cut = self.cut or (verb == self._verb and self._left == 0)
            return answer

        return call

    def work(self, job: int) -> JobState:
        claim(self._works.store, job)
        return carry_out(job, Means(self._works.store, self, cast(Carrier, self)), threads=False)


def test_a_target_that_is_cut_off_leaves_the_source_running_and_is_tidied_later(works: Works) -> None:
    line = Line(works, "copy", 1)
    job = works.submit(works.move(NAME))
    assert line.work(job) is JobState.FAILED
    assert works.house.domain(NAME).state is DomainState.RUNNING
    view = works.desk().job(job)
    assert view is not None
    assert "it is where and as it was before, but what came to its target is still there" in view.record.detail
    assert "no route to host" in view.record.detail and NAME in works.locked()
    assert [path for path in works.images(1) if NAME in path] == [f"{FOLDER}/{NAME}.saved"]
    assert works.desk().resume(job, back=True) == Allowed()
    assert line.work(job) is JobState.FAILED
    line.cut = False
    assert works.desk().resume(job, back=True) == Allowed()
    assert line.work(job) is JobState.ROLLED_BACK
    assert works.locked() == [] and not any(NAME in path for path in works.images(1))
    assert where(works) == [(FIRST, DomainState.RUNNING)]


def test_after_a_cut_the_move_goes_on_with_the_memory_of_now(works: Works) -> None:
    line = Line(works, "copy", 1)
    job = works.submit(works.move(NAME))
    line.work(job)
    assert works.desk().resume(job) == Allowed()
    assert line.work(job) is JobState.FAILED
    assert works.house.domain(NAME).state is DomainState.RUNNING
    line.cut = False
    assert works.desk().resume(job) == Allowed()
    assert line.work(job) is JobState.DONE
    assert works.desk().output(job)[-1].line == f"Restarting the VM on {SECOND}."
    assert [one.line for one in works.desk().output(job)].count("Saving the VM's current state.") == 2
    assert where(works) == [(SECOND, DomainState.RUNNING)]
    assert not any(path.endswith(".saved") for at in (0, 1) for path in works.images(at))


def test_a_live_move_that_fails_goes_the_saved_way_where_that_is_allowed(tmp_path: Path) -> None:
    works = Works.build(tmp_path, driver="qemu")
    allowed = works.submit(works.move(NAME, fallback=True))
    assert works.work(allowed) is JobState.DONE
    assert where(works) == [(SECOND, DomainState.RUNNING)]
    assert not any(path.endswith(".saved") for at in (0, 1) for path in works.images(at))
    assert works.house.record(NAME).saved_file == ""
    strict = works.submit(works.move(NAME, to=FIRST))
    assert works.work(strict) is JobState.FAILED
    assert where(works) == [(SECOND, DomainState.RUNNING)]


def test_cancelled_before_it_runs_there_it_is_taken_back(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.work(job, die_at=60)
    assert works.desk().resume(job) == Allowed()
    works.desk().cancel(job)
    assert works.work(job) in (JobState.CANCELLED, JobState.DONE)
    assert len(where(works)) == 1
    assert works.locked() == []


def test_what_was_taken_back_does_not_count_as_done(works: Works) -> None:
    line = Line(works, "copy", 2)
    job = works.submit(works.move(NAME))
    line.work(job)
    line.cut = False
    works.desk().resume(job, back=True)
    assert line.work(job) is JobState.ROLLED_BACK
    view = works.desk().job(job)
    assert view is not None and view.percent == 0
    cancelled = works.submit(works.house.plan("stop", NAME))
    works.desk().cancel(cancelled)
    works.work(cancelled)
    view = works.desk().job(cancelled)
    assert view is not None and summary(view) == "cancelled"


def test_two_operators_move_one_vm_once(works: Works) -> None:
    first, second = works.move(NAME), works.move(NAME)
    job = works.submit(first)
    answer = works.desk("bob").submit(second)
    assert isinstance(answer, Refused) and "is held by ann (move, job 1)" in answer.reason
    assert works.work(job) is JobState.DONE


def test_a_vm_that_changed_since_the_plan_is_left_alone(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.house.container().destroy(works.house.record(NAME).uuid)
    assert works.work(job) is JobState.FAILED
    assert where(works) == [(FIRST, DomainState.SHUT_OFF)]
    assert "changed from active to shutoff" in works.desk().results(job)[0].detail


def test_refusals_say_what_is_wrong_and_what_would_fit(works: Works) -> None:
    assert "the source and the destination are the same" in works.refusal(NAME, to=FIRST)
    assert "is no VM container: there are vm-container-0-0" in works.refusal(NAME, to="nowhere")
    assert "there is no VM of this name" in works.refusal("nobody")
    assert "must be yes, no or auto" in works.refusal(NAME, live="maybe")
    assert "does not move disks live" in works.refusal(NAME, live="yes")
    assert "absolute path" in works.refusal(NAME, file="here")


def test_a_file_in_the_way_on_the_target_is_not_overwritten(works: Works) -> None:
    works.house.container(1).images[image(NAME)] = 5
    assert f"would get {image(NAME)}, which is on {SECOND} already" in works.refusal(NAME)


def test_a_file_that_came_into_the_way_later_stops_it(works: Works) -> None:
    job = works.submit(works.move(NAME))
    works.house.container(1).images[image(NAME)] = 5
    assert works.work(job) is JobState.FAILED
    assert works.house.container(1).images[image(NAME)] == 5
    assert where(works) == [(FIRST, DomainState.RUNNING)]


def test_memory_is_counted_over_the_vms_of_one_plan(works: Works) -> None:
    gib = 1024 * 1024
    for name in ("compute-0-0-0", "compute-0-0-1", "compute-0-0-2"):
        uuid = works.house.record(name).uuid
        hypervisor = works.house.container()
        hypervisor.set_memory(uuid, 1 * gib)
        with works.store.begin() as rows:
            vm = rows.vms.find(name)
            assert vm is not None
            rows.vms.update(vm.id, mem=15 * 1024)
    plan = works.move("compute-0-0-0", "compute-0-0-1", "compute-0-0-2")
    assert [one.name for one in plan.targets] == ["compute-0-0-0", "compute-0-0-1"]
    assert "needs 15 GiB, vm-container-0-1 has 2 GiB left" in plan.refused[0].reason


def test_a_full_target_is_said_with_how_much_is_missing(works: Works) -> None:
    works.house.container(1).free_bytes = 10**9
    reason = works.refusal(NAME)
    assert "needs 13 GB on disk" in reason and "short by 12 GB" in reason


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ("LVM-shared", "LVM-shared", ""),
        ("LVM-mine", "LVM-yours", "not known to be the same storage"),
        ("", "", "not known to be the same storage"),
        ("LVM-mine", None, "does not have"),
    ],
)
def test_only_a_device_that_both_share_stays_where_it_is(
    works: Works, here: str, there: str | None, told: str
) -> None:
    snapshot, path = works.house.snapshot(), image(NAME)
    found = survey([NAME], SECOND, snapshot, works.house.hypervisors, works.carrier)
    device = FileFacts(path, 0, 0, here, "block")
    ((key, mine),) = found.vms.items()
    assert found.ground is not None
    files = {path: replace(device, identity=there)} if there is not None else {}
    found = replace(found, vms={key: replace(mine, files={path: device})}, ground=replace(found.ground, files=files))
    plan = plan_move([NAME], SECOND, snapshot, found, Wishes())
    if told:
        assert isinstance(plan, Refused) and told in plan.reason
    else:
        assert isinstance(plan, Plan)
        assert [one.source_path for one in Move.of(plan.targets[0]).copies if not one.memory] == []


def test_what_a_live_move_will_bring_is_promised_too(works: Works) -> None:
    plan = works.move(NAME)
    (target,) = plan.targets
    move = Move.of(target)
    live = Step(StepKind.MIGRATE, FIRST, NAME, target.key.uuid, "move it live", bytes_moved=10**12)
    works.submit(replace(plan, targets=(replace(target, steps=(target.steps[0], live)),)))
    with works.store.reading() as rows:
        assert promised_bytes(rows) == {SECOND: sum(one.allocated_bytes for one in move.copies if not one.memory)}


def test_a_namesake_on_the_target_is_found(works: Works) -> None:
    facts = works.house.domain(NAME)
    from core.hypervisor.model import DomainUuid
    from tests.builders import make_uuid

    stranger = replace(facts, uuid=DomainUuid(make_uuid("stranger")))
    works.house.container(1)._domains[stranger.uuid] = stranger
    assert "has a namesake" in works.refusal(NAME)
