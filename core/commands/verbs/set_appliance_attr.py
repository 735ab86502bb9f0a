"""``set appliance attr``."""

from __future__ import annotations

from core.commands.attributes import set_attribute
from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Set an attribute of appliances."""
    set_attribute(call, Scope.APPLIANCE)


COMMAND = Command(
    words=("set", "appliance", "attr"),
    summary="Set an attribute of appliances.",
    run=run,
    arguments=(
        Argument("appliance", "names or % patterns", many=True, noun=Noun.APPLIANCE),
        Argument("attr", "name of the attribute"),
        Argument("value", "its new value", free=True),
    ),
    details="It holds for all its hosts without one of their own. {host} in libvirt_uri is a host's name.",
    examples=("set appliance attr vm-container libvirt_uri qemu+ssh://root@{host}/system",),
    changes=True,
)
