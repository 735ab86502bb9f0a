"""Carries out one job: forwards step by step, backwards when it is rolled back, always journal first.

Runs in a worker: a process of its own (`core.jobs.worker`), or threads of this one for the demo and the tests.
Killed at any point it leaves a journal from which the next worker goes on.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import Cancelled, JobError, LeftBehind, QuarryError, TooLate
from core.hypervisor.api import Hypervisor
from core.jobs.journal import JobOptions, plan_from_json
from core.jobs.ledger import JournalLost, Ledger
from core.jobs.queue import Queue
from core.operations.again import done_already
from core.operations.perform import Surroundings, perform
from core.operations.plan import Outcome, Plan, Step, StepKind, TargetPlan, TargetResult
from core.operations.run import Hypervisors, state_changed
from core.store.job_records import JobState, JobStepRecord, StepState

if TYPE_CHECKING:
    from core.operations.carrier import Carrier
    from core.store.store import Store

log = logging.getLogger(__name__)

_ALONE = frozenset({StepKind.FORGET})
"""Steps that need no container."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker works with."""

    store: Store
    hypervisors: Hypervisors
    carrier: Carrier | None = None


def carry_out(job: int, means: Means, *, threads: bool = True) -> JobState:
    """Carry a claimed job to its end, in the direction the store says.

    Args:
        threads: Work on several VMs at the same time where the options allow it; False does all in this thread.

    Raises:
        JobError: The journal cannot be read or written; the job stays as the journal has it.
    """
    with means.store.reading() as rows:
        record = rows.jobs.find(job)
        text = rows.jobs.plan(job)
    if record is None:
        raise JobError(f"there is no job {job}")
    ledger = Ledger(means.store, job)
    if threads:
        ledger.start_beating()
    try:
        options = JobOptions.from_json(record.options)
        run = _Run(plan_from_json(text), options, record.who, ledger, means, threads=threads)
        return run.backwards() if record.backwards else run.forwards(stop=record.cancelled)
    finally:
        ledger.close()


