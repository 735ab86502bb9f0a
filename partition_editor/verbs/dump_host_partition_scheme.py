"""``dump host partition scheme``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.dumping import line
from core.commands.invocation import Invocation
from partition_editor.verbs._schemes import scope_words


def run(call: Invocation) -> None:
    """Print the commands that attach every scheme in force again."""
    with call.reading() as repository:
        for one in repository.schemes.current():
            given: dict[str, str] = {"text": one.text} if one.text else {"scheme": one.kind}
            if one.kind == "program":
                given["interpreter"] = one.interpreter or "/bin/bash"
            if one.note:
                given["note"] = one.note
            call.write(line("set", "host", "partition", "scheme", *scope_words(one), **given))


COMMAND = Command(
    words=("dump", "host", "partition", "scheme"),
    summary="Print commands that attach the partition schemes in force again.",
    run=run,
    examples=("dump host partition scheme",),
)
