"""Runs a plan: containers side by side, the VMs of one container a few at a time, each on its own.

Right before a VM is touched its state is read again: another one than the plan was made for means "changed, skipped".
One VM's failure stops nobody else's. Each VM's result goes to the action log. Nothing here raises for what happens to
a VM: `run_plan` always answers with one result per target.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.errors import DomainNotFound, HypervisorError, QuarryError, StoreError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainState, DomainUuid
from core.operations.holding import hold, let_go
from core.operations.perform import Surroundings, perform
from core.operations.plan import Outcome, Plan, StepKind, TargetPlan, TargetResult

if TYPE_CHECKING:
    from core.store.store import Store

log = logging.getLogger(__name__)

CONTAINERS_AT_ONCE = 32
"""Worker threads of one plan."""

PER_CONTAINER = 4
"""VMs of one container in work at the same time."""

_STORE_ONLY = {StepKind.FORGET, StepKind.ADOPT}


@dataclass(frozen=True, slots=True)
class Progress:
    """One VM got further.

    Attributes:
        sentence: The step that begins now, or how it ended.
        finished: Targets of the plan that have ended so far.
        result: How this one ended; None while it is in work.
    """

    target: TargetPlan
    sentence: str
    finished: int
    total: int
    result: TargetResult | None = None


class Hypervisors(Protocol):
    """The pool, or a dict of connections."""

    def get(self, name: ContainerName, /) -> Hypervisor | None:
        """The container's hypervisor. May raise HypervisorError instead of answering None."""


