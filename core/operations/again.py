"""Steps that had begun when their worker died: whether what they were to do is done already.

Only of steps whose repetition would do something else; the others are simply done again.
"""

from __future__ import annotations

from collections.abc import Callable

from core.errors import DomainNotFound
from core.hypervisor.model import DomainState
from core.operations.capabilities import ACTIVE
from core.operations.perform import Surroundings
from core.operations.plan import Step, StepKind
from core.operations.saved import forget_saved


def done_already(step: Step, around: Surroundings) -> str:
    """What was found done, in words; empty when the step is to be done (again).

    Raises:
        HypervisorError: The container cannot say.
    """
    look = _LOOKS.get(step.kind)
    if look is None:
        return ""
    try:
        state = around.hypervisor.domain(around.uuid).state
    except DomainNotFound:
        return ""
    return look(step, around, state)


def _start(step: Step, around: Surroundings, state: DomainState) -> str:
    return "it was running already" if state in ACTIVE else ""


def _off(step: Step, around: Surroundings, state: DomainState) -> str:
    return "" if state in ACTIVE else "it was off already"


def _suspend(step: Step, around: Surroundings, state: DomainState) -> str:
    return "it was paused already" if state is DomainState.PAUSED else ""


def _resume(step: Step, around: Surroundings, state: DomainState) -> str:
    return "it was running already" if state is DomainState.RUNNING else ""


def _once(step: Step, around: Surroundings, state: DomainState) -> str:
    return "it was asked before the worker died, and is not asked twice"


def _save(step: Step, around: Surroundings, state: DomainState) -> str:
    path = str(step.arguments.get("path") or "")
    if state in ACTIVE or not path or around.hypervisor.image_size(path) is None:
        return ""
    return f"it was saved to {path} already"


def _restore(step: Step, around: Surroundings, state: DomainState) -> str:
    if state not in ACTIVE:
        return ""
    forget_saved(around.store, step.vm)
    around.hypervisor.delete_image(str(step.arguments.get("path") or ""))
    return "it was restored already"


_LOOKS: dict[StepKind, Callable[[Step, Surroundings, DomainState], str]] = {
    StepKind.START: _start,
    StepKind.DESTROY: _off,
    StepKind.SHUTDOWN: _off,
    StepKind.SUSPEND: _suspend,
    StepKind.RESUME: _resume,
    StepKind.RESET: _once,
    StepKind.REBOOT: _once,
    StepKind.SAVE: _save,
    StepKind.RESTORE: _restore,
}