class _Run:
    def __init__(
        self, plan: Plan, options: JobOptions, who: str, ledger: Ledger, means: Means, *, threads: bool
    ) -> None:
        self._threads = threads
        self._plan, self._options, self._who = plan, options, who
        self._ledger, self._means = ledger, means
        self._results: dict[int, TargetResult] = {}
        self._stop = threading.Event()
        self._lost: list[JournalLost] = []
        self._journal: dict[int, list[JobStepRecord]] = {}
        for step in ledger.steps():
            self._journal.setdefault(step.target, []).append(step)

    def forwards(self, *, stop: bool = False) -> JobState:
        """Do what is not done yet."""
        if stop:
            self._stop.set()
        return self._each(self._forwards_one, self._ended)

    def backwards(self) -> JobState:
        """Undo what can be undone, of every VM that is not through."""
        return self._each(self._backwards_one, self._ended_backwards)

    def _each(self, work: Callable[[int], TargetResult], end: Callable[[], tuple[JobState, str]]) -> JobState:
        names = [target.key.container for target in self._plan.targets]
        if self._threads:
            Queue(names, self._options.at_once).work_off(lambda number: self._guarded(number, work))
        else:
            for number in range(len(names)):
                self._guarded(number, work)
        if self._lost:
            raise self._lost[0]
        state, detail = end()
        self._ledger.finish(state, detail)
        return state

    def _guarded(self, number: int, work: Callable[[int], TargetResult]) -> None:
        if self._lost:
            return
        target = self._plan.targets[number]
        try:
            result = work(number)
            self._results[number] = result
            if self._is_settled(number):
                self._ledger.settle(self._plan, target, result, self._who)
        except JournalLost as error:
            self._lost.append(error)
            return
        if result.outcome is Outcome.FAILED and self._options.stop_at_failure:
            self._stop.set()

    def _forwards_one(self, number: int) -> TargetResult:
        target, journal = self._plan.targets[number], self._journal[number]
        if all(one.state is StepState.DONE for one in journal):
            return TargetResult(target.key, target.name, Outcome.DONE)
        left_out = next((one for one in journal if one.state is StepState.SKIPPED), None)
        if left_out is not None:
            return TargetResult(target.key, target.name, Outcome.SKIPPED, left_out.detail)
        if _is_torn(journal) and _is_undoable(target):
            try:
                self._undo(number)
            except JournalLost:
                raise
            except QuarryError as error:
                return TargetResult(target.key, target.name, Outcome.FAILED, error.sentence)
        fresh = all(one.state in (StepState.WAITING, StepState.UNDONE) for one in journal)
        if fresh and self._is_to_stop():
            return self._skip(target, journal, "cancelled before it began" if self._cancelled() else _AFTER_FAILURE)
        notes: list[str] = []
        try:
            changed = self._changed(target) if fresh else ""
            if changed:
                return self._skip(target, journal, changed)
            for at, step in enumerate(target.steps):
                if journal[at].state is not StepState.DONE:
                    self._step(target, step, journal, at, notes)
        except JournalLost:
            raise
        except QuarryError as error:
            return self._give_up(number, Outcome.SKIPPED if isinstance(error, Cancelled) else Outcome.FAILED, error)
        return TargetResult(target.key, target.name, Outcome.DONE, "; ".join(notes))

    def _step(self, target: TargetPlan, step: Step, journal: list[JobStepRecord], at: int, notes: list[str]) -> None:
        line, again = journal[at], journal[at].state is StepState.BEGUN
        returning = any(one.kind in _NO_RETURN for one in journal[:at] if one.state is StepState.DONE)
        if self._cancelled() and _is_undoable(target) and not returning and not again:
            raise Cancelled("cancelled", "an operator asked for it")
        around = self._surroundings(target, step, line)
        self._ledger.begin(line)
        journal[at] = _with(line, StepState.BEGUN)
        try:
            told = done_already(step, around) if again else ""
            if told:
                around.notes.append(told)
            else:
                _safely(step, around)
        except JournalLost:
            raise
        except QuarryError as error:
            self._ledger.end(line, StepState.FAILED, error.sentence)
            journal[at] = replace(line, state=StepState.FAILED, detail=error.sentence)
            raise
        if around.kept:
            self._ledger.keep(line, around.kept)
        self._ledger.end(line, StepState.DONE, "; ".join(around.notes))
        journal[at] = _with(line, StepState.DONE, json.dumps(around.kept))
        notes += around.notes

    def _give_up(self, number: int, outcome: Outcome, error: QuarryError) -> TargetResult:
        """A VM failed or was cancelled: where its steps can be undone, undo them at once."""
        target = self._plan.targets[number]
        if not _is_undoable(target):
            return TargetResult(target.key, target.name, outcome, error.sentence)
        try:
            note = self._undo(number)
        except JournalLost:
            raise
        except LeftBehind as left:
            return TargetResult(target.key, target.name, Outcome.FAILED, f"{error.sentence}; {left.sentence}")
        except TooLate:
            detail = f"{error.sentence}; it has run on its target: resume the job to finish it"
            return TargetResult(target.key, target.name, Outcome.FAILED, detail)
        except QuarryError as second:
            detail = f"{error.sentence}; and it could not be taken back: {second.sentence}"
            return TargetResult(target.key, target.name, Outcome.FAILED, detail)
        return TargetResult(target.key, target.name, outcome, f"{error.sentence}; {note}")

    def _backwards_one(self, number: int) -> TargetResult:
        target, journal = self._plan.targets[number], self._journal[number]
        if all(one.state is StepState.DONE for one in journal):
            return TargetResult(target.key, target.name, Outcome.SKIPPED, "was through; what is done stays done")
        if not _is_undoable(target):
            detail = f"{self._plan.verb} is not taken back; look at what became of it"
            return TargetResult(target.key, target.name, Outcome.SKIPPED, detail)
        try:
            return TargetResult(target.key, target.name, Outcome.DONE, self._undo(number))
        except JournalLost:
            raise
        except QuarryError as error:
            return TargetResult(target.key, target.name, Outcome.FAILED, error.sentence)

    def _undo(self, number: int) -> str:
        """Take one VM back.

        Raises:
            LeftBehind: It is as before, but something on a target that does not answer has to be undone later.
            QuarryError: It is not as before.
        """
        from core.operations.moving import check_undoable, may_stay_behind, undo

        target, journal = self._plan.targets[number], self._journal[number]
        check_undoable(target, journal, self._surroundings(target, target.steps[0], journal[0]))
        stays: QuarryError | None = None
        for at in range(len(journal) - 1, -1, -1):
            step, line = target.steps[at], journal[at]
            if line.state not in (StepState.DONE, StepState.BEGUN, StepState.FAILED):
                continue
            around = self._surroundings(target, step, line)
            try:
                undo(step, around)
            except QuarryError as error:
                self._ledger.say(f'{target.name}: could not undo "{step.sentence}": {error.sentence}')
                if not may_stay_behind(step, journal, around, error):
                    raise
                stays = error
                continue
            self._ledger.end(line, StepState.UNDONE, line.detail)
            journal[at] = _with(line, StepState.UNDONE)
        if stays is not None:
            raise LeftBehind(
                "it is where and as it was before, but what came to its target is still there",
                stays.why or stays.what,
                "roll the job back when that answers again",
            )
        return "it is where and as it was before"

    def _skip(self, target: TargetPlan, journal: list[JobStepRecord], detail: str) -> TargetResult:
        for at, line in enumerate(journal):
            self._ledger.end(line, StepState.SKIPPED, detail)
            journal[at] = _with(line, StepState.SKIPPED)
        return TargetResult(target.key, target.name, Outcome.SKIPPED, detail)

    def _changed(self, target: TargetPlan) -> str:
        hypervisor = self._hypervisor(target)
        return "" if hypervisor is None else state_changed(target, hypervisor)

    def _surroundings(self, target: TargetPlan, step: Step, line: JobStepRecord) -> Surroundings:
        return Surroundings(
            self._means.store,
            self._hypervisor(target),
            target,
            fleet=self._means.hypervisors,
            carrier=self._means.carrier,
            told=lambda how_far: self._ledger.progress(line, how_far),
            say=self._ledger.say,
            cancelled=self._cancelled,
            kept=json.loads(line.kept or "{}"),
        )

    def _hypervisor(self, target: TargetPlan) -> Hypervisor | None:
        if target.steps[0].kind in _ALONE:
            return None
        return self._means.hypervisors.get(target.key.container)

    def _is_settled(self, number: int) -> bool:
        """Nothing of it is half done: finished, never begun, undone, or of a kind that leaves nothing half done."""
        journal = self._journal[number]
        if not _is_undoable(self._plan.targets[number]) or all(one.state is StepState.DONE for one in journal):
            return True
        return not any(one.state in (StepState.DONE, StepState.BEGUN, StepState.FAILED) for one in journal)

    def _cancelled(self) -> bool:
        return self._ledger.asked_to_stop

    def _is_to_stop(self) -> bool:
        return self._stop.is_set() or self._cancelled()

    def _ended(self) -> tuple[JobState, str]:
        outcomes = [one.outcome for one in self._results.values()]
        done, failed = outcomes.count(Outcome.DONE), outcomes.count(Outcome.FAILED)
        detail = "; ".join(f"{one.name}: {one.detail}" for one in self._unhappy()[:3])
        if done == len(outcomes):
            return JobState.DONE, ""
        if self._is_to_stop() and failed == 0:
            return JobState.CANCELLED, detail
        return (JobState.PARTLY if done else JobState.FAILED), detail

    def _ended_backwards(self) -> tuple[JobState, str]:
        failed = [one for one in self._results.values() if one.outcome is Outcome.FAILED]
        if failed:
            return JobState.FAILED, "; ".join(f"{one.name}: {one.detail}" for one in failed[:3])
        return JobState.ROLLED_BACK, "; ".join(f"{one.name}: {one.detail}" for one in self._unhappy()[:3])

    def _unhappy(self) -> list[TargetResult]:
        return [one for _, one in sorted(self._results.items()) if one.outcome is not Outcome.DONE]


