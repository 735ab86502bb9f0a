"""``list host pxeaction``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print the Rocks 5.0 boot rules that hold for hosts, those for every host included."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        rules = repository.boot.pxe_rules()
    rows = [
        (node.name, rule.action, rule.command, rule.args)
        for node in nodes
        for rule in rules
        if rule.node in (node.id, 0)
    ]
    call.table(("host", "action", "command", "args"), rows)


COMMAND = Command(
    words=("list", "host", "pxeaction"),
    summary="List the Rocks 5.0 boot rules of hosts.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host pxeaction compute-0-0-0",),
    tabular=True,
)
