"""Changes of running VMs: what the hypervisor can do now is done, the rest is said to come at the next start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.commands.states import has_uri
from core.errors import HypervisorError
from core.hypervisor.model import DomainState
from core.inventory.snapshot import VmView

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.inventory.survey import Look

ACTIVE = frozenset({DomainState.RUNNING, DomainState.PAUSED})


def apply_live(
    call: Invocation,
    names: Sequence[str],
    *,
    mem_mib: int | None = None,
    cpus: int | None = None,
    later: Sequence[str] = (),
) -> None:
    """Give running VMs their new memory and CPUs, and tell what waits for the next start.

    The store already has the new values; a container that cannot be reached costs a warning.

    Args:
        later: Names of changed values that no running VM can take.
    """
    if call.options.dry_run:
        return
    with call.reading() as repository:
        vms = {vm.name: vm for vm in repository.vms.all() if vm.name in set(names)}
        if not vms or not has_uri(repository):
            return
        uris: dict[str, str] = {one.name: one.uri for one in repository.fleet().containers}
    containers = sorted({vm.physnode for vm in vms.values() if vm.physnode and uris.get(vm.physnode)})
    if not containers:
        return
    with call.context.look(containers, containers) as look:
        seen = look.snapshot.by_name()
        for name in vms:
            view = seen.get(name)
            if view is not None and view.defined and view.state in ACTIVE:
                done, waiting = _apply(call, view, look, mem_mib, cpus)
                waiting += later
                if done:
                    call.note(f"{name} is running and has its new {' and '.join(done)} now")
                if waiting:
                    call.note(f"{name} is running: new {', '.join(waiting)} at next start")


def _apply(
    call: Invocation, view: VmView, look: Look, mem_mib: int | None, cpus: int | None
) -> tuple[list[str], list[str]]:
    """What the running VM has now, and what it gets at its next start."""
    done: list[str] = []
    waiting: list[str] = []
    hypervisor = look.hypervisors[view.key.container]
    for what, value in (("mem", mem_mib), ("cpus", cpus)):
        if value is None:
            continue
        try:
            if what == "mem":
                hypervisor.set_memory(view.key.uuid, value * 1024)
            else:
                hypervisor.set_vcpus(view.key.uuid, value)
            done.append(what)
        except HypervisorError as error:
            call.warn(error.sentence)
            waiting.append(what)
    return done, waiting
