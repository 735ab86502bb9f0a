"""Lifecycle of many VMs as jobs: journaled, locked, cancelled, resumed after their worker died."""

from __future__ import annotations

import os
import socket

import pytest

from core.errors import HypervisorError, JobError
from core.hypervisor.model import DomainState
from core.jobs.desk import claim, is_long
from core.jobs.journal import JobOptions, plan_from_json, plan_to_json
from core.jobs.process import is_running, my_mark
from core.jobs.view import last_states
from core.operations.plan import Outcome
from core.outcome import Allowed, Refused
from core.store.job_records import JobState, StepState
from tests.unit.jobs.works import FIRST, Works

ALL = [f"compute-0-{rank}-{slice_no}" for rank in range(2) for slice_no in range(3)]


def test_a_plan_comes_back_from_the_journal_as_it_was(works: Works) -> None:
    for plan in (works.house.plan("save", *ALL), works.move("compute-0-0-0")):
        assert plan_from_json(plan_to_json(plan)) == plan


def test_many_vms_are_a_job_and_few_are_not(works: Works) -> None:
    assert is_long(works.house.plan("stop", *ALL))
    assert not is_long(works.house.plan("stop", ALL[0]))
    assert is_long(works.move(ALL[0]))


def test_a_job_does_what_its_plan_says_and_lets_go_of_its_vms(works: Works) -> None:
    job = works.submit(works.house.plan("stop", *ALL))
    assert works.locked() == ALL
    assert works.work(job) is JobState.DONE
    assert {works.house.domain(name).state for name in ALL} == {DomainState.SHUT_OFF}
    assert works.locked() == []
    view = works.desk().job(job)
    assert view is not None and view.percent == 100 and view.finished_targets == 6
    with works.store.reading() as rows:
        assert rows.log.recent(1)[0].what == f"stop host vm {ALL[-1]}"


def test_a_vm_in_a_job_is_refused_everywhere_else(works: Works) -> None:
    works.submit(works.house.plan("stop", *ALL))
    assert "is held by ann (stop, job 1)" in works.house.refusal("save", ALL[0])


def test_two_operators_with_plans_for_one_vm_get_it_once(works: Works) -> None:
    first, second = works.house.plan("stop", *ALL), works.house.plan("save", ALL[0])
    works.submit(first)
    answer = works.desk("bob").submit(second)
    assert isinstance(answer, Refused) and "is held by ann (stop, job 1)" in answer.reason
    assert [one.record.who for one in works.desk().jobs()] == ["ann"]


def test_vms_somebody_else_holds_are_left_out(works: Works) -> None:
    whole = works.house.plan("stop", *ALL)
    works.submit(works.house.plan("save", ALL[0]))
    job = works.submit(whole, "bob")
    assert works.work(job) is JobState.PARTLY
    results = works.desk().results(job)
    assert [one.outcome for one in results].count(Outcome.DONE) == 5
    assert results[0].outcome is Outcome.SKIPPED and "is held by ann" in results[0].detail
    assert works.house.domain(ALL[0]).state is DomainState.RUNNING


def test_one_failure_is_the_vms_own(works: Works) -> None:
    plan = works.house.plan("stop", *ALL)
    works.house.container(1).failures["destroy"] = HypervisorError("vm-container-0-1", "could not stop it", "no")
    job = works.submit(plan)
    assert works.work(job) is JobState.PARTLY
    assert works.locked() == []
    works.house.container(1).failures.clear()
    assert works.desk().resume(job) == Allowed()
    assert works.work(job) is JobState.DONE


def test_stop_at_failure_leaves_the_rest_alone(works: Works) -> None:
    plan = works.house.plan("stop", *ALL)
    works.house.container(0).failures["destroy"] = HypervisorError(FIRST, "could not stop it", "no")
    assert works.run(plan, stop_at_failure=True) is JobState.FAILED
    assert works.house.domain(ALL[5]).state is DomainState.RUNNING


@pytest.mark.parametrize("point", range(0, 60, 3))
def test_a_job_whose_worker_was_killed_is_resumed(works: Works, point: int) -> None:
    job = works.submit(works.house.plan("stop", *ALL))
    if works.work(job, die_at=point) is None:
        assert [one.record.id for one in works.desk().interrupted()] == [job]
        assert ALL[-1] in works.locked()
        assert works.desk("bob").resume(job) == Allowed()
        assert works.work(job) is JobState.DONE
    assert {works.house.domain(name).state for name in ALL} == {DomainState.SHUT_OFF}
    assert works.locked() == []


