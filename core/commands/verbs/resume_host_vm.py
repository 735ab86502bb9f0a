"""``resume host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.lifecycle import act
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Resume paused VMs."""
    return act(call, "resume", "must supply host")


COMMAND = Command(
    words=("resume", "host", "vm"),
    summary="Resume paused VMs.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    examples=("resume host vm compute-0-0-0",),
    changes=True,
    plans=True,
)
