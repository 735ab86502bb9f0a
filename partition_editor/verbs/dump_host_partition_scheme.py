"""``dump host partition scheme``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.invocation import Invocation
from core.commands.schemedump import scheme_lines


def run(call: Invocation) -> None:
    """Print the commands that attach every scheme in force again."""
    with call.reading() as repository:
        call.write("".join(scheme_lines(repository)))


COMMAND = Command(
    words=("dump", "host", "partition", "scheme"),
    summary="Print commands that attach the partition schemes in force again.",
    run=run,
    examples=("dump host partition scheme",),
)
