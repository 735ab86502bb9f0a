"""What the steps of a move do, and how each is undone. Every one may be run again after a crash at any point of it.

Until the VM runs on the target (`StepKind.RUN_THERE`, or the end of `StepKind.MIGRATE`) the source is whole: its
disks are only read, its domain stays defined, its saved memory stays. Undoing goes back to that. After it the
target's disks are the newer ones, and the only way is forwards. What is on the source goes last, after a look at the
target.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence

from core.errors import ContainerUnreachable, DomainBusy, DomainNotFound, HypervisorError, QuarryError, TooLate
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainState
from core.operations.carrier import CopyOrder
from core.operations.live import migrate, runs_here, undo_migrate, wait_for_job, went_over
from core.operations.perform import Surroundings, has_managed_save, refuse_managed_save
from core.operations.placing import Move, switch, switch_back
from core.operations.plan import Step, StepKind, TargetPlan
from core.operations.saved import forget_saved, mark_saved, mark_used, unmark_used, was_used
from core.operations.words import bytes_text
from core.store.job_records import JobStepRecord, StepState

_HARMLESS = frozenset({StepKind.COPY, StepKind.DEFINE_THERE})
_ON = (DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN)


def _check(step: Step, around: Surroundings) -> None:
    """What the plan found, found again: both containers answer, the target has room and nothing of that UUID."""
    move = Move.of(around.target)
    there = around.at(move.target)
    refuse_managed_save(around.at(move.source), around, "could not move")
    if _state(there, around) is not None:
        raise DomainBusy(
            move.target,
            f"could not move {step.vm}",
            f"{move.target} already has a domain with its UUID",
            "look there",
        )
    ground = around.files.look(ContainerName(move.target), [copy.target_path for copy in move.copies])
    for copy in move.copies:
        if copy.target_path in ground.files:
            raise HypervisorError(
                move.target,
                f"could not move {step.vm}",
                f"{copy.target_path} is on {move.target} already",
                "whose is it? move it out of the way",
            )
    wanted = sum(copy.allocated_bytes for copy in move.copies)
    if wanted > ground.free_bytes:
        raise HypervisorError(
            move.target,
            f"could not move {step.vm}",
            f"it needs {bytes_text(wanted)} on {ground.mount}, {move.target} has {bytes_text(ground.free_bytes)}",
        )


def _undo_check(step: Step, around: Surroundings) -> None:
    """Nothing was changed."""


def _save_here(step: Step, around: Surroundings) -> None:
    if _went_live(step, around):
        return
    path = _text(step, "path")
    here = around.at(step.container)
    around.say("Saving the VM's current state.")
    wait_for_job(here, around)
    state = _state(here, around)
    if state not in _ON:
        refuse_managed_save(here, around, "could not move")
        if here.image_size(path) is None:
            raise HypervisorError(
                step.container, f"could not save {step.vm}", "it went off by itself", "move it again"
            )
        around.notes.append("it was saved already")
        return
    here.delete_image(path)
    mark_saved(around.store, step.vm, path)
    try:
        here.save(around.uuid, path)
    except ContainerUnreachable:
        raise
    except HypervisorError:
        forget_saved(around.store, step.vm)
        raise


def _undo_save_here(step: Step, around: Surroundings) -> None:
    """Run on where it was saved: its disks have only been read since. Old memory is never resumed twice."""
    path = _text(step, "path")
    here = around.at(step.container)
    wait_for_job(here, around)
    if has_managed_save(here, around):
        around.say(f"{step.vm} ran since, and libvirt itself saved it on {step.container}: start resumes that")
    elif _state(here, around) not in _ON:
        if here.image_size(path) is None:
            # It was never written; the VM went off by itself.
            forget_saved(around.store, step.vm)
            return
        if was_used(around.store, step.vm):
            around.say(
                f"{step.vm} was restored before and is off now: `start host vm {step.vm} discard=yes` boots it"
            )
            return
        mark_used(around.store, step.vm)
        try:
            here.restore(path)
        except ContainerUnreachable:
            raise
        except HypervisorError as error:
            unmark_used(around.store, step.vm)
            around.say(f"{step.vm} stays saved on {step.container}: {error.sentence}")
            return
    forget_saved(around.store, step.vm)
    here.delete_image(path)


def _copy(step: Step, around: Surroundings) -> None:
    if _went_live(step, around):
        return
    order = CopyOrder(
        ContainerName(_text(step, "source")),
        _text(step, "source_path"),
        ContainerName(_text(step, "target")),
        _text(step, "target_path"),
        _number(step, "limit_bytes_s"),
    )
    for line in _lines(step):
        around.say(line)
    report = around.files.copy(order, around.told, around.cancelled)
    rate = report.sent_bytes / report.seconds if report.seconds > 0 else 0.0
    way = "" if report.direct else ", through this machine"
    around.notes.append(
        f"{posixpath.basename(order.target_path)}: {bytes_text(report.sent_bytes)} sent of"
        f" {bytes_text(report.allocated_bytes)} allocated, {bytes_text(int(rate))}/s{way}"
    )


def _undo_copy(step: Step, around: Surroundings) -> None:
    target, path = _text(step, "target"), _text(step, "target_path")
    state = _state(around.at(target), around)
    if state in _ON:
        raise DomainBusy(target, f"did not delete {path}", "the VM is active there", "resume the job")
    around.files.discard(ContainerName(target), path)


def _switch(step: Step, around: Surroundings) -> None:
    note = switch(around.store, Move.of(around.target), around.target)
    if note:
        around.notes.append(note)


def _undo_switch(step: Step, around: Surroundings) -> None:
    switch_back(around.store, Move.of(around.target), around.target)


def _define_there(step: Step, around: Surroundings) -> None:
    """The source's own definition, everything an operator gave it by hand included, with the new paths."""
    if _went_live(step, around):
        return
    here, there = around.hypervisor, around.at(step.container)
    there.define(here.definition(around.uuid, Move.of(around.target).paths))


