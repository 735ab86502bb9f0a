"""``remove attr``."""

from __future__ import annotations

from core.commands.attributes import remove_attribute
from core.commands.command import Argument, Command
from core.commands.invocation import Invocation
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Remove a global attribute."""
    remove_attribute(call, Scope.GLOBAL)


COMMAND = Command(
    words=("remove", "attr"),
    summary="Remove a global attribute.",
    run=run,
    arguments=(Argument("attr", "name of the attribute"),),
    examples=("remove attr vm_mac_base_addr",),
    changes=True,
)
