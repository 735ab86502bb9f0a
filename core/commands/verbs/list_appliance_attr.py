"""``list appliance attr``."""

from __future__ import annotations

from core.commands.attributes import shown
from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.named import select_named
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Print the attributes set on appliances."""
    with call.reading() as repository:
        appliances = select_named("appliance", repository.memberships.appliances(), call.hosts, lambda one: one.name)
        attributes = [one for one in repository.attributes.all() if one.scope is Scope.APPLIANCE]
    rows = [
        (appliance.name, one.attr, shown(one.attr, one.value))
        for appliance in appliances
        for one in attributes
        if one.target == appliance.name
    ]
    call.table(("appliance", "attr", "value"), rows, trim_owner=False)


COMMAND = Command(
    words=("list", "appliance", "attr"),
    summary="List the attributes set on appliances.",
    run=run,
    arguments=(
        Argument("appliance", "names or % patterns; none is all", many=True, required=False, noun=Noun.APPLIANCE),
    ),
    examples=("list appliance attr vm-container",),
    tabular=True,
)
