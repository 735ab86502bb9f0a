"""A plan as text: lines to read (``--dry-run``) and a POSIX shell script that does the same with virsh and ssh. Pure.

Names and paths come from outside: every word is quoted, comments hold one line each, and a here-document's end mark
never occurs in its text.
"""

from __future__ import annotations

import shlex

from core.operations.plan import Plan, Step, StepKind, TargetPlan
from core.operations.words import bytes_text, one_line, time_text


def as_text(plan: Plan) -> list[str]:
    """What will happen, VM by VM, then who is left out and what is left afterwards."""
    lines = [one_line(plan.title), f"  command: {one_line(plan.command)}"]
    for target in plan.targets:
        lines.append(f"{one_line(target.name)} on {target.key.container}")
        for number, step in enumerate(target.steps, 1):
            moved = f", {bytes_text(step.bytes_moved)}" if step.bytes_moved else ""
            lines.append(f"  {number}. {one_line(step.sentence)}{moved}")
        lines += [f"  ! {one_line(warning)}" for warning in target.warnings]
    lines += [f"left out: {one_line(one.name)} {one_line(one.reason)}" for one in plan.refused]
    told = {warning for target in plan.targets for warning in target.warnings}
    lines += [f"! {one_line(warning)}" for warning in plan.warnings if warning not in told]
    lines += [one_line(line) for line in plan.afterwards]
    lines.append(f"about {time_text(plan.seconds)}")
    return lines


def as_script(plan: Plan) -> str:
    """The plan for `sh`, to be read, changed and run by hand. What only the store can do is left as a comment."""
    lines = [
        "#!/bin/sh",
        f"# {one_line(plan.title)}",
        f"# the same: quarry {one_line(plan.command)}",
        "set -e",
    ]
    for target in plan.targets:
        lines += ["", f"# {one_line(target.name)} on {target.key.container}"]
        lines += [f"# ! {one_line(warning)}" for warning in target.warnings]
        for step in target.steps:
            lines += _step_lines(target, step)
    return "\n".join(lines) + "\n"


def _step_lines(target: TargetPlan, step: Step) -> list[str]:
    if not step.shell:
        return [f"# {one_line(step.sentence)}: no shell command does this; use quarry"]
    words = shlex.join(step.shell)
    if step.kind is StepKind.DEFINE:
        xml = str(step.arguments.get("xml", ""))
        mark = _mark_for(xml)
        return [f"{words} <<'{mark}'", *xml.rstrip("\n").split("\n"), mark]
    if step.kind is StepKind.RESTORE:
        path = str(step.arguments.get("path", ""))
        delete = shlex.join(("ssh", str(target.key.container), shlex.join(("rm", "-f", "--", path))))
        return [words, delete]
    return [words]


def _mark_for(text: str) -> str:
    """An end mark that is no line of the text."""
    lines, mark, number = set(text.split("\n")), "XML", 0
    while mark in lines:
        number += 1
        mark = f"XML{number}"
    return mark