def _undo_define_there(step: Step, around: Surroundings) -> None:
    there = around.at(step.container)
    state = _state(there, around)
    if state is None:
        return
    if state in _ON:
        raise DomainBusy(step.container, f"did not undefine {step.vm}", "it is active there", "resume the job")
    there.undefine(around.uuid)


def _restore_there(step: Step, around: Surroundings) -> None:
    if _went_live(step, around):
        return
    around.say(f"Restarting the VM on {step.container}.")
    there = around.at(step.container)
    wait_for_job(there, around)
    if _state(there, around) in _ON:
        around.notes.append("it was restored already")
        return
    there.restore(_text(step, "path"), paused=True, moved=Move.of(around.target).paths)


def _undo_restore_there(step: Step, around: Surroundings) -> None:
    """It has not run there: `check_undoable` has looked."""
    there = around.at(step.container)
    if _state(there, around) in _ON:
        there.destroy(around.uuid)


def _run_there(step: Step, around: Surroundings) -> None:
    if _went_live(step, around):
        return
    there = around.at(step.container)
    state = _state(there, around)
    if state is DomainState.PAUSED and _text(step, "paused") != "yes":
        there.resume(around.uuid)
    elif state not in _ON:
        raise HypervisorError(
            step.container,
            f"could not run {step.vm}",
            "it is not there any more after its restore",
            "look at its log there; its source is still whole",
        )
    forget_saved(around.store, step.vm)


def _undo_run_there(step: Step, around: Surroundings) -> None:
    """Only reached when it never ran."""


def _leave(step: Step, around: Surroundings) -> None:
    """Delete on the source what is on the target now; never before a look that it is."""
    move = Move.of(around.target)
    here, there = around.at(move.source), around.at(move.target)
    if move.defined and _state(there, around) is None:
        raise HypervisorError(
            move.source,
            f"deleted nothing of {step.vm} on {move.source}",
            f"it is not defined on {move.target}",
            "look what became of it; the source's files are still there",
        )
    if _state(here, around) in _ON:
        raise DomainBusy(move.source, f"deleted nothing of {step.vm}", f"it is active on {move.source}, too")
    refuse_managed_save(here, around, "deleted nothing of")
    ground = around.files.look(ContainerName(move.target), [copy.target_path for copy in move.copies])
    for copy in move.copies:
        if copy.target_path not in ground.files and (move.memory_stays or not copy.memory):
            raise HypervisorError(
                move.source,
                f"deleted nothing of {step.vm} on {move.source}",
                f"{copy.target_path} is not on {move.target}",
                "do not stop it there before this is understood",
            )
    if _state(here, around) is not None:
        here.undefine(around.uuid)
    used_up = [copy for copy in move.copies if copy.memory and not move.memory_stays]
    around.files.tidy(ContainerName(move.source), delete=[copy.source_path for copy in move.copies])
    around.files.tidy(
        ContainerName(move.target),
        delete=[copy.target_path for copy in used_up],
        settle=[copy.target_path for copy in move.copies if copy not in used_up],
    )


