"""``start host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.lifecycle import act, mark_for_install
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Start VMs: make missing disk images, define them, boot."""
    if call.flag("create") and not call.options.dry_run:
        mark_for_install(call)
    return act(call, "start", "must supply at least one host", {"discard": "yes"} if call.flag("discard") else {})


COMMAND = Command(
    words=("start", "host", "vm"),
    summary="Start VMs: make missing disk images, define them, boot.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    parameters=(
        Parameter("create", "install anew: the same as set host boot action=install before (no)", kind=Kind.BOOL),
        Parameter("discard", "throw saved memory away and boot (no)", kind=Kind.BOOL),
    ),
    examples=("start host vm compute-0-0-0", "start host vm rack0 --dry-run"),
    changes=True,
    plans=True,
)
