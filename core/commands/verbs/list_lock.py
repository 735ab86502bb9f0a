"""``list lock``."""

from __future__ import annotations

from core.commands.command import Command
from core.commands.invocation import Invocation
from core.inventory.records import is_abandoned


def run(call: Invocation) -> None:
    """Print the VMs that are held, and by whom."""
    with call.reading() as repository:
        locks = [one for one in repository.locks.all() if not is_abandoned(one)]
    rows = [(one.name, one.owner, one.reason, one.job, f"{one.since:%Y-%m-%d %H:%M:%S}") for one in locks]
    call.table(("vm-host", "owner", "reason", "job", "since"), rows, trim_owner=False)


COMMAND = Command(
    words=("list", "lock"),
    summary="List the VMs a job or an operator holds, since when (UTC).",
    run=run,
    examples=("list lock",),
    tabular=True,
)
