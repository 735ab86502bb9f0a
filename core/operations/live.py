"""Moving a VM while it runs: libvirt carries memory and disks over, watched, stopped on demand."""

from __future__ import annotations

import threading
import time

from core.errors import Cancelled, DomainNotFound, HypervisorError
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainState, JobProgress, MigrationOrder
from core.operations.perform import StepProgress, Surroundings
from core.operations.placing import Move
from core.operations.plan import Step
from core.operations.saved import saved_path
from core.operations.words import bytes_text, one_line

_ON = (DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN)
_LOOK_S = 0.5
_SETTLE_S = 60.0


def went_over(around: Surroundings) -> bool:
    """Whether the VM is active on the target only, or runs there while the source is only a paused remainder.

    Raises:
        HypervisorError: One of the two cannot say.
    """
    move = Move.of(around.target)
    if runs_here(around):
        # No need of the other side, which may be what does not answer.
        return False
    if saved_path(around.store, around.target.name) in move.memory_paths:
        # It fell back to the saved way. What is active over there was restored, and has not run yet.
        return False
    here, there = _state(around.at(move.source), around), _state(around.at(move.target), around)
    if there not in _ON:
        return False
    return here not in _ON or (here is DomainState.PAUSED and there is DomainState.RUNNING)


def runs_here(around: Surroundings) -> bool:
    """Whether the VM runs on the source: then it runs nowhere else. Raises HypervisorError when that cannot say."""
    state = _state(around.at(Move.of(around.target).source), around)
    return state in (DomainState.RUNNING, DomainState.SHUTTING_DOWN)


def migrate(step: Step, around: Surroundings) -> None:
    """Move it live; where that fails and the operator allowed it, the plan's later steps do it the saved way."""
    move = Move.of(around.target)
    here, there = around.at(move.source), around.at(move.target)
    wait_for_job(here, around)
    if not went_over(around):
        _clear(move, here, there, around)
        try:
            _run(step, move, here, there, around)
        except Cancelled:
            raise
        except HypervisorError as error:
            wait_for_job(here, around)
            if not went_over(around):
                if step.arguments.get("fallback") != "yes":
                    raise
                _clear(move, here, there, around)
                around.notes.append(f"no live move, so the saved way: {one_line(error.why or error.what)}")
                return
    if _state(here, around) in _ON:
        # libvirt left the source paused because it did not hear how it ended; the target runs.
        here.destroy(around.uuid)
    around.files.tidy(ContainerName(move.target), settle=[copy.target_path for copy in move.copies])
    _tell(here, around)


def undo_migrate(step: Step, around: Surroundings) -> None:
    """It did not go over (`check_undoable` looked): take away what was prepared on the target, let the source run."""
    move = Move.of(around.target)
    here, there = around.at(move.source), around.at(move.target)
    _clear(move, here, there, around)


def wait_for_job(hypervisor: Hypervisor, around: Surroundings) -> None:
    """Until no save or migration runs on the VM: one that a dead worker began goes on in its container's libvirtd.

    Raises:
        HypervisorError: It has made no progress for a minute, or the container cannot say.
    """
    give_up_at = time.monotonic() + _SETTLE_S
    seen = -1
    while True:
        try:
            progress = hypervisor.job_progress(around.uuid)
        except DomainNotFound:
            return
        if progress is None:
            return
        if progress.done_bytes != seen:
            give_up_at, seen = time.monotonic() + _SETTLE_S, progress.done_bytes
        if time.monotonic() > give_up_at:
            raise HypervisorError(
                hypervisor.container, f"{around.target.name} is held by a job of libvirt", "", "look at it there"
            )
        time.sleep(_LOOK_S)


def _run(step: Step, move: Move, here: Hypervisor, there: Hypervisor, around: Surroundings) -> None:
    for copy in move.copies:
        if copy.device and there.image_size(copy.target_path) is None:
            there.create_image(copy.target_path, copy.size_bytes, copy.image_format)
    order = MigrationOrder(
        str(step.arguments.get("address") or move.target),
        tuple(copy.device for copy in move.copies if copy.device),
        move.paths,
        _mib(step.arguments.get("limit_bytes_s")),
    )
    failed: list[HypervisorError] = []
    over = threading.Event()

    def work() -> None:
        try:
            here.migrate(around.uuid, there, order)
        except HypervisorError as error:
            failed.append(error)
        finally:
            over.set()

    threading.Thread(target=work, name=f"migrate-{step.vm}", daemon=True).start()
    aborted = False
    watch = _Watch()
    while not over.wait(_LOOK_S):
        if around.cancelled() and not aborted:
            aborted = True
            _abort(here, around)
        watch.look(here, around)
    if failed and aborted:
        raise Cancelled(f"the live move of {step.vm} was stopped", "an operator asked for it")
    if failed:
        raise failed[0]


class _Watch:
    """libvirt's figures as our progress; the rate is over the last look."""

    def __init__(self) -> None:
        self._before = (time.monotonic(), 0)

    def look(self, here: Hypervisor, around: Surroundings) -> None:
        try:
            progress = here.job_progress(around.uuid)
        except HypervisorError:
            # The migration itself will tell what is wrong.
            return
        if progress is None:
            return
        now, (at, done) = time.monotonic(), self._before
        rate = int(max(0, progress.done_bytes - done) / max(0.001, now - at))
        self._before = (now, progress.done_bytes)
        around.told(StepProgress(progress.done_bytes, progress.total_bytes, rate, "memory and disks"))


def _abort(here: Hypervisor, around: Surroundings) -> None:
    try:
        here.abort_job(around.uuid)
    except HypervisorError as error:
        around.say(f"could not stop it: {error.sentence}")


def _clear(move: Move, here: Hypervisor, there: Hypervisor, around: Surroundings) -> None:
    """Nothing on the target, and the source runs: as before the attempt."""
    state = _state(there, around)
    if state in _ON:
        if _state(here, around) not in _ON:
            raise HypervisorError(there.container, f"left {around.target.name} alone", "it is active there only")
        there.destroy(around.uuid)
        state = _state(there, around)
    if state is not None:
        there.undefine(around.uuid)
    for copy in move.copies:
        there.delete_image(copy.target_path)
    if _state(here, around) is DomainState.PAUSED and around.target.expected_state == DomainState.RUNNING.value:
        here.resume(around.uuid)


def _tell(here: Hypervisor, around: Surroundings) -> None:
    figures: JobProgress | None = None
    try:
        figures = here.last_job(around.uuid)
    except HypervisorError as error:
        around.notes.append(f"moved; no figures: {error.sentence}")
    if figures is None:
        return
    downtime = f", down for {figures.downtime_ms} ms" if figures.downtime_ms is not None else ""
    around.notes.append(f"live: {bytes_text(figures.done_bytes)} in {figures.elapsed_ms / 1000:.1f} s{downtime}")


def _state(hypervisor: Hypervisor, around: Surroundings) -> DomainState | None:
    try:
        return hypervisor.domain(around.uuid).state
    except DomainNotFound:
        return None


def _mib(value: object) -> int:
    return -(-value // 1024**2) if isinstance(value, int) else 0
