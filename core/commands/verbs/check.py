"""``check``."""

from __future__ import annotations

from core.commands.command import Command, Kind, Parameter
from core.commands.invocation import Invocation
from core.commands.refusal import Status
from core.commands.states import look
from core.commands.table import Row
from core.hypervisor.model import LinkState
from core.inventory.snapshot import ContainerView, Drift, VmView

REMEDIES = {
    Drift.NOT_DEFINED: "start it, or remove it: remove host vm {name}",
    Drift.UNKNOWN: "adopt host vm {name}, or undefine it there",
    Drift.ELSEWHERE: "set host vm {name} physnode=WHERE-IT-RUNS, or stop it there",
    Drift.DUPLICATE: "undefine one of the two",
}


def run(call: Invocation) -> Status:
    """Verify the store and what containers have; status 1 when something is wrong."""
    from core.store.check import Gravity, check_store

    rows: list[Row] = []
    wrong = False
    for finding in check_store(call.context.open_store()):
        rows.append((finding.subject, finding.gravity.value, finding.what, finding.remedy))
        wrong = wrong or finding.gravity is Gravity.ERROR
    if call.flag("containers", default=True):
        found = _containers(call)
        rows += found
        wrong = wrong or any(row[1] == "error" for row in found)
    call.table(("subject", "gravity", "finding", "remedy"), rows, trim_owner=False)
    return Status.REFUSED if wrong else Status.DONE


def _containers(call: Invocation) -> list[Row]:
    with call.reading() as repository:
        asked = [one.name for one in repository.fleet().containers if one.uri]
    if not asked:
        return []
    rows: list[Row] = []
    for container in look(call, asked).containers:
        if container.name not in asked:
            continue
        if container.link is not LinkState.UP:
            rows.append((container.name, "error", f"does not answer: {container.link_reason}", container.link_remedy))
            continue
        rows += [_drift(container, vm) for vm in container.vms if vm.drift is not Drift.NONE]
    return rows


def _drift(container: ContainerView, vm: VmView) -> Row:
    # A VM that was only added, or removed by hand on its container, is nothing wrong; what runs unseen is.
    gravity = "warning" if vm.drift in (Drift.NOT_DEFINED, Drift.UNKNOWN) else "error"
    what = f"{vm.drift_detail or vm.drift.value} ({container.name})"
    return (vm.name, gravity, what, REMEDIES[vm.drift].format(name=vm.name))


COMMAND = Command(
    words=("check",),
    summary="Verify every rule of the store, and the store against the containers; say how to mend what is wrong.",
    run=run,
    parameters=(Parameter("containers", "also ask the containers (yes)", kind=Kind.BOOL),),
    details="Exit status 1 when there is an error, 0 when there are only warnings or nothing.",
    examples=("check", "check containers=no output-format=json"),
    tabular=True,
)
