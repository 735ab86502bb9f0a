"""``set host runaction``."""

from __future__ import annotations

from core.commands.bootwords import set_action
from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Set the boot action by which hosts run."""
    set_action(call, "runaction")


COMMAND = Command(
    words=("set", "host", "runaction"),
    summary="Set the boot action by which hosts run; list bootaction shows them.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("action", "a boot action, or none"),
    ),
    examples=("set host runaction compute-0-0-0 os",),
    changes=True,
)
