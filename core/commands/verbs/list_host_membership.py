"""``list host membership``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print the membership of each node."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
    call.table(("host", "membership"), [(node.name, node.membership) for node in nodes])


COMMAND = Command(
    words=("list", "host", "membership"),
    summary="List nodes and the membership of each.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host membership", "list host membership rack0"),
    tabular=True,
)
