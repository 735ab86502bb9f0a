"""``drain host``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.lifecycle import WAIT, accepted, carry_out
from core.commands.refusal import Status, refuse
from core.commands.verbs.move_host_vm import wishes_of
from core.jobs.desk import promised_bytes
from core.jobs.moves import options_of
from core.operations.drain import plan_drain, survey_drain


def run(call: Invocation) -> Status:
    """Move every VM of a container to the others, where each finds the most room."""
    wishes = wishes_of(call)
    with call.reading() as rows:
        nodes = require_hosts(rows, call.hosts, "must supply a container")
        promised = promised_bytes(rows)
    if len(nodes) != 1:
        refuse("must supply only one container")
    name = nodes[0].name
    with call.context.look(None, {name}) as look:
        found = survey_drain(name, look.snapshot, look.hypervisors, call.context.files(), promised)
        read_only = call.context.settings.read_only
        planned = plan_drain(name, look.snapshot, found, wishes, read_only=read_only)
    plan = accepted(call, planned)
    if plan is None:
        return Status.DONE
    options = options_of(plan)
    status = carry_out(call, plan, options)
    call.note(f"to bring them back: {options.undo}")
    return status


COMMAND = Command(
    words=("drain", "host"),
    summary="Move every VM of a container to the others, where each finds the most room.",
    run=run,
    arguments=(Argument("host", "the container to be emptied", many=True, noun=Noun.CONTAINER),),
    parameters=(
        Parameter("bandwidth", "at most so many MB/s for each copy (no limit)", kind=Kind.INTEGER),
        Parameter("fallback", "a live move that fails may save, copy and restore instead (no)", kind=Kind.BOOL),
        Parameter("live", "yes, no or auto: while they run where the hypervisors can", choices=("auto", "yes", "no")),
        Parameter("parallel", "so many VMs at a time (1)", kind=Kind.INTEGER),
        WAIT,
    ),
    details=(
        "If not every VM finds a place nothing is moved, and the refusal says how much is missing and where. It is a"
        " job that stops at the first failure: `resume job` goes on, and its undo brings the VMs back."
    ),
    examples=("drain host vm-container-0-1", "drain host vm-container-0-1 parallel=2 --dry-run"),
    changes=True,
    plans=True,
)
