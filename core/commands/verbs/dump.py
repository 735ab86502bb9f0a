"""``dump``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.fulldump import dump_lines
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print the commands that rebuild the store."""
    with call.reading() as repository:
        lines = dump_lines(repository)
    call.write("#!/bin/sh\nset -e\n" + "".join(lines))


COMMAND = Command(
    words=("dump",),
    summary="Print a shell script of the commands that rebuild the store's rows in an empty one.",
    run=run,
    details="The action log, sessions and locks are not in it. Row numbers may differ afterwards; nothing uses them.",
    examples=("dump > store.sh", "--store /tmp/copy.sqlite list host"),
)
