"""``add route``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.invocation import Invocation
from core.commands.routes import ROUTE, add_route
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Add a static route to every host."""
    add_route(call, Scope.GLOBAL)


COMMAND = Command(
    words=("add", "route"),
    summary="Add a static route to every host.",
    run=run,
    arguments=ROUTE,
    examples=("add route 10.9.0.0 255.255.0.0 10.1.1.1",),
    changes=True,
)
