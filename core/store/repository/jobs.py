"""Jobs and their journals. What workers write while they work need not count as a change of the fleet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlalchemy import Column, select

from core.store import schema
from core.store.clock import as_moment, now_text
from core.store.job_records import JobLine, JobRecord, JobState, JobStepRecord, StepState
from core.store.repository.base import Part

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow

_j, _s, _o = schema.jobs, schema.job_steps, schema.job_output

_LINE_LENGTH = 4000


class NewStep(TypedDict):
    """What the journal knows of a step before it begins."""

    target: int
    number: int
    vm: str
    kind: str
    sentence: str
    total_bytes: int


class StepChanges(TypedDict, total=False):
    """Columns of `job_steps` that a worker changes."""

    state: StepState
    detail: str
    kept: str
    done_bytes: int
    total_bytes: int
    rate_bytes_s: int


class Jobs(Part):
    """Rows of `jobs`, `job_steps` and `job_output`."""

    def add(
        self, *, who: str, host: str, verb: str, title: str, command: str, plan: str, options: str, launcher: str = ""
    ) -> int:
        """Write a job down, waiting for a worker; return its number.

        Args:
            launcher: Mark of the process on `host` that starts the worker.
        """
        return self._rows.insert(
            _j,
            {
                "who": who,
                "host": host,
                "verb": verb,
                "title": title,
                "command": command,
                "plan": plan,
                "options": options,
                "state": JobState.WAITING.value,
                "worker": launcher,
                "worker_host": host if launcher else "",
                "created": now_text(),
            },
        )

    def add_steps(self, job: int, steps: Iterable[NewStep]) -> None:
        """Write the journal's lines of a new job."""
        for step in steps:
            self._rows.insert(_s, {"job": job, "state": StepState.WAITING.value, **step})

    def find(self, job: int) -> JobRecord | None:
        """One job, or None."""
        row = self._connection.execute(select(*_columns()).where(_j.c.id == job)).one_or_none()
        return _job(row) if row else None

    def plan(self, job: int) -> str:
        """The JSON of its plan; empty when there is no such job."""
        return str(self._connection.scalar(select(_j.c.plan).where(_j.c.id == job)) or "")

    def recent(self, limit: int = 100, *, archived: bool = False) -> list[JobRecord]:
        """The last jobs, newest first; archived ones only when asked for."""
        statement = select(*_columns()).order_by(_j.c.id.desc()).limit(limit)
        if not archived:
            statement = statement.where(_j.c.archived == 0)
        return [_job(row) for row in self._connection.execute(statement)]

    def unfinished(self) -> list[JobRecord]:
        """Jobs that are neither over nor archived, oldest first."""
        states = [one.value for one in JobState if not one.is_over]
        statement = select(*_columns()).where(_j.c.state.in_(states)).order_by(_j.c.id)
        return [_job(row) for row in self._connection.execute(statement)]

    def named(self, numbers: Iterable[int]) -> dict[int, JobRecord]:
        """Some jobs by their numbers."""
        wanted = sorted(set(numbers))
        if not wanted:
            return {}
        statement = select(*_columns()).where(_j.c.id.in_(wanted))
        return {row.id: _job(row) for row in self._connection.execute(statement)}

    def steps(self, job: int) -> list[JobStepRecord]:
        """The journal of one job, target by target in their order."""
        return self.steps_of([job]).get(job, [])

    def steps_of(self, jobs: Sequence[int]) -> dict[int, list[JobStepRecord]]:
        """The journals of several jobs in one query."""
        found: dict[int, list[JobStepRecord]] = {}
        if jobs:
            statement = select(_s).where(_s.c.job.in_(list(jobs))).order_by(_s.c.job, _s.c.target, _s.c.number)
            for row in self._connection.execute(statement):
                found.setdefault(row.job, []).append(_step(row))
        return found

    def claim(self, job: int, *, worker: str, host: str) -> None:
        """A worker begins; whether it may was looked at in the same transaction."""
        now = now_text()
        record = self.find(job)
        began = {} if record is not None and record.began is not None else {"began": now}
        self._rows.change(
            _j,
            job,
            {
                "state": JobState.RUNNING.value,
                "worker": worker,
                "worker_host": host,
                "heartbeat": now,
                "ended": None,
                "detail": "",
                **began,
            },
        )

    def beat(self, job: int) -> bool:
        """The worker is alive. Returns whether it has been asked to stop."""
        self._rows.change(_j, job, {"heartbeat": now_text()})
        return bool(self._connection.scalar(select(_j.c.cancelled).where(_j.c.id == job)))

    def ask_to_stop(self, job: int, wanted: bool = True) -> None:
        """Have it stop at the next safe point, or take that back."""
        self._rows.change(_j, job, {"cancelled": int(wanted)})

    def take_up(self, job: int, *, backwards: bool, launcher: str, host: str) -> None:
        """It waits for a new worker, which goes in this direction; forwards, what failed or was left out is tried.

        Args:
            launcher: Mark of the process on `host` that starts the worker.
        """
        self._rows.change(
            _j,
            job,
            {
                "backwards": int(backwards),
                "cancelled": 0,
                "heartbeat": now_text(),
                "ended": None,
                "state": JobState.WAITING.value,
                "worker": launcher,
                "worker_host": host,
            },
        )
        for step in () if backwards else self.steps(job):
            if step.state not in (StepState.DONE, StepState.BEGUN):
                self.change_step(step.id, state=StepState.WAITING, detail="", done_bytes=0)

    def end(self, job: int, state: JobState, detail: str = "") -> None:
        """It is over, or waits for an operator."""
        self._rows.change(_j, job, {"state": state.value, "ended": now_text(), "detail": detail})

    def archive(self, job: int) -> None:
        """Leave it out of the list from now on."""
        self._rows.change(_j, job, {"archived": 1})

    def change_step(self, step: int, **changes: Unpack[StepChanges]) -> None:
        """Write what became of a step; beginning and end get their moments."""
        values: dict[str, object] = dict(changes)
        state = changes.get("state")
        if state is not None:
            values["state"] = state.value
            if state is StepState.BEGUN:
                values |= {"began": now_text(), "ended": None}
            elif state is StepState.WAITING:
                values |= {"began": None, "ended": None}
            else:
                values["ended"] = now_text()
        self._rows.change(_s, step, values)

    def say(self, job: int, *lines: str) -> None:
        """Add lines to its output."""
        for line in lines:
            self._rows.insert(_o, {"job": job, "at": now_text(), "line": line[:_LINE_LENGTH]})

    def output(self, job: int, after: int = 0, limit: int = 1000) -> list[JobLine]:
        """Lines of its output with a higher id than `after`, oldest first."""
        statement = select(_o.c.id, _o.c.at, _o.c.line).where((_o.c.job == job) & (_o.c.id > after))
        rows = self._connection.execute(statement.order_by(_o.c.id).limit(limit))
        return [JobLine(row.id, as_moment(row.at), row.line) for row in rows]


def _columns() -> list[Column[Any]]:
    return [column for column in _j.c if column.name != "plan"]


def _moment(text: str | None) -> datetime | None:
    return as_moment(text) if text else None


def _job(row: AnyRow) -> JobRecord:
    return JobRecord(
        row.id,
        row.who,
        row.host,
        row.verb,
        row.title,
        row.command,
        row.options,
        JobState(row.state),
        bool(row.backwards),
        bool(row.cancelled),
        bool(row.archived),
        row.worker,
        row.worker_host,
        _moment(row.heartbeat),
        as_moment(row.created),
        _moment(row.began),
        _moment(row.ended),
        row.detail or "",
    )


def _step(row: AnyRow) -> JobStepRecord:
    return JobStepRecord(
        row.id,
        row.job,
        row.target,
        row.number,
        row.vm,
        row.kind,
        row.sentence,
        StepState(row.state),
        _moment(row.began),
        _moment(row.ended),
        row.detail or "",
        row.kept or "",
        row.done_bytes,
        row.total_bytes,
        row.rate_bytes_s,
    )
