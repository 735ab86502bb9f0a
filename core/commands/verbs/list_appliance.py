"""``list appliance``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.dialect import dialect_of
from core.commands.invocation import Invocation
from core.commands.named import select_named


def run(call: Invocation) -> None:
    """Print appliances; later Rocks had no short names."""
    with call.reading() as repository:
        later = dialect_of(repository).is_later
        chosen = select_named("appliance", repository.memberships.appliances(), call.hosts, lambda one: one.name)
    if later:
        call.table(("appliance", "graph", "node"), [(one.name, one.graph, one.node) for one in chosen])
    else:
        header = ("appliance", "shortname", "graph", "node")
        call.table(header, [(one.name, one.shortname, one.graph, one.node) for one in chosen])


COMMAND = Command(
    words=("list", "appliance"),
    summary="List appliances: what nodes are installed as.",
    run=run,
    arguments=(
        Argument("appliance", "names or % patterns; none is all", many=True, required=False, noun=Noun.APPLIANCE),
    ),
    examples=("list appliance", "list appliance 'vm%'"),
    tabular=True,
)
