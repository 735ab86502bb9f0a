"""``list bootaction``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print boot actions."""
    with call.reading() as repository:
        actions = repository.boot.bootactions()
    rows = [(one.action, one.kernel, one.ramdisk, one.args) for one in actions]
    call.table(("action", "kernel", "ramdisk", "args"), rows, trim_owner=False)


COMMAND = Command(
    words=("list", "bootaction"),
    summary="List boot actions.",
    run=run,
    examples=("list bootaction",),
    tabular=True,
)
