"""``list host appliance``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print the appliance of each node."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
    call.table(("host", "appliance"), [(node.name, node.appliance) for node in nodes])


COMMAND = Command(
    words=("list", "host", "appliance"),
    summary="List nodes and the appliance of each.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host appliance", "list host appliance rack0"),
    tabular=True,
)
