"""``list membership``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.named import select_named


def run(call: Invocation) -> None:
    """Print memberships and their appliances."""
    with call.reading() as repository:
        chosen = select_named("membership", repository.memberships.all(), call.hosts, lambda one: one.name)
    call.table(("membership", "appliance"), [(one.name, one.appliance) for one in chosen])


COMMAND = Command(
    words=("list", "membership"),
    summary="List memberships and the appliance of each.",
    run=run,
    arguments=(
        Argument("membership", "names or % patterns; none is all", many=True, required=False, noun=Noun.MEMBERSHIP),
    ),
    examples=("list membership", "list membership 'C%'"),
    tabular=True,
)
