"""One job's journal in a worker's hands: written before and after each step, or the step is not done."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from core.errors import JobError, StoreError
from core.jobs import locks
from core.jobs.process import BEAT_S
from core.operations.perform import StepProgress
from core.operations.plan import JsonValue, Outcome, Plan, TargetPlan, TargetResult
from core.store.job_records import JobState, JobStepRecord, StepState

if TYPE_CHECKING:
    from core.store.repository import Repository
    from core.store.store import Store

T = TypeVar("T")

log = logging.getLogger(__name__)

_PROGRESS_S = 1.0
_SHOWN_PERCENT = 5.0
"""Progress that everybody's tree shows; less moves only the jobs view."""

_WHOLE = frozenset({"move", "drain"})
"""Verbs whose command names more than the VM."""

_RESULT_WORDS = {Outcome.DONE: "ok", Outcome.FAILED: "failed", Outcome.SKIPPED: "refused"}


class JournalLost(JobError):
    """The journal could not be written: the worker stops where it is, as if it had been killed."""


class Ledger:
    """Writes one job's journal. Safe to use from the threads of one worker."""

    def __init__(self, store: Store, job: int) -> None:
        self._store = store
        self._job = job
        self._lock = threading.Lock()
        self._told: dict[int, tuple[float, float]] = {}
        self._asked_to_stop = threading.Event()
        self._over = threading.Event()
        self._beats: threading.Thread | None = None

    @property
    def asked_to_stop(self) -> bool:
        """Somebody wants the job to stop at the next safe point."""
        return self._asked_to_stop.is_set()

    def start_beating(self) -> None:
        """Give signs of life, and listen for a wish to stop, until `close`."""
        self._beats = threading.Thread(target=self._beat, name=f"job-{self._job}-beat", daemon=True)
        self._beats.start()

    def close(self) -> None:
        """No more signs of life."""
        self._over.set()
        if self._beats is not None:
            self._beats.join(BEAT_S)

    def steps(self) -> list[JobStepRecord]:
        """The journal as it stands. Raises JournalLost."""
        try:
            with self._store.reading() as rows:
                return rows.jobs.steps(self._job)
        except StoreError as error:
            raise JournalLost("could not read the journal", error.sentence) from error

    def begin(self, step: JobStepRecord) -> None:
        """The step begins now. Raises JournalLost: then it must not begin."""
        self._write(lambda rows: rows.jobs.change_step(step.id, state=StepState.BEGUN, detail=""))

    def keep(self, step: JobStepRecord, kept: dict[str, JsonValue]) -> None:
        """What the step notes for its undoing. Raises JournalLost."""
        self._write(lambda rows: rows.jobs.change_step(step.id, kept=json.dumps(kept)), counts=False)

    def end(self, step: JobStepRecord, state: StepState, detail: str = "") -> None:
        """How the step ended. Raises JournalLost."""

        def work(rows: Repository) -> None:
            if state is StepState.DONE:
                rows.jobs.change_step(
                    step.id, state=state, detail=detail, rate_bytes_s=0, done_bytes=step.total_bytes
                )
            else:
                rows.jobs.change_step(step.id, state=state, detail=detail, rate_bytes_s=0)

        self._write(work)

    def progress(self, step: JobStepRecord, how_far: StepProgress) -> None:
        """How far a long step is; written now and then, and never worth stopping for."""
        now = time.monotonic()
        percent = 100.0 * how_far.done_bytes / how_far.total_bytes if how_far.total_bytes else 0.0
        with self._lock:
            at, shown = self._told.get(step.id, (0.0, -_SHOWN_PERCENT))
            if now - at < _PROGRESS_S and how_far.done_bytes < how_far.total_bytes:
                return
            counts = percent - shown >= _SHOWN_PERCENT
            self._told[step.id] = (now, percent if counts else shown)
        try:
            with self._store.begin(counts=counts) as rows:
                rows.jobs.change_step(
                    step.id,
                    done_bytes=how_far.done_bytes,
                    total_bytes=max(how_far.total_bytes, how_far.done_bytes),
                    rate_bytes_s=how_far.rate_bytes_s,
                )
        except StoreError as error:
            log.info("progress not written: %s", error.sentence)

    def say(self, line: str) -> None:
        """A line for the operator; a store that fails now costs that line."""
        try:
            with self._store.begin(counts=False) as rows:
                rows.jobs.say(self._job, line)
        except StoreError as error:
            log.info("output not written: %s (%s)", line, error.sentence)

    def settle(self, plan: Plan, target: TargetPlan, result: TargetResult, who: str) -> None:
        """One VM is in order again: release it and put its result into the action log. Raises JournalLost."""
        whole = len(plan.targets) == 1 or plan.verb in _WHOLE
        command = plan.command if whole else f"{plan.verb} host vm {target.name}"

        def work(rows: Repository) -> None:
            locks.release(rows, target, self._job)
            rows.log.add(
                who=who,
                host=socket.gethostname(),
                what=command,
                target=target.name,
                result=_RESULT_WORDS[result.outcome],
                detail=f"job {self._job}" + (f": {result.detail}" if result.detail else ""),
            )

        self._write(work)

    def finish(self, state: JobState, detail: str) -> None:
        """The job is over. Raises JournalLost."""
        self._write(lambda rows: rows.jobs.end(self._job, state, detail))

    def _write(self, work: Callable[[Repository], None], *, counts: bool = True) -> None:
        try:
            self._store.transact(work, counts=counts)
        except StoreError as error:
            raise JournalLost(f"could not write the journal of job {self._job}", error.sentence) from error

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                with self._store.begin(counts=False) as rows:
                    if rows.jobs.beat(self._job):
                        self._asked_to_stop.set()
            except StoreError as error:
                log.info("no sign of life: %s", error.sentence)
