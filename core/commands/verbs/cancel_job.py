"""``cancel job``."""

from __future__ import annotations

from core.commands.command import Argument, Command
from core.commands.invocation import Invocation
from core.commands.jobs import job_number, refuse_if


def run(call: Invocation) -> None:
    """Stop a job at its next safe point; a move that is not past it is taken back."""
    number = job_number(call)
    refuse_if(call.context.desk().cancel(number))
    call.record(f"job {number}")


COMMAND = Command(
    words=("cancel", "job"),
    summary="Stop a job at its next safe point; a move that is not past it is taken back.",
    run=run,
    arguments=(Argument("job", "number of the job", many=True),),
    examples=("cancel job 41",),
    changes=True,
)
