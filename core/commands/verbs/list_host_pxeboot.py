"""``list host pxeboot``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print Rocks 5.0's boot rows."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        actions = repository.boot.pxe_actions()
    call.table(("host", "action"), [(node.name, actions.get(node.id)) for node in nodes])


COMMAND = Command(
    words=("list", "host", "pxeboot"),
    summary="List what hosts boot by Rocks 5.0's rows.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host pxeboot compute",),
    tabular=True,
)
