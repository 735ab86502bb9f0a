"""``list host partition``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.inventory.order import natural_key

HEADER = ("host", "device", "mountpoint", "start", "size", "id", "type", "flags", "formatflags")


def run(call: Invocation) -> None:
    """Print the partitions nodes reported, per node by device."""
    rows = []
    with call.reading() as repository:
        for node in expand_hosts(repository, call.hosts):
            found = sorted(repository.partitions.of_node(node.id), key=lambda one: natural_key(one.device))
            rows += [
                (
                    node.name,
                    one.device,
                    one.mountpoint,
                    one.sectorstart,
                    one.partitionsize,
                    one.partitionid,
                    one.fstype,
                    one.partitionflags,
                    one.formatflags,
                )
                for one in found
            ]
    call.table(HEADER, rows)


COMMAND = Command(
    words=("list", "host", "partition"),
    summary="List the partitions nodes reported.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host partition compute-0-0",),
    tabular=True,
)
