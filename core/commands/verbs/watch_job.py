"""``watch job``."""

from __future__ import annotations

from core.commands.command import Argument, Command
from core.commands.invocation import Invocation
from core.commands.jobs import follow, job_number
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Print what a job says, and its progress, until it ends; its status becomes this command's."""
    return follow(call, job_number(call), steps=True)


COMMAND = Command(
    words=("watch", "job"),
    summary="Print what a job says and does until it ends; its status becomes this command's.",
    run=run,
    arguments=(Argument("job", "number of the job", many=True),),
    examples=("watch job 41",),
)
