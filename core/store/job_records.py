"""What leaves the store about jobs: frozen rows with plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class JobState(Enum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled back"

    @property
    def is_over(self) -> bool:
        """No worker has anything left to do."""
        return self not in (JobState.WAITING, JobState.RUNNING)


class StepState(Enum):
    """Where a step of a job stands. `BEGUN` in a job without a living worker: nobody saw its end."""

    WAITING = "waiting"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A row of `jobs`, without its plan.

    Attributes:
        options: JSON, as `core.jobs.journal.JobOptions` writes it.
        backwards: It is being rolled back.
        cancelled: Somebody asked it to stop at the next safe point.
        worker: Mark of the process on `worker_host` that carries it out; while it waits, of the one that starts that.
    """

    id: int
    who: str
    host: str
    verb: str
    title: str
    command: str
    options: str
    state: JobState
    backwards: bool
    cancelled: bool
    archived: bool
    worker: str
    worker_host: str
    heartbeat: datetime | None
    created: datetime
    began: datetime | None
    ended: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class JobStepRecord:
    """A row of `job_steps`.

    Attributes:
        target: Which target of the plan, from 0; `number` is the step's place in it, from 0.
        kept: JSON that the step noted for its undoing; empty when nothing.
    """

    id: int
    job: int
    target: int
    number: int
    vm: str
    kind: str
    sentence: str
    state: StepState
    began: datetime | None
    ended: datetime | None
    detail: str
    kept: str
    done_bytes: int
    total_bytes: int
    rate_bytes_s: int


@dataclass(frozen=True, slots=True)
class JobLine:
    """A line of a job's output."""

    id: int
    at: datetime
    line: str
