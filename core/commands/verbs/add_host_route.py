"""``add host route``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.routes import ROUTE, add_route
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Add a static route to hosts."""
    add_route(call, Scope.HOST)


COMMAND = Command(
    words=("add", "host", "route"),
    summary="Add a static route to hosts.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        *ROUTE,
    ),
    examples=("add host route compute-0-0-0 10.9.0.0 255.255.0.0 10.1.1.1",),
    changes=True,
)
