"""``list host partition policy``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.table import Row
from partition_editor.verbs._schemes import DATE

HEADER = ("host", "disk", "policy", "author", "date")


def run(call: Invocation) -> None:
    """Print the disks that have a policy of their own."""
    rows: list[Row] = []
    with call.reading() as repository:
        policies = repository.disk_policies.all()
        for node in expand_hosts(repository, call.hosts):
            for one in policies.get(node.id, {}).values():
                rows.append((node.name, one.disk, one.policy, one.who, one.at.strftime(DATE)))
    call.table(HEADER, rows, trim_owner=False)


COMMAND = Command(
    words=("list", "host", "partition", "policy"),
    summary="List the disks of hosts that have a policy of their own.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host partition policy compute",),
    tabular=True,
)
