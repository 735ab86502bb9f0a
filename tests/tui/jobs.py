"""Jobs that a test writes itself, for the jobs view."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.jobs.view import JobView
from core.outcome import Allowed, Refused, Verdict
from core.store.job_records import JobLine, JobRecord, JobState, JobStepRecord, StepState

NOW = datetime(2026, 5, 4, 12, 47, tzinfo=UTC)


def make_job(
    number: int = 41,
    title: str = "Move compute-0-0-2 to vm-container-1-0",
    state: JobState = JobState.RUNNING,
    *steps: JobStepRecord,
    detail: str = "",
    who: str = "ann",
    interrupted: bool = False,
) -> JobView:
    """A job begun a minute ago."""
    begun = NOW - timedelta(minutes=1)
    record = JobRecord(
        number,
        who,
        "rocks",
        "move",
        title,
        "move host vm compute-0-0-2 vm-container-1-0",
        "{}",
        state,
        False,
        False,
        False,
        "1 2 3",
        "rocks",
        NOW,
        begun,
        begun,
        NOW if state.is_over else None,
        detail,
    )
    alive = state is JobState.RUNNING and not interrupted
    return JobView(record, steps, alive, interrupted, (steps,) if steps else ())


def make_step(
    sentence: str, state: StepState, number: int = 0, *, done: int = 0, total: int = 0, detail: str = ""
) -> JobStepRecord:
    """A step of the only VM."""
    return JobStepRecord(
        number + 1,
        41,
        0,
        number,
        "compute-0-0-2",
        "copy",
        sentence,
        state,
        NOW,
        None,
        detail,
        "",
        done,
        total,
        412_000_000,
    )


class ScriptedDesk:
    """Answers from lists; what it was asked is kept."""

    def __init__(self) -> None:
        self.views: list[JobView] = []
        self.lines: list[JobLine] = []
        self.asked: list[tuple[str, int]] = []
        self.refusal = ""

    def jobs(self, limit: int = 100) -> list[JobView]:
        return self.views[:limit]

    def output(self, number: int, after: int = 0) -> list[JobLine]:
        return [one for one in self.lines if one.id > after]

    def cancel(self, number: int) -> Verdict:
        return self._asked("cancel", number)

    def resume(self, number: int, *, back: bool = False) -> Verdict:
        verdict = self._asked("roll back" if back else "resume", number)
        self.views = [replace(one, interrupted=False) for one in self.views]
        return verdict

    def archive(self, number: int) -> Verdict:
        return self._asked("archive", number)

    def _asked(self, what: str, number: int) -> Verdict:
        self.asked.append((what, number))
        return Refused(self.refusal) if self.refusal else Allowed()
