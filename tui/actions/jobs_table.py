"""The jobs view's rows of the action table."""

from __future__ import annotations

from tui.actions.action import Action, Context

_JOBS = frozenset({Context.JOBS})

JOBS: tuple[Action, ...] = (
    Action("jobs.cancel", ("K",), "Cancel", "Stop the job at its next safe point; half a move is taken back.", _JOBS,
           command="cancel job", writes=True, performed=False),
    Action("jobs.resume", ("R",), "Resume", "Go on with it where it stopped, from the failed step.", _JOBS,
           command="resume job", writes=True, performed=False),
    Action("jobs.roll-back", ("B",), "Roll back", "Put VMs that were being moved back where they were.", _JOBS,
           command="resume job rollback=yes", writes=True, performed=False),
    Action("jobs.archive", ("A",), "Archive", "Leave a job that is over out of the list.", _JOBS, writes=True,
           performed=False),
)  # fmt: skip
