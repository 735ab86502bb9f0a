"""What the fleet preview says of its rows: which ones a filter leaves, what one of them is in full. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from partition_editor.findings import Severity
from partition_editor.fleet.preview import FleetPreview, Group, NodePreview
from partition_editor.fleet.showing import finding_of, result_of, scheme_of
from partition_editor.showing import show_layout
from tui.widgets.lines import Line, Role

LOST = "FL002"
"""The finding that the lines about losses tell already."""


def narrowed(preview: FleetPreview, words: str) -> tuple[Group, ...]:
    """The groups with only those nodes that every word fits."""
    wanted = [word.casefold() for word in words.split()]
    if not wanted:
        return preview.groups
    found = []
    for row in preview.groups:
        one = row.first
        shared = " ".join((scheme_of(one), result_of(one.outcome), finding_of(one), lost_of(one))).casefold()
        left = tuple(member for member in row.nodes if _fits(f"{member.node.name.casefold()} {shared}", wanted))
        if left:
            found.append(Group(left))
    return tuple(found)


def _fits(text: str, words: Iterable[str]) -> bool:
    return all(word[1:] not in text if len(word) > 1 and word[0] == "!" else word in text for word in words)


def lost_of(one: NodePreview) -> str:
    """``hda1 /, hda5 /state/partition1``."""
    return ", ".join(" ".join(word for word in (loss.name, loss.mountpoint) if word) for loss in one.outcome.losses)


def details_of(row: Group) -> list[Line]:
    """A row in full."""
    one = row.first
    lines = [Line(f"scheme: {one.node.applied.kind.value}, {one.node.applied.why}", Role.STRONG, hang=2)]
    if one.outcome.trouble:
        lines.append(Line(one.outcome.trouble, Role.BAD, hang=2))
    decision = one.outcome.decision
    if decision is not None:
        lines += [Line(""), *(Line(f"{disk}: {sentence}", hang=2) for disk, sentence in decision.why.items())]
        lines += [Line(""), *(Line(line, hang=2) for line in decision.lines)]
    if one.outcome.answer is not None:
        lines += [Line(""), *(Line(text) for text in show_layout(one.outcome.answer).splitlines())]
    lines += [Line(f"lost: {loss.sentence}", Role.BAD, hang=2) for loss in one.outcome.losses]
    lines += [Line(f"{found.rule}: {found.message}", _role(found.severity), hang=2)
              for found in (one.outcome.findings or one.text.findings) if found.rule != LOST]  # fmt: skip
    if len(row.nodes) > 1:
        names = " ".join(member.node.name for member in row.nodes)
        lines += [Line(""), Line(f"{len(row.nodes)} nodes: {names}", Role.QUIET, hang=2)]
    return lines


def _role(severity: Severity) -> Role:
    return {Severity.ERROR: Role.BAD, Severity.WARNING: Role.WARNING}.get(severity, Role.NORMAL)
