"""``start host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.lifecycle import act
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Start VMs: make missing disk images, define them, boot."""
    if call.flag("create"):
        from core.commands.verbs.create_host_vm import run as install

        return install(call)
    return act(call, "start", "must supply at least one host", {"discard": "yes"} if call.flag("discard") else {})


COMMAND = Command(
    words=("start", "host", "vm"),
    summary="Start VMs: make missing disk images, define them, boot.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    parameters=(
        Parameter("create", "install anew: the same as create host vm (no)", kind=Kind.BOOL),
        Parameter("discard", "throw saved memory away and boot (no)", kind=Kind.BOOL),
    ),
    examples=("start host vm compute-0-0-0", "start host vm rack0 --dry-run"),
    changes=True,
    plans=True,
)
