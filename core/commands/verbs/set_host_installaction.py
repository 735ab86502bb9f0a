"""``set host installaction``."""

from __future__ import annotations

from core.commands.bootwords import set_action
from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Set the boot action by which hosts install."""
    set_action(call, "installaction")


COMMAND = Command(
    words=("set", "host", "installaction"),
    summary="Set the boot action by which hosts install; list bootaction shows them.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("action", "a boot action, or none"),
    ),
    examples=("set host installaction compute-0-0-0 'install vm'",),
    changes=True,
)
