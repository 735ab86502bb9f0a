"""``add appliance route``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.routes import ROUTE, add_route
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Add a static route to the hosts of appliances."""
    add_route(call, Scope.APPLIANCE)


COMMAND = Command(
    words=("add", "appliance", "route"),
    summary="Add a static route to the hosts of appliances.",
    run=run,
    arguments=(
        Argument("appliance", "names or % patterns", many=True, noun=Noun.APPLIANCE),
        *ROUTE,
    ),
    examples=("add appliance route compute 10.9.0.0 255.255.0.0 10.1.1.1",),
    changes=True,
)
