"""``list job``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Parameter
from core.commands.invocation import Invocation
from core.commands.jobs import job_number, job_row, step_row


def run(call: Invocation) -> None:
    """List jobs, oldest first; with a number the steps of that job."""
    desk = call.context.desk()
    if call.hosts:
        view = desk.job(job_number(call))
        rows = [step_row(step) for step in view.steps] if view is not None else []
        call.table(("vm", "step", "state", "what", "detail"), rows, trim_owner=False)
        return
    views = desk.jobs(call.integer("limit", 1, 10_000) or 50, archived=call.flag("all"))
    header = ("job", "what", "by", "state", "done", "started", "took", "detail")
    call.table(header, [job_row(one) for one in reversed(views)], trim_owner=False)


COMMAND = Command(
    words=("list", "job"),
    summary="List long operations: who began them, how far they are, how they ended.",
    run=run,
    arguments=(Argument("job", "number of one job: its steps", many=True, required=False),),
    parameters=(
        Parameter("all", "archived jobs, too (no)", kind=Kind.BOOL),
        Parameter("limit", "how many of the newest (50)", kind=Kind.INTEGER),
    ),
    examples=("list job", "list job 41"),
    tabular=True,
)
