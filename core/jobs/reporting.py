"""A job followed as if its plan ran here: the same progress, the same results. Call it from a worker thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.jobs.desk import Desk
from core.jobs.journal import JobOptions
from core.jobs.view import JobView
from core.operations.plan import Outcome, Plan, TargetResult
from core.operations.run import Progress
from core.operations.words import bytes_text
from core.outcome import Refused
from core.store.job_records import JobLine, JobState, JobStepRecord, StepState

if TYPE_CHECKING:
    from core.operations.plan import TargetPlan


def run_as_job(
    desk: Desk,
    plan: Plan,
    report: Callable[[Progress], None] | None = None,
    enough: Callable[[], bool] = lambda: False,
    options: JobOptions | None = None,
) -> list[TargetResult]:
    """Hand a confirmed plan in and follow it to its end, or until somebody has had enough: the job itself goes on.

    Returns:
        One result per target, in the plan's order.
    """
    job = desk.submit(plan, options)
    if isinstance(job, Refused):
        return [TargetResult(one.key, one.name, Outcome.SKIPPED, job.reason) for one in plan.targets]
    told: dict[int, str] = {}

    def look(view: JobView, _: Sequence[JobLine]) -> None:
        over = sum(all(_is_over(step) for step in steps) for steps in view.targets)
        for number, steps in enumerate(view.targets):
            sentence = _sentence(steps)
            if report is not None and sentence and told.get(number) != sentence:
                told[number] = sentence
                report(Progress(_target(plan, number), sentence, over, len(plan.targets)))

    desk.follow(job, look, enough)
    return desk.results(job)


def doing(steps: Sequence[JobStepRecord]) -> str:
    """What is done to one VM now, with bytes and rate where it copies; empty when nothing is."""
    step = next((one for one in steps if one.state is StepState.BEGUN), None)
    if step is None:
        return ""
    if not step.done_bytes:
        return step.sentence
    rate = f", {bytes_text(step.rate_bytes_s)}/s" if step.rate_bytes_s else ""
    return f"{step.sentence}: {bytes_text(step.done_bytes)} of {bytes_text(step.total_bytes)}{rate}"


def summary(view: JobView) -> str:
    """How a job stands, in a few words for a list."""
    total = len(view.targets)
    state = view.record.state
    if view.alive and len(view.steps) and total == 1:
        begun = view.current
        at = begun.number + 1 if begun is not None else 1
        return f"step {at} of {len(view.steps)}"
    if state in (JobState.DONE, JobState.PARTLY, JobState.FAILED) or view.alive:
        return f"{view.finished_targets} of {total}"
    if state is JobState.CANCELLED and view.finished_targets:
        return f"{view.word}, {view.finished_targets} of {total}"
    return view.word


def _sentence(steps: Sequence[JobStepRecord]) -> str:
    now = doing(steps)
    if now:
        return now
    last = next((one for one in reversed(steps) if one.state is not StepState.WAITING), None)
    return "" if last is None else last.detail or last.state.value


def _is_over(step: JobStepRecord) -> bool:
    return step.state not in (StepState.WAITING, StepState.BEGUN)


def _target(plan: Plan, number: int) -> TargetPlan:
    return plan.targets[number]