def test_the_lock_of_a_dead_worker_says_so(works: Works) -> None:
    job = works.submit(works.house.plan("save", *ALL))
    works.work(job, die_at=20)
    lock = works.house.snapshot().by_name()[ALL[-1]].lock
    assert lock is not None and lock.job == job and "interrupted" in lock.reason


def test_a_lock_shows_how_far_its_vm_is(works: Works) -> None:
    job = works.submit(works.house.plan("save", *ALL))
    with works.store.begin() as rows:
        rows.jobs.claim(job, worker=my_mark(), host=socket.gethostname())
        step = rows.jobs.steps(job)[0]
        rows.jobs.change_step(step.id, state=StepState.BEGUN)
        rows.jobs.change_step(step.id, done_bytes=step.total_bytes // 4)
    lock = works.house.snapshot().by_name()[ALL[0]].lock
    assert lock is not None and lock.percent == pytest.approx(25, abs=1)


def test_a_job_at_work_is_not_taken_up_twice(works: Works) -> None:
    job = works.submit(works.house.plan("stop", *ALL))
    claim(works.store, job)
    with pytest.raises(JobError, match="is at it"):
        claim(works.store, job)
    assert works.desk().resume(job) == Refused(f"job {job} is at work already")


def test_a_cancelled_job_skips_what_it_has_not_begun(works: Works) -> None:
    job = works.submit(works.house.plan("stop", *ALL))
    assert isinstance(works.desk().cancel(job), Allowed)
    assert works.work(job) is JobState.CANCELLED
    assert {works.house.domain(name).state for name in ALL} == {DomainState.RUNNING}
    assert works.locked() == []
    assert works.desk().resume(job) == Allowed()
    assert works.work(job) is JobState.DONE


def test_only_moves_are_rolled_back(works: Works) -> None:
    job = works.submit(works.house.plan("stop", *ALL))
    works.work(job, die_at=20)
    verdict = works.desk().resume(job, back=True)
    assert isinstance(verdict, Refused) and "cannot be rolled back" in verdict.reason


def test_what_still_holds_half_done_vms_is_not_put_away(works: Works) -> None:
    works.house.container(1).failures["define"] = HypervisorError("vm-container-0-1", "could not define", "no")
    works.house.container(0).failures["restore"] = HypervisorError(FIRST, "could not restore", "busy")
    works.house.container(1).failures["delete_image"] = HypervisorError("vm-container-0-1", "could not delete", "no")
    job = works.submit(works.move("compute-0-0-0"))
    assert works.work(job) is JobState.FAILED
    assert works.locked() == ["compute-0-0-0"]
    verdict = works.desk().archive(job)
    assert isinstance(verdict, Refused) and "still holds VMs that are half done" in verdict.reason


def test_what_is_over_can_be_put_away(works: Works) -> None:
    job = works.submit(works.house.plan("stop", *ALL))
    assert isinstance(works.desk().archive(job), Refused)
    works.work(job)
    assert works.desk().archive(job) == Allowed()
    assert works.desk().jobs() == []


def test_questions_about_jobs_that_do_not_exist_are_answered(works: Works) -> None:
    for verdict in (works.desk().cancel(7), works.desk().resume(7), works.desk().archive(7)):
        assert isinstance(verdict, Refused) and "there is no job 7" in verdict.reason


def test_processes_are_known_by_more_than_their_number() -> None:
    pid, start, boot = my_mark().split()
    assert is_running(my_mark())
    assert not is_running(f"{pid} {int(start) + 1} {boot}")
    assert not is_running(f"{pid} {start} another-boot")
    assert not is_running("nonsense")
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    with open(f"/proc/{child}/stat", encoding="utf-8") as stream:  # noqa: PTH123
        begun = stream.read().rpartition(")")[2].split()[19]
    assert not is_running(f"{child} {begun} {boot}"), "a zombie runs no more"
    os.waitpid(child, 0)


def test_options_survive_the_journal() -> None:
    options = JobOptions(3, True, "move host vm a b")
    assert JobOptions.from_json(options.to_json()) == options


def test_the_last_job_of_each_vm_says_what_it_came_to(works: Works) -> None:
    plan = works.house.plan("stop", *ALL)
    works.house.container(1).failures["destroy"] = HypervisorError("vm-container-0-1", "could not stop it", "no")
    works.run(plan)
    here, there = ALL[0], ALL[-1]
    assert last_states(works.desk().jobs()) == {name: "done" if name in ALL[:3] else "failed" for name in ALL}
    job = works.submit(works.house.plan("start", here))
    assert last_states(works.desk().jobs())[here] == "waiting"
    assert isinstance(works.desk().cancel(job), Allowed)
    works.work(job)
    last = last_states(works.desk().jobs())
    assert (last[here], last[there]) == ("cancelled", "failed")
