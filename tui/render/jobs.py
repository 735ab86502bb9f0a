"""Jobs as lines and cells. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.jobs.reporting import doing, summary
from core.jobs.view import JobView
from core.store.job_records import JobState, StepState
from tui.render.units import span_of
from tui.widgets.lines import Line, Role

COLUMNS = ("JOB", "WHAT", "BY", "STATE", "DONE", "STARTED", "TOOK", "")

_WAITS, _GOES, _DONE, _BROKEN = ("·", "-"), ("⚙", "*"), ("✔", "+"), ("✖", "x")
_LEFT_OUT, _TAKEN_BACK = ("○", "o"), ("↺", "<")
"""Glyphs with their ASCII twins."""

_OF_JOB = {
    JobState.WAITING: _WAITS,
    JobState.RUNNING: _GOES,
    JobState.DONE: _DONE,
    JobState.PARTLY: _BROKEN,
    JobState.FAILED: _BROKEN,
    JobState.CANCELLED: _BROKEN,
    JobState.ROLLED_BACK: _TAKEN_BACK,
}
_OF_STEP = {
    StepState.WAITING: _WAITS,
    StepState.BEGUN: _GOES,
    StepState.DONE: _DONE,
    StepState.FAILED: _BROKEN,
    StepState.SKIPPED: _LEFT_OUT,
    StepState.UNDONE: _TAKEN_BACK,
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job's cells, and the colour role of its state."""

    job: int
    cells: tuple[str, ...]
    role: str


def job_row(view: JobView, *, now_s: float, ascii_only: bool = False) -> JobRow:
    """A job's row in the list.

    Args:
        now_s: Wall clock.
    """
    record = view.record
    glyph = "!" if view.interrupted else _OF_JOB[record.state][ascii_only]
    begun = record.began or record.created
    end_s = record.ended.timestamp() if record.ended is not None else now_s if view.alive else None
    took = span_of(end_s - begun.timestamp()) if end_s is not None else ""
    cells = (
        str(record.id),
        record.title,
        record.who,
        f"{glyph} {view.word if view.word in ('interrupted', 'rolling back', 'stopping') else summary(view)}",
        f"{view.percent:.0f}%",
        f"{begun.astimezone():%H:%M}",
        took,
        tail(view),
    )
    return JobRow(record.id, cells, role_of(view))


def role_of(view: JobView) -> str:
    """Theme colour of its state."""
    if view.interrupted or view.record.state in (JobState.FAILED, JobState.PARTLY):
        return "error"
    if view.record.state is JobState.DONE:
        return "success"
    return "primary" if view.alive else "warning"


def tail(view: JobView) -> str:
    """What it does now and how long still; or what went wrong."""
    if view.interrupted:
        return "its worker is gone: resume it or roll it back"
    if not view.alive:
        return view.record.detail
    begun = view.current
    if begun is None or begun.state is not StepState.BEGUN:
        return ""
    left = view.seconds_left
    return doing([begun]) + (f", {span_of(left)} left" if left is not None else "")


def step_lines(view: JobView, *, ascii_only: bool = False) -> list[Line]:
    """The journal below the list: every VM with its steps."""
    lines: list[Line] = []
    for steps in view.targets:
        if not steps:
            continue
        lines.append(Line(steps[0].vm, Role.STRONG))
        for step in steps:
            glyph = _OF_STEP[step.state][ascii_only]
            text = f"  {glyph} {doing([step]) or step.sentence}"
            if step.detail and step.state is not StepState.BEGUN:
                text += f": {step.detail}"
            lines.append(Line(text, hang=4))
    return lines