_AFTER_FAILURE = "not begun: another one failed before it"
_NO_RETURN = frozenset({StepKind.RUN_THERE.value, StepKind.LEAVE.value, StepKind.MIGRATE.value})
_UNDOABLE = frozenset({StepKind.CHECK})


def _is_undoable(target: TargetPlan) -> bool:
    """Moves begin with a check, and every one of their steps knows how to be undone."""
    return bool(target.steps) and target.steps[0].kind in _UNDOABLE


def _is_torn(journal: list[JobStepRecord]) -> bool:
    """An earlier way back left something on a target that did not answer: steps are undone before ones that are not.

    Going forwards from there would take the leftovers, old by now, for this attempt's.
    """
    undone = (StepState.WAITING, StepState.UNDONE)
    states = [line.state for line in journal]
    first = next((at for at, state in enumerate(states) if state in undone), len(states))
    return any(state in (StepState.DONE, StepState.BEGUN) for state in states[first:])


def _safely(step: Step, around: Surroundings) -> None:
    try:
        perform(step, around)
    except QuarryError:
        raise
    except Exception as error:
        # The job runner's place to catch everything: a defect met on one VM must not lose the others' results.
        log.exception("%s of %s failed", step.kind.value, step.vm)
        raise JobError(f"could not {step.sentence}", f"internal error: {error!r}") from error


def _with(line: JobStepRecord, state: StepState, kept: str = "") -> JobStepRecord:
    return replace(line, state=state, kept=kept or line.kept)
