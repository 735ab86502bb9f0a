"""``list log``."""

from __future__ import annotations

from core.commands.command import Command, Kind, Parameter
from core.commands.invocation import Invocation

MOST = 100_000


def run(call: Invocation) -> None:
    """Print the action log, oldest first."""
    limit = call.integer("limit", 1, MOST) or 100
    with call.reading() as repository:
        entries = repository.log.recent(limit, who=call.text("who"), target=call.text("target"))
    rows = [
        (one.id, f"{one.at:%Y-%m-%d %H:%M:%S}", one.who, one.result, one.what, one.target, one.detail)
        for one in reversed(entries)
    ]
    call.table(("id", "when", "who", "result", "what", "target", "detail"), rows, trim_owner=False)


COMMAND = Command(
    words=("list", "log"),
    summary="List what was done, when (UTC), by whom and how it ended.",
    run=run,
    parameters=(
        Parameter("limit", "how many of the newest (100)", kind=Kind.INTEGER),
        Parameter("target", "only what was done to this"),
        Parameter("who", "only what this operator did"),
    ),
    examples=("list log", "list log who=root limit=20"),
    tabular=True,
)