def run_plan(
    plan: Plan,
    hypervisors: Hypervisors,
    store: Store,
    who: str,
    report: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[TargetResult]:
    """Run a confirmed plan and wait for its end. Call it from a worker thread.

    Args:
        who: The operator's login name, for the locks and the log.
        report: Called from worker threads, one call at a time.
        cancelled: Asked before each VM and between its steps before the first one that changes anything; VMs not
            begun are skipped.

    Returns:
        One result per target, in the plan's order.
    """
    return _Run(plan, hypervisors, store, who, report, cancelled).run()


class _Run:
    def __init__(
        self,
        plan: Plan,
        hypervisors: Hypervisors,
        store: Store,
        who: str,
        report: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._plan = plan
        self._hypervisors = hypervisors
        self._store = store
        self._who = who
        self._report = report
        self._cancelled = cancelled or (lambda: False)
        self._lock = threading.Lock()
        self._results: dict[int, TargetResult] = {}
        self._waiting: dict[str, deque[int]] = {}
        self._busy: dict[str, int] = {}
        self._room = threading.Condition(self._lock)
        for number, target in enumerate(plan.targets):
            self._waiting.setdefault(target.key.container, deque()).append(number)

    def run(self) -> list[TargetResult]:
        held = self._hold()
        try:
            count = min(CONTAINERS_AT_ONCE, len(self._plan.targets) - len(self._results))
            # Daemons: a container that hangs must not keep the program from ending.
            workers = [threading.Thread(target=self._work, name=f"run-{n}", daemon=True) for n in range(count)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        finally:
            let_go(self._store, held)
        return [self._results[number] for number in range(len(self._plan.targets))]

    def _hold(self) -> list[int]:
        """Lock the VMs; those somebody else holds are skipped, all of them fail when the store cannot be written."""
        try:
            held, refusals = hold(self._store, self._plan, self._who)
        except StoreError as error:
            for number, target in enumerate(self._plan.targets):
                self._end(number, target, TargetResult(target.key, target.name, Outcome.FAILED, error.sentence))
            self._waiting.clear()
            return []
        for number, target in enumerate(self._plan.targets):
            if target.key in refusals:
                detail = refusals[target.key]
                self._end(number, target, TargetResult(target.key, target.name, Outcome.SKIPPED, detail))
                self._waiting[target.key.container].remove(number)
        return held

    def _work(self) -> None:
        while (number := self._next()) is not None:
            target = self._plan.targets[number]
            try:
                result = self._one(number, target)
            finally:
                with self._room:
                    self._busy[target.key.container] -= 1
                    self._room.notify_all()
            self._end(number, target, result)

    def _next(self) -> int | None:
        """The next VM of a container that still has room; None when there is none left."""
        with self._room:
            while True:
                for container, numbers in self._waiting.items():
                    if numbers and self._busy.get(container, 0) < PER_CONTAINER:
                        self._busy[container] = self._busy.get(container, 0) + 1
                        return numbers.popleft()
                if not any(self._waiting.values()):
                    return None
                self._room.wait()

    def _one(self, number: int, target: TargetPlan) -> TargetResult:
        if self._cancelled():
            return TargetResult(target.key, target.name, Outcome.SKIPPED, "cancelled before it began")
        try:
            hypervisor = self._hypervisor(target)
            if hypervisor is not None:
                changed = state_changed(target, hypervisor)
                if changed:
                    return TargetResult(target.key, target.name, Outcome.SKIPPED, changed)
            surroundings = Surroundings(self._store, hypervisor, target, fleet=self._hypervisors)
            for step in target.steps:
                self._tell(target, step.sentence)
                perform(step, surroundings)
        except QuarryError as error:
            return TargetResult(target.key, target.name, Outcome.FAILED, error.sentence)
        except Exception as error:
            # The job runner's place to catch everything: a defect met on one VM must not lose the others' results.
            log.exception("%s of %s failed", self._plan.verb, target.name)
            return TargetResult(target.key, target.name, Outcome.FAILED, f"internal error: {error!r}")
        return TargetResult(target.key, target.name, Outcome.DONE, "; ".join(surroundings.notes))

    def _hypervisor(self, target: TargetPlan) -> Hypervisor | None:
        if all(step.kind in _STORE_ONLY for step in target.steps) and target.steps[0].kind is StepKind.FORGET:
            return None
        name = target.key.container
        hypervisor = self._hypervisors.get(name)
        if hypervisor is None:
            raise HypervisorError(name, f"no connection to {name}", remedy="try again when it is back")
        return hypervisor

    def _end(self, number: int, target: TargetPlan, result: TargetResult) -> None:
        result = self._logged(target, result)
        with self._lock:
            self._results[number] = result
        self._tell(target, result.detail or result.outcome.value, result)

    def _logged(self, target: TargetPlan, result: TargetResult) -> TargetResult:
        words = {Outcome.DONE: "ok", Outcome.FAILED: "failed", Outcome.SKIPPED: "refused"}
        action = f" action={self._plan.verb}" if self._plan.verb in ("shutdown", "reset", "reboot") else ""
        verb = "stop" if action else self._plan.verb
        try:
            with self._store.begin(counts=False) as rows:
                rows.log.add(
                    who=self._who,
                    host=socket.gethostname(),
                    what=f"{verb} host vm {target.name}{action}",
                    target=target.name,
                    result=words[result.outcome],
                    detail=result.detail,
                )
        except StoreError as error:
            note = f"not in the log: {error.sentence}"
            detail = f"{result.detail}; {note}" if result.detail else note
            return TargetResult(result.key, result.name, result.outcome, detail)
        return result

    def _tell(self, target: TargetPlan, sentence: str, result: TargetResult | None = None) -> None:
        if self._report is None:
            return
        with self._lock:
            progress = Progress(target, sentence, len(self._results), len(self._plan.targets), result)
            self._report(progress)


def state_changed(target: TargetPlan, hypervisor: Hypervisor) -> str:
    """How the VM differs from what the plan was made for, in a sentence; empty when it does not."""
    expected = DomainState(target.expected_state)
    try:
        facts = hypervisor.domain(DomainUuid(target.key.uuid))
    except DomainNotFound:
        if any(step.kind is StepKind.DEFINE for step in target.steps):
            return ""
        if target.steps[0].kind is StepKind.CHECK and not target.steps[0].arguments.get("defined"):
            return ""
        if target.steps[0].kind in (StepKind.RESTORE, StepKind.FORGET, StepKind.DELETE_IMAGE):
            return ""
        return "its domain is gone since the plan was made: skipped"
    if _plain(facts.state) is not _plain(expected):
        return f"changed from {expected.value} to {facts.state.value} since the plan was made: skipped"
    if facts.managed_save and expected is DomainState.SHUT_OFF:
        return "has memory that libvirt itself saved since the plan was made: skipped"
    return ""


def _plain(state: DomainState) -> DomainState:
    """Saved is shut off with a file beside it, which the container need not know of."""
    return DomainState.SHUT_OFF if state is DomainState.SAVED else state
