"""``set host install answer``."""

from __future__ import annotations

import sys
from pathlib import Path

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.install.desk import MOST_TEXT, give_answer, waiting_install
from core.outcome import Refused
from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Tell a waiting node how to partition its disks."""
    file = call.needed("file", "must supply the file= with the directives, or file=- to read them")
    looked_at = call.text("disks")
    try:
        text = sys.stdin.read(MOST_TEXT + 1) if file == "-" else Path(file).expanduser().read_text(encoding="utf-8")
    except OSError as error:
        refuse(f"cannot read {file}: {error.strerror or error}")
    except UnicodeDecodeError:
        refuse(f"cannot read {file}: it is no UTF-8 text")

    def work(rows: Repository) -> None:
        nodes = require_hosts(rows, call.hosts, "must supply host")
        if len(nodes) != 1:
            refuse("must supply only one host: each waits with its own disks")
        waiting = waiting_install(rows, nodes[0].id)
        if waiting is None:
            refuse(f"{nodes[0].name} does not wait for its operator")
        verdict = give_answer(rows, waiting.id, looked_at or waiting.asked, text, call.context.who)
        if isinstance(verdict, Refused):
            refuse(verdict.reason)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("set", "host", "install", "answer"),
    summary="Tell a node that waits for its operator how to partition its disks.",
    run=run,
    arguments=(Argument("host", "one host", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("file", "kickstart partition directives, or - for standard input"),
        Parameter(
            "disks",
            "the mark of the disks looked at (`report host install disks HOST mark=yes`): refused when the node has "
            "reported others meanwhile",
        ),
    ),
    examples=("set host install answer compute-0-0 file=layout.ks",),
    changes=True,
)
