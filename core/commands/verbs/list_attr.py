"""``list attr``."""

from __future__ import annotations

from core.commands.attributes import shown
from core.commands.command import Command
from core.commands.invocation import Invocation
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Print global attributes."""
    with call.reading() as repository:
        found = [one for one in repository.attributes.all() if one.scope is Scope.GLOBAL]
    call.table(("attr", "value"), [(one.attr, shown(one.attr, one.value)) for one in found], trim_owner=False)


COMMAND = Command(
    words=("list", "attr"),
    summary="List global attributes.",
    run=run,
    examples=("list attr",),
    tabular=True,
)
