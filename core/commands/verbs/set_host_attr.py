"""``set host attr``."""

from __future__ import annotations

from core.commands.attributes import set_attribute
from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.store.records import Scope


def run(call: Invocation) -> None:
    """Set an attribute of hosts."""
    set_attribute(call, Scope.HOST)


COMMAND = Command(
    words=("set", "host", "attr"),
    summary="Set an attribute of hosts.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("attr", "name of the attribute"),
        Argument("value", "its new value", free=True),
    ),
    details="libvirt_uri makes the host a container; {host} in it stands for the host's name.",
    examples=("set host attr vm-container-0-0 libvirt_uri qemu+ssh://root@vm-container-0-0/system",),
    changes=True,
)
