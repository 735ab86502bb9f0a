"""``list session``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.invocation import Invocation
from core.operations.people import SILENT_S


def run(call: Invocation) -> None:
    """Print the operators who have a Quarry open."""
    with call.reading() as repository:
        sessions = repository.sessions.alive(SILENT_S)
    rows = [(one.who, one.host, one.tty, one.pid, f"{one.since:%Y-%m-%d %H:%M:%S}") for one in sessions]
    call.table(("who", "host", "tty", "pid", "since"), rows, trim_owner=False)


COMMAND = Command(
    words=("list", "session"),
    summary="List the operators who have Quarry's screens open, since when (UTC).",
    run=run,
    examples=("list session",),
    tabular=True,
)
