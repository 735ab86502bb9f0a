"""``remove host vm``."""

from __future__ import annotations

from core.commands.clusters import refuse_frontends
from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.lifecycle import act
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Undefine VMs and forget their rows."""
    with call.reading() as repository:
        refuse_frontends(repository, expand_hosts(repository, call.hosts) if call.hosts else [])
    parameters = {name: "yes" for name in ("force", "images", "node") if call.flag(name)}
    return act(call, "remove", "must supply at least one host", parameters)


COMMAND = Command(
    words=("remove", "host", "vm"),
    summary="Remove VMs: undefine them on their containers and forget their VM rows; nodes and images stay.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    parameters=(
        Parameter("force", "also when the container cannot be asked (no)", kind=Kind.BOOL),
        Parameter("images", "delete the disk images too (no)", kind=Kind.BOOL),
        Parameter("node", "remove the node and its interfaces too (no)", kind=Kind.BOOL),
    ),
    details="A VM that runs must be stopped first. A container without a libvirt URI is not asked.",
    examples=("remove host vm compute-0-0-0", "remove host vm compute-0-0-0 images=yes node=yes"),
    changes=True,
    plans=True,
)
