"""The journal's rows: what a worker writes is read back as it was, by anybody."""

from __future__ import annotations

import pytest

from core.errors import StoreConflict
from core.store.job_records import JobState, StepState
from core.store.repository import Repository
from core.store.repository.jobs import NewStep
from core.store.store import Store


def add(rows: Repository, title: str = "Stop 12 VMs") -> int:
    job = rows.jobs.add(
        who="ann", host="rocks", verb="stop", title=title, command="stop host vm a", plan="{}", options="{}"
    )
    step = NewStep(target=0, number=0, vm="a", kind="destroy", sentence="power off", total_bytes=0)
    rows.jobs.add_steps(job, [step, {**step, "number": 1, "kind": "delete-image"}])
    return job


def test_a_new_job_waits_with_its_steps(store: Store) -> None:
    with store.begin() as rows:
        job = add(rows)
    with store.reading() as rows:
        record = rows.jobs.find(job)
        assert record is not None and record.state is JobState.WAITING and record.began is None
        assert [one.state for one in rows.jobs.steps(job)] == [StepState.WAITING] * 2
        assert rows.jobs.plan(job) == "{}"
        assert rows.jobs.unfinished() == [record]


def test_a_claimed_job_keeps_its_first_beginning(store: Store) -> None:
    with store.begin() as rows:
        job = add(rows)
        rows.jobs.claim(job, worker="1 2 3", host="rocks")
        first = rows.jobs.find(job)
        rows.jobs.claim(job, worker="4 5 6", host="rocks")
        second = rows.jobs.find(job)
    assert first is not None and second is not None
    assert first.began == second.began and second.worker == "4 5 6" and second.state is JobState.RUNNING


def test_a_beat_tells_whether_somebody_wants_it_to_stop(store: Store) -> None:
    with store.begin() as rows:
        job = add(rows)
        assert not rows.jobs.beat(job)
        rows.jobs.ask_to_stop(job)
        assert rows.jobs.beat(job)


def test_steps_have_moments_and_more_bytes_than_an_integer_holds(store: Store) -> None:
    with store.begin() as rows:
        job = add(rows)
        step = rows.jobs.steps(job)[0].id
        rows.jobs.change_step(step, state=StepState.BEGUN)
        rows.jobs.change_step(step, done_bytes=5 * 10**12)
        begun = rows.jobs.steps(job)[0]
        rows.jobs.change_step(step, state=StepState.DONE, kept='{"slice": 1}')
        done = rows.jobs.steps(job)[0]
    assert begun.began is not None and begun.ended is None and begun.done_bytes == 5 * 10**12
    assert done.ended is not None and done.kept == '{"slice": 1}'


def test_output_is_read_on_from_where_one_was(store: Store) -> None:
    with store.begin() as rows:
        job = add(rows)
        rows.jobs.say(job, "one", "two")
        first = rows.jobs.output(job)
        rows.jobs.say(job, "three")
        assert [one.line for one in first] == ["one", "two"]
        assert [one.line for one in rows.jobs.output(job, after=first[-1].id)] == ["three"]


def test_archived_jobs_are_left_out_until_asked_for(store: Store) -> None:
    with store.begin() as rows:
        old, new = add(rows), add(rows)
        rows.jobs.end(old, JobState.FAILED, "no")
        rows.jobs.archive(old)
        assert [one.id for one in rows.jobs.recent()] == [new]
        assert [one.id for one in rows.jobs.recent(archived=True)] == [new, old]


def test_a_step_is_in_the_journal_once(store: Store) -> None:
    with pytest.raises(StoreConflict), store.begin() as rows:
        job = add(rows)
        rows.jobs.add_steps(job, [NewStep(target=0, number=0, vm="a", kind="x", sentence="x", total_bytes=0)])
