"""What the commands that act on VMs share: look, plan, ask, run, report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from core.commands.command import Kind, Parameter
from core.commands.hostlist import require_hosts
from core.commands.jobs import run_as_job, submit
from core.commands.refusal import Status, refuse
from core.commands.table import visible
from core.hypervisor.model import LinkState
from core.inventory.survey import Look
from core.jobs.desk import is_long
from core.operations.plan import Confirm, Outcome, Plan, TargetResult
from core.operations.planning import plan_action
from core.operations.run import run_plan
from core.operations.saved_survey import survey_saved
from core.operations.script import as_text
from core.operations.words import counted
from core.outcome import Refused

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.jobs.journal import JobOptions
    from core.store.records import Vm

ONE_FILE = 'if you supply the "file" parameter, then you only can specify one VM host'
EVERYWHERE = frozenset({"start", "restore"})
"""Verbs that must know a VM runs nowhere else."""

WAIT = Parameter("wait", "follow the job to its end (yes); no leaves it alone", kind=Kind.BOOL)
"""Of the commands that end in `carry_out`."""


def act(call: Invocation, verb: str, empty: str, parameters: Mapping[str, str] | None = None) -> Status:
    """Do one thing to the VMs of the command's host list; nodes that are no VMs are passed over, as in Rocks.

    Args:
        verb: Of `core.operations.capabilities.VERBS`.
        empty: Rocks' words for an empty host list.

    Raises:
        Refusal: Nothing can be done.
    """
    with call.reading() as repository:
        nodes = require_hosts(repository, call.hosts, empty)
        known = {vm.node: vm for vm in repository.vms.all()}
    vms = [known[node.id] for node in nodes if node.id in known]
    if parameters and parameters.get("file") and len(nodes) > 1:
        refuse(ONE_FILE)
    if not vms:
        return Status.DONE
    return act_on(call, verb, vms, parameters or {})


def act_with_file(call: Invocation, verb: str) -> Status:
    """`act` for ``save`` and ``restore``; a last word that is a path is the file, as no host begins with a slash."""
    path = call.text("file")
    if path is None and len(call.hosts) > 1 and call.hosts[-1].startswith("/"):
        path = call.hosts[-1]
        call.words = replace(call.words, many=call.hosts[:-1])
    given = {"file": path} if path else {}
    if verb == "restore" and call.flag("force"):
        given["force"] = "yes"
    return act(call, verb, "must supply host", given)


def act_on(call: Invocation, verb: str, vms: Sequence[Vm], parameters: Mapping[str, str]) -> Status:
    """Do one thing to these VMs: plan, print or confirm it, run it, tell what failed.

    Raises:
        Refusal: Nothing can be done, or the answer was no.
    """
    names = [vm.name for vm in vms]
    with _look(call, verb, vms) as look:
        plan = planned(call, verb, names, look, parameters)
        if call.options.dry_run:
            write_plan(call, plan)
            return Status.DONE
        told = confirm(call, plan)
        if is_long(plan):
            results = run_as_job(call, plan)
        else:
            results = run_plan(plan, look.hypervisors, call.context.open_store(), call.context.who)
    for warning in () if told else plan.warnings:
        call.note(warning)
    return conclude(call, plan, results)


@contextmanager
def _look(call: Invocation, verb: str, vms: Sequence[Vm]) -> Iterator[Look]:
    """Where the store says the VMs are; everywhere when one is not there, or when it must not run twice."""
    homes = {vm.physnode for vm in vms if vm.physnode}
    if verb not in EVERYWHERE:
        with call.context.look(homes, homes) as look:
            seen = look.snapshot.by_name()
            if all(vm.name in seen and seen[vm.name].defined for vm in vms):
                yield look
                return
    with call.context.look(None, homes) as look:
        yield look


def planned(call: Invocation, verb: str, names: Sequence[str], look: Look, parameters: Mapping[str, str]) -> Plan:
    """The plan of an action.

    Raises:
        Refusal: There is nothing to do; `Status.CONTAINER` when that is because containers are silent.
    """
    saved = None
    if verb == "restore":
        saved = survey_saved(names, look.snapshot, call.context.files(), parameters.get("file", ""))
    read_only = call.context.settings.read_only
    plan = plan_action(verb, names, look.snapshot, parameters, read_only=read_only, saved=saved)
    if isinstance(plan, Refused):
        wanted = {name.casefold() for name in names}
        silent = any(
            container.uri and container.link is not LinkState.UP
            for container in look.snapshot.containers
            for vm in container.vms
            if vm.name.casefold() in wanted
        )
        refuse(plan.reason, Status.CONTAINER if silent else Status.REFUSED)
    return plan


def accepted(call: Invocation, plan: Plan | Refused) -> Plan | None:
    """The plan when it is to be carried out; None where printing it was all that was asked for.

    Raises:
        Refusal: There is no plan, or the answer to it was no.
    """
    if isinstance(plan, Refused):
        refuse(plan.reason)
    if call.options.dry_run:
        write_plan(call, plan)
        return None
    confirm(call, plan)
    return plan


def carry_out(call: Invocation, plan: Plan, options: JobOptions) -> Status:
    """Carry an accepted plan out as a job and report on each VM; with ``wait=no`` leave it to the job's worker.

    Raises:
        Refusal: Every VM is held by somebody else.
    """
    if call.flag("wait", default=True):
        return conclude(call, plan, run_as_job(call, plan, options))
    job = submit(call, plan, options)
    call.note(f"job {job} has {counted(len(plan.targets), 'VM')} to do: `watch job {job}` follows it")
    return Status.PARTLY if _tell_left_out(call, plan) else Status.DONE


def write_plan(call: Invocation, plan: Plan) -> None:
    """Print a plan as ``--dry-run`` does."""
    call.write("".join(f"{visible(line)}\n" for line in as_text(plan)))


def confirm(call: Invocation, plan: Plan) -> bool:
    """Ask as much as the plan asks for; what a shell's user typed in full needs no ``y`` for harmless things.

    Returns:
        Whether the plan was shown.

    Raises:
        Refusal: The answer was no.
    """
    if plan.confirm < Confirm.LIST:
        return False
    return call.confirm(as_text(plan), plan.confirm_phrase if plan.confirm is Confirm.TYPED else "")


def conclude(call: Invocation, plan: Plan, results: Iterable[TargetResult]) -> Status:
    """One line on stderr for each VM that is not done, and the status that says so."""
    ended = list(results)
    for one in ended:
        if one.outcome is not Outcome.DONE:
            call.fail(f"{one.name}: {one.detail}")
    _tell_left_out(call, plan)
    done = sum(one.outcome is Outcome.DONE for one in ended)
    if done == len(ended) and not plan.refused:
        return Status.DONE
    if done:
        return Status.PARTLY
    return Status.CONTAINER if any(one.outcome is Outcome.FAILED for one in ended) else Status.REFUSED


def _tell_left_out(call: Invocation, plan: Plan) -> bool:
    """One line on stderr for each VM that is not in the plan; whether there is any."""
    for left_out in plan.refused:
        call.fail(f"{left_out.name} {left_out.reason}")
    return bool(plan.refused)
