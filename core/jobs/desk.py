"""Where jobs are handed in, looked at, stopped and taken up again. Every method may block for the store."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from core.errors import JobError
from core.inventory.snapshot import VmKey
from core.jobs import locks
from core.jobs.journal import JobOptions, plan_from_json, plan_to_json
from core.jobs.process import has_worker, is_interrupted, my_mark
from core.jobs.view import JobView, view_of
from core.operations.placing import Move
from core.operations.plan import Outcome, Plan, Step, StepKind, TargetPlan, TargetResult
from core.outcome import Allowed, Refused, Verdict
from core.store.job_records import JobLine, JobRecord, JobState, JobStepRecord, StepState
from core.store.repository.jobs import NewStep

if TYPE_CHECKING:
    from core.jobs.launch import Launcher
    from core.store.repository import Repository
    from core.store.store import Store

POLL_S = 0.25
MANY = 5
"""A plan for so many VMs becomes a job."""

LONG_BYTES = 10**9
"""A plan that moves so much becomes a job."""


def is_long(plan: Plan) -> bool:
    """Whether a plan is worth a job: many VMs, many bytes, or a move."""
    steps = [step for target in plan.targets for step in target.steps]
    if len(plan.targets) >= MANY or any(step.kind is StepKind.CHECK for step in steps):
        return True
    return sum(step.bytes_moved for step in steps) >= LONG_BYTES


class JobDesk(Protocol):
    """What a view of the jobs asks of a `Desk`. Each call may block."""

    def jobs(self, limit: int = 100) -> list[JobView]:
        """The last jobs, newest first."""

    def output(self, number: int, after: int = 0) -> list[JobLine]:
        """What a job has said."""

    def cancel(self, number: int) -> Verdict:
        """Stop it at its next safe point."""

    def resume(self, number: int, *, back: bool = False) -> Verdict:
        """Go on with it, or back."""

    def archive(self, number: int) -> Verdict:
        """Leave it out of the list."""


class Desk:
    """The jobs of one store, and how workers are started for them."""

    def __init__(self, store: Store, who: str, launcher: Launcher) -> None:
        """Take what is needed; nothing happens yet.

        Args:
            who: The operator's login name.
        """
        self._store = store
        self._who = who
        self._launcher = launcher

    def submit(self, plan: Plan, options: JobOptions | None = None) -> int | Refused:
        """Write a confirmed plan down as a job, lock its VMs, start its worker.

        VMs that somebody else holds are left out, with their reason among the plan's refused ones.

        Returns:
            The job's number; `Refused` when every VM is held by somebody else.

        Raises:
            StoreError: Nothing was written.
            JobError: The job is written down, but no worker could be started.
        """

        def work(rows: Repository) -> int | Refused:
            job = self._write(rows, plan, options or JobOptions())
            refusals = locks.take(rows, plan, self._who, job)
            if refusals and len(refusals) == len(plan.targets):
                key, why = next(iter(refusals.items()))
                name = next(one.name for one in plan.targets if one.key == key)
                raise _NothingLeft(Refused(f"{name} {why}"))
            self._leave_out(rows, job, plan, refusals)
            return job

        try:
            job = self._store.transact(work)
        except _NothingLeft as nothing:
            return nothing.refused
        if isinstance(job, int):
            self._launch(job)
        return job

    def jobs(self, limit: int = 100, *, archived: bool = False) -> list[JobView]:
        """The last jobs, newest first."""
        with self._store.reading() as rows:
            records = rows.jobs.recent(limit, archived=archived)
            steps = rows.jobs.steps_of([one.id for one in records])
        return [view_of(one, steps.get(one.id, [])) for one in records]

    def job(self, number: int) -> JobView | None:
        """One job, or None."""
        with self._store.reading() as rows:
            record = rows.jobs.find(number)
            return None if record is None else view_of(record, rows.jobs.steps(number))

    def options(self, record: JobRecord) -> JobOptions:
        """How a job is carried out."""
        return JobOptions.from_json(record.options)

    def plan(self, number: int) -> Plan:
        """What a job does. Raises JobError when its plan cannot be read."""
        with self._store.reading() as rows:
            return plan_from_json(rows.jobs.plan(number))

    def output(self, number: int, after: int = 0) -> list[JobLine]:
        """What a job has said since a line."""
        with self._store.reading() as rows:
            return rows.jobs.output(number, after)

    def interrupted(self) -> list[JobView]:
        """Jobs whose worker died: to be resumed or rolled back by somebody."""
        with self._store.reading() as rows:
            records = [one for one in rows.jobs.unfinished() if is_interrupted(one)]
            steps = rows.jobs.steps_of([one.id for one in records])
        return [view_of(one, steps.get(one.id, [])) for one in records]

    def cancel(self, number: int) -> Verdict:
        """Have a job stop at its next safe point; moves that are not past it are taken back."""

        def work(rows: Repository) -> Verdict:
            record = rows.jobs.find(number)
            if record is None:
                return _no_such(number)
            if is_interrupted(record):
                return Refused(f"job {number} has no worker any more: resume it or roll it back")
            if record.state.is_over:
                return Refused(f"job {number} is over ({record.state.value})")
            if record.backwards:
                return Refused(f"job {number} is being rolled back, which is not stopped half way")
            rows.jobs.ask_to_stop(number)
            return Allowed("it stops at its next safe point")

        return self._store.transact(work)

    def resume(self, number: int, *, back: bool = False) -> Verdict:
        """Start a new worker for an interrupted, failed or cancelled job: from where it stopped, or backwards.

        Raises:
            JobError: No worker could be started.
        """
        verdict = self._store.transact(lambda rows: self._take_up(rows, number, back))
        if isinstance(verdict, Allowed):
            self._launch(number)
        return verdict

    def archive(self, number: int) -> Verdict:
        """Leave a job that is over out of the list."""

        def work(rows: Repository) -> Verdict:
            record = rows.jobs.find(number)
            if record is None:
                return _no_such(number)
            if not record.state.is_over:
                return Refused(f"job {number} is not over: cancel it, resume it or roll it back")
            if any(one.job == number for one in rows.locks.all()):
                return Refused(f"job {number} still holds VMs that are half done: resume it or roll it back")
            rows.jobs.archive(number)
            return Allowed()

        return self._store.transact(work)

    def follow(
        self,
        number: int,
        told: Callable[[JobView, Sequence[JobLine]], None],
        enough: Callable[[], bool] = lambda: False,
    ) -> JobView:
        """Watch a job until it is over or has no worker, or somebody has had enough; returns how it stands then.

        Raises:
            JobError: There is no such job.
        """
        last = 0
        while True:
            view = self.job(number)
            if view is None:
                raise JobError(f"there is no job {number}")
            lines = self.output(number, last)
            last = lines[-1].id if lines else last
            told(view, lines)
            if view.record.state.is_over or view.interrupted or enough():
                return view
            time.sleep(POLL_S)

    def results(self, number: int) -> list[TargetResult]:
        """How each VM ended, in the plan's order; of one still in work as far as it is."""
        view = self.job(number)
        if view is None:
            return []
        plan = self.plan(number)
        return [
            TargetResult(target.key, target.name, *_outcome(steps, view.interrupted))
            for target, steps in zip(plan.targets, view.targets, strict=False)
        ]

    def _launch(self, job: int) -> None:
        try:
            self._launcher.launch(job)
        except JobError as error:
            why = error.sentence
            self._store.transact(lambda rows: _end_unstarted(rows, job, why))
            raise

    def _write(self, rows: Repository, plan: Plan, options: JobOptions) -> int:
        job = rows.jobs.add(
            who=self._who,
            host=socket.gethostname(),
            verb=plan.verb,
            title=plan.title,
            command=plan.command,
            plan=plan_to_json(plan),
            options=options.to_json(),
            launcher=my_mark(),
        )
        rows.jobs.add_steps(
            job,
            (
                NewStep(
                    target=number,
                    number=at,
                    vm=target.name,
                    kind=step.kind.value,
                    sentence=step.sentence,
                    total_bytes=step.bytes_moved,
                )
                for number, target in enumerate(plan.targets)
                for at, step in enumerate(target.steps)
            ),
        )
        return job

    def _leave_out(self, rows: Repository, job: int, plan: Plan, refusals: dict[VmKey, str]) -> None:
        for step in rows.jobs.steps(job) if refusals else ():
            why = refusals.get(plan.targets[step.target].key)
            if why is not None:
                rows.jobs.change_step(step.id, state=StepState.SKIPPED, detail=why)

    def _take_up(self, rows: Repository, number: int, back: bool) -> Verdict:
        record = rows.jobs.find(number)
        if record is None:
            return _no_such(number)
        view = view_of(record, rows.jobs.steps(number))
        if has_worker(record) or (record.state is JobState.WAITING and not view.interrupted):
            return Refused(
                f"job {number} is at work: cancel it first" if back else f"job {number} is at work already"
            )
        if not view.can_resume:
            return Refused(f"job {number} is {record.state.value}: there is nothing left to do")
        plan = plan_from_json(rows.jobs.plan(number))
        if back and not any(step.kind is StepKind.CHECK for target in plan.targets for step in target.steps):
            return Refused(
                f"job {number} ({record.verb}) cannot be rolled back: resume it, or act on its VMs yourself"
            )
        unfinished = [
            target
            for target, steps in zip(plan.targets, view.targets, strict=True)
            if any(one.state is not StepState.DONE for one in steps)
        ]
        for target in unfinished:
            node = locks.node_of(rows, target)
            held = rows.locks.holder(node) if node is not None else None
            if held is not None and held.job != number:
                return Refused(
                    f"{target.name} is held by {held.owner} ({held.reason}): try again when it is released"
                )
        if not back:
            locks.take(rows, Plan(plan.verb, "", "", plan.confirm, tuple(unfinished)), self._who, number)
        rows.jobs.take_up(number, backwards=back, launcher=my_mark(), host=socket.gethostname())
        return Allowed()


