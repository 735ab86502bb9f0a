"""A plan and its results as lines to read. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from core.operations.before_after import is_move, travelling_bytes, way_of
from core.operations.placing import Move
from core.operations.plan import Confirm, Outcome, Plan, TargetPlan, TargetResult
from core.operations.words import bytes_text, time_text
from tui.text import count
from tui.widgets.lines import Line, Role

MARKS = {
    False: {Outcome.DONE: "✔", Outcome.SKIPPED: "–", Outcome.FAILED: "✖"},
    True: {Outcome.DONE: "+", Outcome.SKIPPED: "-", Outcome.FAILED: "x"},
}
_ROLES = {Outcome.DONE: Role.GOOD, Outcome.SKIPPED: Role.WARNING, Outcome.FAILED: Role.BAD}
_HIDDEN_NAMES = 6
_WAYS = {"live": "live", "saved": "save, copy, restore", "stopped": "copy"}

YES = {
    "start": "Start",
    "stop": "Power off",
    "shutdown": "Shut down",
    "reset": "Reset",
    "reboot": "Reboot",
    "pause": "Pause",
    "resume": "Resume",
    "save": "Save",
    "restore": "Restore",
    "remove": "Remove",
    "adopt": "Adopt",
}
"""What the yes key says, by verb or by the stop dialog's action."""


def plan_lines(plan: Plan, hidden: Sequence[str] = (), notes: Sequence[str] = ()) -> list[Line]:
    """What the dialog shows: targets with their steps, afterwards, warnings, what is left out and why.

    Args:
        plan: The plan.
        hidden: Names of targets the filter hides.
        notes: What the dialog itself has to say first ("changed: …").
    """
    lines = [Line(f"! {note}", Role.WARNING, hang=2) for note in notes]
    width = max((len(target.name) for target in plan.targets), default=0)
    for target in plan.targets:
        lines.extend(_target_lines(target, min(width, 32)))
    lines.extend(Line(text, Role.QUIET) for text in plan.afterwards)
    if plan.targets and plan.confirm > Confirm.NONE:
        lines.append(Line(_cost(plan), Role.QUIET))
    if hidden:
        named = ", ".join(hidden[:_HIDDEN_NAMES])
        more = f" and {len(hidden) - _HIDDEN_NAMES} more" if len(hidden) > _HIDDEN_NAMES else ""
        lines.append(
            Line(f"! {len(hidden)} of these marked but hidden by the filter: {named}{more}", Role.WARNING, 2)
        )
    lines.extend(Line(f"! {text}", Role.WARNING, hang=2) for text in plan.warnings)
    if plan.refused:
        lines.append(Line(f"Left out: {count(len(plan.refused), 'VM')}", Role.STRONG))
        lines.extend(
            Line(f"  {one.name}  {one.reason}", Role.QUIET, hang=4, lead=2 + len(one.name)) for one in plan.refused
        )
    lines.append(Line(f"quarry {plan.command}", Role.QUIET, hang=2))
    return lines


def _target_lines(target: TargetPlan, width: int) -> list[Line]:
    name = target.name.ljust(width)
    if is_move(target):
        what = _journey(target)
    else:
        what = f"{target.key.container}  {'; '.join(step.sentence for step in target.steps)}"
    lines = [Line(f"{name}  {what}", hang=min(width + 2, 8), lead=len(target.name))]
    lines.extend(Line(f"  ! {text}", Role.WARNING, hang=4) for text in target.warnings)
    return lines


def _journey(target: TargetPlan) -> str:
    """From where to where, how, and how much of it travels; the single steps are in the script and the dry run."""
    move = Move.of(target)
    travels = travelling_bytes(target)
    whole = sum(one.size_bytes for one in move.copies)
    of = f" of {bytes_text(whole)}" if whole > travels else ""
    much = f"{bytes_text(travels)}{of} travel" if travels else "nothing travels"
    return f"{move.source} → {move.target}  {_WAYS[way_of(target)]}  {much}"


def _cost(plan: Plan) -> str:
    written = sum(step.bytes_moved for target in plan.targets for step in target.steps)
    words = [f"about {time_text(plan.seconds)}"]
    if written:
        words.append(f"{bytes_text(written)} written")
    containers = len({target.key.container for target in plan.targets})
    if containers > 1:
        words.append(f"{containers} containers side by side")
    return ", ".join(words)


def result_lines(results: Sequence[TargetResult], ascii_only: bool = False) -> list[Line]:
    """Every VM with how it ended: failures first, then what was skipped, then what was done."""
    order = {Outcome.FAILED: 0, Outcome.SKIPPED: 1, Outcome.DONE: 2}
    lines = []
    for one in sorted(results, key=lambda result: order[result.outcome]):
        mark = MARKS[ascii_only][one.outcome]
        lead = f"{mark} {one.name}"
        lines.append(Line(f"{lead}  {one.detail or one.outcome.value}", _ROLES[one.outcome], 4, len(lead)))
    return lines


def summary(results: Sequence[TargetResult]) -> str:
    """ "2 done, 1 failed"."""
    totals = [(outcome, sum(1 for one in results if one.outcome is outcome)) for outcome in Outcome]
    return ", ".join(f"{number} {outcome.value}" for outcome, number in totals if number) or "nothing to do"
