"""``remove appliance attr``."""

from __future__ import annotations

from core.commands.attributes import remove_attribute
from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Remove an attribute of appliances."""
    remove_attribute(call, Scope.APPLIANCE)


COMMAND = Command(
    words=("remove", "appliance", "attr"),
    summary="Remove an attribute of appliances.",
    run=run,
    arguments=(
        Argument("appliance", "names or % patterns", many=True, noun=Noun.APPLIANCE),
        Argument("attr", "name of the attribute"),
    ),
    examples=("remove appliance attr vm-container libvirt_uri",),
    changes=True,
)