def _end_unstarted(rows: Repository, job: int, why: str) -> None:
    """Put a job that no worker took up among the failed ones: it can be resumed, and holds its VMs until then.

    A worker started by somebody else may have taken it up meanwhile; then it is no business of ours.
    """
    record = rows.jobs.find(job)
    if record is not None and record.state is JobState.WAITING:
        rows.jobs.end(job, JobState.FAILED, why)


class _NothingLeft(Exception):
    """Takes the transaction back when every VM is held by somebody else."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(refused.reason)


def claim(store: Store, job: int) -> None:
    """Make this process the job's worker, unless it has one.

    Raises:
        JobError: Another process is at it, it is over, or there is no such job.
    """

    def work(rows: Repository) -> str:
        record = rows.jobs.find(job)
        if record is None:
            return "there is no such job"
        if record.state.is_over:
            return f"it is {record.state.value}"
        if has_worker(record):
            return f"process {record.worker.split()[0]} on {record.worker_host} is at it"
        rows.jobs.claim(job, worker=my_mark(), host=socket.gethostname())
        return ""

    why = store.transact(work)
    if why:
        raise JobError(f"could not take up job {job}", why)


def promised_bytes(rows: Repository) -> dict[str, int]:
    """What unfinished jobs are still going to copy to each container."""
    unfinished = [one.id for one in rows.jobs.unfinished()]
    found: dict[str, int] = {}
    for job, steps in rows.jobs.steps_of(unfinished).items():
        plan = plan_from_json(rows.jobs.plan(job))
        for line in steps:
            target = plan.targets[line.target]
            if line.state in (StepState.WAITING, StepState.BEGUN):
                for container, whole in _brings(target.steps[line.number], target).items():
                    found[container] = found.get(container, 0) + max(0, whole - line.done_bytes)
    return found


def _brings(step: Step, target: TargetPlan) -> dict[str, int]:
    """Bytes a step puts on a container's disk. A live move that may fall back has copies after it, which count."""
    if step.kind is StepKind.COPY:
        return {step.container: step.bytes_moved}
    if step.kind is StepKind.MIGRATE and step.arguments.get("fallback") != "yes":
        move = Move.of(target)
        return {move.target: sum(one.allocated_bytes for one in move.copies if not one.memory)}
    return {}


def _outcome(steps: Sequence[JobStepRecord], interrupted: bool) -> tuple[Outcome, str]:
    failed = next((one for one in steps if one.state is StepState.FAILED), None)
    if failed is not None:
        return Outcome.FAILED, failed.detail
    if all(one.state is StepState.DONE for one in steps):
        return Outcome.DONE, "; ".join(one.detail for one in steps if one.detail)
    skipped = next((one for one in steps if one.state is StepState.SKIPPED), None)
    if skipped is not None:
        return Outcome.SKIPPED, skipped.detail
    undone = [one for one in steps if one.state is StepState.UNDONE]
    if undone:
        why = next((one.detail for one in reversed(undone) if one.detail), "")
        return Outcome.FAILED, f"{why}; it is where and as it was before" if why else "rolled back"
    return (
        (Outcome.FAILED, "its worker is gone: resume the job or roll it back")
        if interrupted
        else (
            Outcome.SKIPPED,
            "still at work",
        )
    )


def _no_such(number: int) -> Refused:
    return Refused(f"there is no job {number}: `list job` shows them")
