"""``pause host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.lifecycle import act
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Pause running VMs; they keep their memory."""
    return act(call, "pause", "must supply host")


COMMAND = Command(
    words=("pause", "host", "vm"),
    summary="Pause running VMs; they keep their memory.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    examples=("pause host vm compute-0-0-0",),
    changes=True,
    plans=True,
)
