"""``set attr``."""

from __future__ import annotations

from core.commands.attributes import set_attribute
from core.commands.command import Argument, Command
from core.commands.invocation import Invocation
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Set a global attribute."""
    set_attribute(call, Scope.GLOBAL)


COMMAND = Command(
    words=("set", "attr"),
    summary="Set a global attribute.",
    run=run,
    arguments=(
        Argument("attr", "name of the attribute"),
        Argument("value", "its new value", free=True),
    ),
    details=(
        "It holds for every host that has none of its own, nor its appliance. vm_mac_base_addr takes a frontend's "
        "public IP address, too: base and mask are then those Rocks derives from it."
    ),
    examples=("set attr vm_mac_base_addr 76:77:6e:80:00:00", "set attr vm_mac_base_addr 137.110.119.118"),
    changes=True,
)
