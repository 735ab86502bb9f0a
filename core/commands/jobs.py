"""What the commands about jobs share: numbers, rows, following to the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.commands.refusal import Status, refuse
from core.commands.table import Row
from core.jobs.view import JobView
from core.operations.plan import Outcome, Plan, TargetResult
from core.operations.words import bytes_text
from core.outcome import Refused, Verdict
from core.store.job_records import JobLine, JobState, JobStepRecord, StepState

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.jobs.journal import JobOptions


def job_number(call: Invocation) -> int:
    """The one job the command names.

    Raises:
        Refusal: None, several, no number, or no such job.
    """
    if len(call.hosts) != 1:
        refuse("must supply one job number: `list job` shows them")
    (word,) = call.hosts
    if not (word.isascii() and word.isdigit()) or call.context.desk().job(int(word)) is None:
        refuse(f'there is no job "{word}": `list job` shows them')
    return int(word)


def refuse_if(verdict: Verdict) -> None:
    """Turn a `Refused` into the command's Refusal, and raise that."""
    if isinstance(verdict, Refused):
        refuse(verdict.reason)


def submit(call: Invocation, plan: Plan, options: JobOptions | None = None) -> int:
    """Hand a confirmed plan in as a job; its number.

    Raises:
        Refusal: Every VM is held by somebody else.
    """
    job = call.context.desk().submit(plan, options)
    if isinstance(job, Refused):
        refuse(job.reason)
    return job


def run_as_job(call: Invocation, plan: Plan, options: JobOptions | None = None) -> list[TargetResult]:
    """Carry a plan out as a job and wait for its end; Ctrl-C leaves it running and says so."""
    job = submit(call, plan, options)
    desk = call.context.desk()
    try:
        desk.follow(job, lambda _, lines: _write(call, lines))
    except KeyboardInterrupt:
        call.note(f"job {job} goes on: `watch job {job}` follows it, `cancel job {job}` stops it")
        raise
    return desk.results(job)


def follow(call: Invocation, number: int, *, steps: bool = False) -> Status:
    """Print what a job says until it is over.

    Args:
        steps: Print each step as it begins and ends, too.
    """
    seen: dict[int, StepState] = {}

    def told(view: JobView, lines: Sequence[JobLine]) -> None:
        _write(call, lines)
        for step in view.steps if steps else ():
            if seen.get(step.id) is not step.state and step.state is not StepState.WAITING:
                call.write(f"{step.vm}: {step.state.value}: {step.sentence}\n")
            seen[step.id] = step.state

    desk = call.context.desk()
    view = desk.follow(number, told)
    for result in desk.results(number):
        if result.outcome is not Outcome.DONE and not view.record.backwards:
            call.fail(f"{result.name}: {result.detail}")
    if view.interrupted:
        call.fail(
            f"job {number} has no worker any more: `resume job {number}`, or `resume job {number} rollback=yes`"
        )
        return Status.REFUSED
    if view.record.backwards and view.record.state is JobState.FAILED:
        call.fail(f"job {number}: {view.record.detail}")
    return {JobState.DONE: Status.DONE, JobState.ROLLED_BACK: Status.DONE, JobState.PARTLY: Status.PARTLY}.get(
        view.record.state, Status.CONTAINER
    )


def job_row(view: JobView) -> Row:
    """One line of ``list job``."""
    record = view.record
    begun = record.began or record.created
    ended = record.ended or (datetime.now(UTC) if view.alive else None)
    seconds = int((ended - begun).total_seconds()) if ended else 0
    took = f"{seconds // 60}:{seconds % 60:02d}" if ended else ""
    return (
        record.id,
        record.title,
        record.who,
        view.word,
        f"{view.percent:.0f}%",
        f"{begun:%Y-%m-%d %H:%M:%S}",
        took,
        record.detail or doing(view),
    )


def doing(view: JobView) -> str:
    """What it does now, with bytes and rate where it copies; or where it failed."""
    step = view.current
    if step is None:
        return ""
    text = step.sentence
    if step.state is StepState.BEGUN and step.done_bytes:
        text += f" {bytes_text(step.done_bytes)} of {bytes_text(step.total_bytes)}"
        if view.rate_bytes_s:
            text += f", {bytes_text(view.rate_bytes_s)}/s"
    return text


def step_row(step: JobStepRecord) -> Row:
    """One line of ``list job N``."""
    return (step.vm, step.number + 1, step.state.value, step.sentence, step.detail)


def _write(call: Invocation, lines: Sequence[JobLine]) -> None:
    for one in lines:
        call.write(f"{one.line}\n")
