"""``list host``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.dialect import dialect_of
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print nodes; later Rocks had boot actions where 5.0 had the comment."""
    with call.reading() as repository:
        later = dialect_of(repository).is_later
        nodes = expand_hosts(repository, call.hosts)
    header: tuple[str, ...] = ("host", "membership", "cpus", "rack", "rank")
    header += ("runaction", "installaction") if later else ("comment",)
    rows = [
        (node.name, node.membership, node.cpus, node.rack, node.rank)
        + ((node.runaction, node.installaction) if later else (node.comment,))
        for node in nodes
    ]
    call.table(header, rows)


COMMAND = Command(
    words=("list", "host"),
    summary="List nodes, physical and virtual.",
    run=run,
    arguments=(
        Argument(
            "host", "host list; none is every node in the order added", many=True, required=False, noun=Noun.HOST
        ),
    ),
    examples=("list host", "list host rack1", "list host 'compute-0-[0-3]'"),
    tabular=True,
)
