"""``move host vm``."""

from __future__ import annotations

from dataclasses import replace

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.lifecycle import WAIT, accepted, carry_out
from core.commands.refusal import Status, refuse
from core.jobs.desk import promised_bytes
from core.jobs.moves import options_of
from core.operations.move import Wishes, plan_move
from core.operations.move_survey import survey

MOST_AT_ONCE = 16


def run(call: Invocation) -> Status:
    """Move VMs with their disks and memory to another container."""
    wishes = wishes_of(call)
    destination = _destination(call)
    with call.reading() as rows:
        nodes = require_hosts(rows, call.hosts, "must supply at least one VM host")
        known = {vm.node: vm for vm in rows.vms.all()}
        promised = promised_bytes(rows).get(destination, 0)
    vms = [known[node.id] for node in nodes if node.id in known]
    names = [vm.name for vm in vms]
    needed = {destination, *(vm.physnode for vm in vms if vm.physnode)}
    if not names:
        refuse(f"{nodes[0].name} is no VM")
    if wishes.file and len(names) > 1:
        refuse('if you supply the "file" parameter, then you only can specify one VM host')
    files = call.context.files()
    with call.context.look(None, needed) as look:
        found = survey(names, destination, look.snapshot, look.hypervisors, files, promised)
        read_only = call.context.settings.read_only
        planned = plan_move(names, destination, look.snapshot, found, wishes, read_only=read_only)
    plan = accepted(call, planned)
    if plan is None:
        return Status.DONE
    return carry_out(call, plan, options_of(plan))


def wishes_of(call: Invocation) -> Wishes:
    """What the words of the command say on how to move.

    Raises:
        Refusal: One of them makes no sense.
    """
    path = call.text("file")
    if path is None and len(call.hosts) > 1 and call.words.values.get("physhost", "").startswith("/"):
        # Rocks took the file as a third word.
        path = call.words.values["physhost"]
        call.words = replace(
            call.words, many=call.hosts[:-1], values={**call.words.values, "physhost": call.hosts[-1]}
        )
    megabytes = call.integer("bandwidth", 1, 100_000) or 0
    live = (call.text("live") or "auto").lower()
    live = {"true": "yes", "y": "yes", "1": "yes", "false": "no", "n": "no", "0": "no"}.get(live, live)
    at_once = call.integer("parallel", 1, MOST_AT_ONCE) or 1
    return Wishes(live, call.flag("fallback"), megabytes * 10**6, path or "", at_once)


def _destination(call: Invocation) -> str:
    """The container's own name, however the host list language put it."""
    word = call.needed("physhost", "must supply a physical host to move to")
    with call.reading() as rows:
        nodes = require_hosts(rows, (word,), "must supply a physical host to move to")
    if len(nodes) != 1:
        refuse(f'too many physical hosts: "{word}" names {len(nodes)}')
    return nodes[0].name


COMMAND = Command(
    words=("move", "host", "vm"),
    summary="Move VMs with their disks and memory to another container.",
    run=run,
    arguments=(
        Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),
        Argument("physhost", "the container to move to", noun=Noun.CONTAINER),
    ),
    parameters=(
        Parameter("bandwidth", "at most so many MB/s (no limit)", kind=Kind.INTEGER),
        Parameter("fallback", "a live move that fails may save, copy and restore instead (no)", kind=Kind.BOOL),
        Parameter("file", "where the memory is saved on the source, for one VM (beside its first disk)"),
        Parameter("live", "yes, no or auto: while it runs where both hypervisors can", choices=("auto", "yes", "no")),
        Parameter("parallel", "so many VMs at a time (1)", kind=Kind.INTEGER),
        WAIT,
    ),
    details=(
        "Checked first: memory, disk space, network devices, processor, names. Then saved, copied and restored, or"
        " moved while it runs; only allocated blocks travel, and the source is deleted after the VM runs on the"
        " target. It is a job: `list job`, `watch job`, `cancel job`, `resume job`."
    ),
    examples=(
        "move host vm compute-0-0-0 vm-container-1-0",
        "move host vm compute-0-0-0 vm-container-1-0 live=no",
        "move host vm rack0 vm-container-1-0 parallel=2 wait=no",
    ),
    changes=True,
    plans=True,
)
