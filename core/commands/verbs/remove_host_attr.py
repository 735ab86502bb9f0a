"""``remove host attr``."""

from __future__ import annotations

from core.commands.attributes import remove_attribute
from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Remove an attribute of hosts."""
    remove_attribute(call, Scope.HOST)


COMMAND = Command(
    words=("remove", "host", "attr"),
    summary="Remove an attribute of hosts.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("attr", "name of the attribute"),
    ),
    examples=("remove host attr vm-container-0-0 libvirt_uri",),
    changes=True,
)
