"""``resume job``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Parameter
from core.commands.invocation import Invocation
from core.commands.jobs import follow, job_number, refuse_if
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Go on with a job that was interrupted, failed or was cancelled, or take back what it left half done."""
    number = job_number(call)
    refuse_if(call.context.desk().resume(number, back=call.flag("rollback")))
    call.record(f"job {number}")
    return Status.DONE if call.flag("background") else follow(call, number)


COMMAND = Command(
    words=("resume", "job"),
    summary="Go on with an interrupted, failed or cancelled job, or take back what it left half done.",
    run=run,
    arguments=(Argument("job", "number of the job", many=True),),
    parameters=(
        Parameter("background", "do not wait for its end (no)", kind=Kind.BOOL),
        Parameter("rollback", "put VMs that were being moved back where they were (no)", kind=Kind.BOOL),
    ),
    examples=("resume job 41", "resume job 41 rollback=yes"),
    changes=True,
)
