"""``list host boot``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print what each host does at its next boot."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        actions = repository.boot.pxe_actions() | repository.boot.actions()
    call.table(("host", "action"), [(node.name, actions.get(node.id)) for node in nodes])


COMMAND = Command(
    words=("list", "host", "boot"),
    summary="List what hosts do at their next boot.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host boot compute",),
    tabular=True,
)
