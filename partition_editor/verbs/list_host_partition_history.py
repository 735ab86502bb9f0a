"""``list host partition history``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.table import Row
from partition_editor.verbs._schemes import DATE

HEADER = ("host", "until", "ended", "device", "mountpoint", "size", "type")


def run(call: Invocation) -> None:
    """Print what was saved of hosts before, the oldest first, and what is saved now."""
    rows: list[Row] = []
    with call.reading() as repository:
        for node in require_hosts(repository, call.hosts, "must supply host"):
            for report in repository.partitions.history(node.id):
                until = report.at.strftime(DATE)
                rows += [(node.name, until, report.reason, one.device, one.mountpoint, one.partitionsize, one.fstype)
                         for one in report.partitions]  # fmt: skip
            rows += [(node.name, "now", "", one.device, one.mountpoint, one.partitionsize, one.fstype)
                     for one in repository.partitions.of_node(node.id)]  # fmt: skip
    call.table(HEADER, rows, trim_owner=False)


COMMAND = Command(
    words=("list", "host", "partition", "history"),
    summary="List the partitions hosts had before, and have now.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    examples=("list host partition history compute-0-0",),
    tabular=True,
)