def _undo_leave(step: Step, around: Surroundings) -> None:
    """Only reached when it deleted nothing."""


def check_undoable(target: TargetPlan, journal: Sequence[JobStepRecord], around: Surroundings) -> None:
    """Whether the way back is open: the VM has not run on the target.

    Raises:
        TooLate: It may have run there; only resuming is safe.
        HypervisorError: The target cannot say.
    """
    begun = (StepState.DONE, StepState.BEGUN, StepState.FAILED)
    for step, line in zip(target.steps, journal, strict=True):
        if line.state not in begun:
            continue
        if step.kind is StepKind.LEAVE:
            raise _too_late(target)
        if step.kind is StepKind.MIGRATE:
            whole = line.state is StepState.DONE and step.arguments.get("fallback") != "yes"
            if whole or went_over(around):
                raise _too_late(target)
        if step.kind is StepKind.RUN_THERE and _may_have_run(step, line, around):
            raise _too_late(target)


def may_stay_behind(step: Step, journal: Sequence[JobStepRecord], around: Surroundings, error: QuarryError) -> bool:
    """Whether the rest of a VM's move may be undone although this step could not be, because the target is silent.

    Copies and a definition over there do no harm while nothing can have run from them.

    Raises:
        HypervisorError: The source cannot say whether it runs there.
    """
    if isinstance(error, DomainBusy):
        return False
    if step.kind is StepKind.MIGRATE:
        return runs_here(around)
    begun = (StepState.DONE, StepState.BEGUN, StepState.FAILED)
    active = {StepKind.RESTORE_THERE.value, StepKind.RUN_THERE.value, StepKind.MIGRATE.value}
    return step.kind in _HARMLESS and not any(line.kind in active and line.state in begun for line in journal)


def undo(step: Step, around: Surroundings) -> None:
    """Take one step back, whether it ended or not. Raises QuarryError when that failed; it may be tried again."""
    _UNDO[step.kind](step, around)


def _went_live(step: Step, around: Surroundings) -> bool:
    """The step is only the saved way's, and the live way has succeeded."""
    if step.arguments.get("unless_live") != "yes" or not went_over(around):
        return False
    around.notes.append("not needed")
    return True


def _may_have_run(step: Step, line: JobStepRecord, around: Surroundings) -> bool:
    """Restored memory that is still paused has not run; nothing else is that certain."""
    if line.state is StepState.DONE:
        return True
    return _state(around.at(step.container), around) is not DomainState.PAUSED


def _too_late(target: TargetPlan) -> TooLate:
    where = Move.of(target).target
    return TooLate(
        f"{target.name} cannot be taken back", f"it runs on {where}, or has run there", "resume the job instead"
    )


def _state(hypervisor: Hypervisor, around: Surroundings) -> DomainState | None:
    """Its state on a container, None when it is not defined there."""
    try:
        return hypervisor.domain(around.uuid).state
    except DomainNotFound:
        return None


def _lines(step: Step) -> list[str]:
    lines = step.arguments.get("says")
    return [str(one) for one in lines] if isinstance(lines, list) else []


def _text(step: Step, name: str) -> str:
    return str(step.arguments.get(name) or "")


def _number(step: Step, name: str) -> int:
    value = step.arguments.get(name)
    return value if isinstance(value, int) else 0


MOVES: dict[StepKind, Callable[[Step, Surroundings], None]] = {
    StepKind.CHECK: _check,
    StepKind.SAVE_HERE: _save_here,
    StepKind.COPY: _copy,
    StepKind.SWITCH: _switch,
    StepKind.DEFINE_THERE: _define_there,
    StepKind.RESTORE_THERE: _restore_there,
    StepKind.RUN_THERE: _run_there,
    StepKind.MIGRATE: migrate,
    StepKind.LEAVE: _leave,
}

_UNDO: dict[StepKind, Callable[[Step, Surroundings], None]] = {
    StepKind.CHECK: _undo_check,
    StepKind.SAVE_HERE: _undo_save_here,
    StepKind.COPY: _undo_copy,
    StepKind.SWITCH: _undo_switch,
    StepKind.DEFINE_THERE: _undo_define_there,
    StepKind.RESTORE_THERE: _undo_restore_there,
    StepKind.RUN_THERE: _undo_run_there,
    StepKind.MIGRATE: undo_migrate,
    StepKind.LEAVE: _undo_leave,
}
