"""A job as people see it: how far, how fast, how long still. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.jobs.process import has_worker, is_interrupted
from core.operations.plan import StepKind
from core.store.job_records import JobRecord, JobState, JobStepRecord, StepState

_BYTES_OF_A_STEP = 50_000_000
"""A step without bytes counts as much as copying so many."""

_OF_AN_INSTALL = 50.0
"""Waiting for an install counts as much as so many steps: it takes minutes, what is around it seconds."""

_OVER = (StepState.DONE, StepState.SKIPPED, StepState.UNDONE)


@dataclass(frozen=True, slots=True)
class JobView:
    """One job with its journal.

    Attributes:
        alive: A worker is at it.
        interrupted: It was at work and nobody is any more.
    """

    record: JobRecord
    steps: tuple[JobStepRecord, ...] = ()
    alive: bool = False
    interrupted: bool = False
    targets: tuple[tuple[JobStepRecord, ...], ...] = field(default=())

    @property
    def percent(self) -> float:
        """How much of it is behind us."""
        return percent_of(self.steps)

    @property
    def current(self) -> JobStepRecord | None:
        """The step in work, the furthest when several are; else the failed one."""
        begun = [one for one in self.steps if one.state is StepState.BEGUN]
        failed = [one for one in self.steps if one.state is StepState.FAILED]
        found = begun or failed
        return found[-1] if found else None

    @property
    def rate_bytes_s(self) -> int:
        """Of all steps in work together."""
        return sum(one.rate_bytes_s for one in self.steps if one.state is StepState.BEGUN)

    @property
    def seconds_left(self) -> float | None:
        """By what is left to copy and the present rate; None when nobody can tell."""
        rate = self.rate_bytes_s
        left = sum(max(0, one.total_bytes - one.done_bytes) for one in self.steps if one.state not in _OVER)
        return left / rate if self.alive and rate > 0 else None

    @property
    def finished_targets(self) -> int:
        """VMs all of whose steps are done."""
        return sum(all(one.state is StepState.DONE for one in steps) for steps in self.targets)

    @property
    def word(self) -> str:
        """The state in a word or two."""
        if self.interrupted:
            return "interrupted"
        if self.record.state is JobState.RUNNING:
            if self.record.backwards:
                return "rolling back"
            return "stopping" if self.record.cancelled else "running"
        return str(self.record.state.value)

    @property
    def can_resume(self) -> bool:
        """Somebody may go on with it."""
        over = self.record.state in (JobState.FAILED, JobState.PARTLY, JobState.CANCELLED, JobState.ROLLED_BACK)
        return self.interrupted or (over and any(one.state is not StepState.DONE for one in self.steps))


def view_of(record: JobRecord, steps: Sequence[JobStepRecord]) -> JobView:
    """Put a job and its journal together."""
    targets: dict[int, list[JobStepRecord]] = {}
    for step in steps:
        targets.setdefault(step.target, []).append(step)
    alive = has_worker(record)
    return JobView(
        record,
        tuple(steps),
        alive,
        is_interrupted(record),
        tuple(tuple(one) for _, one in sorted(targets.items())),
    )


def last_states(views: Iterable[JobView]) -> dict[str, str]:
    """What the last job of each VM came to for that VM, in a word: ``failed``, ``done``, ``interrupted``…

    Args:
        views: Newest first.
    """
    found: dict[str, str] = {}
    for view in views:
        for steps in view.targets:
            if steps and steps[0].vm not in found:
                found[steps[0].vm] = _state_of(view, {one.state for one in steps})
    return found


def _state_of(view: JobView, states: set[StepState]) -> str:
    if states == {StepState.DONE}:
        return "done"
    if view.interrupted or not view.record.state.is_over:
        return view.word
    if view.record.state in (JobState.CANCELLED, JobState.ROLLED_BACK):
        return str(view.record.state.value)
    return "skipped" if StepState.SKIPPED in states else "failed"


def percent_of(steps: Sequence[JobStepRecord]) -> float:
    """How much of these steps is done; what was skipped or undone is not."""
    whole = done = 0.0
    for step in steps:
        is_install = step.kind == StepKind.FOLLOW.value
        weight = _OF_AN_INSTALL if is_install else max(1.0, step.total_bytes / _BYTES_OF_A_STEP)
        whole += weight
        if step.state is StepState.DONE:
            done += weight
        elif step.state not in _OVER and step.total_bytes > 0:
            done += weight * min(1.0, step.done_bytes / step.total_bytes)
    return 100.0 * done / whole if whole else 0.0
