"""A preview as text, JSON and SVG. Pure; any thread."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from partition_editor.disks import MIB_SECTORS
from partition_editor.document.sizes import show_mib
from partition_editor.fleet.comparing import Change, grouped
from partition_editor.fleet.preview import FleetPreview, Group, NodePreview, Outcome, worst
from partition_editor.layout import PlannedDisk, PlanRefusal
from partition_editor.planner.answers import as_result
from partition_editor.showing import finding_as_dict, printable, table, what_for
from partition_editor.svg import as_svg

KINDS = 5
"""Kinds of results that a headline counts one by one."""


def headline(preview: FleetPreview) -> str:
    """``Partitions of 312 nodes, data lost on 3: 254 alike · 54 alike · 2 refused · 2 unknown disks``."""
    count = len(preview.nodes)
    alike, parts = [], []
    for group in preview.groups:
        first, size = group.first, len(group.nodes)
        if not first.is_unknown and not first.outcome.is_refused:
            alike.append(f"{size} alike" if size > 1 else f"1 {first.node.name}")
    unknown = sum(one.is_unknown for one in preview.nodes)
    for number, word in ((len(preview.refused), "refused"), (unknown, "unknown disks")):
        if number:
            parts.append(f"{number} {word}")
    # What needs the operator is never left out for lack of room.
    more = [f"{len(alike) - KINDS + 1} more kinds"] if len(alike) > KINDS else []
    shown = [*(alike[: KINDS - 1] if more else alike), *more, *parts]
    lost = len(preview.losing)
    nodes = f"{count} node{'' if count == 1 else 's'}"
    return (
        f"Partitions of {nodes}, {f'data lost on {lost}' if lost else 'no data lost'}: {' · '.join(shown) or 'none'}"
    )


def names_of(group: Group) -> str:
    """``compute-0-0 … compute-7-31``."""
    names = [one.node.name for one in group.nodes]
    return f"{names[0]} … {names[-1]}" if len(names) > 2 else " ".join(names)


def scheme_of(one: NodePreview) -> str:
    """What decides: ``program, appliance compute``."""
    scheme = one.node.applied.scheme
    return f"{scheme.kind.value}, {scheme.scope}" if scheme is not None else one.node.applied.kind.value


def result_of(outcome: Outcome) -> str:
    """The layout in one line, or what stands in its place."""
    if outcome.trouble:
        return outcome.trouble
    if outcome.is_waiting:
        return "waits for the operator"
    answer = outcome.answer
    if isinstance(answer, PlanRefusal):
        short = f"short by {show_mib(answer.short_mib)}" if answer.short_mib else " ".join(answer.error.split())
        return f"refused: {short}"
    if answer is None:
        return "nothing: no directives"
    bars = "  ".join(_bar(disk) for disk in answer.disks)
    arrays = " ".join(f"{_array(one.name)}={one.mountpoint or one.fstype}" for one in answer.arrays)
    volumes = " ".join(f"{one.vg}/{one.name}={one.mountpoint or one.fstype}" for one in answer.volumes)
    text = "  ".join(part for part in (bars, arrays, volumes) if part)
    if not answer.ok:
        why = answer.bootloader_error or answer.checker_errors[0]
        return f"stops: {' '.join(why.split())}  {text}"
    return text


def _array(name: str) -> str:
    """Later installers call md0 just 0."""
    return f"md{name}" if name.isdigit() else name


def _bar(disk: PlannedDisk) -> str:
    parts = [what_for(one) or one.name for one in disk.partitions if one.kind != "extended"]
    return f"{disk.name} |{'|'.join(parts)}|" if parts else f"{disk.name} ||"


def finding_of(one: NodePreview) -> str:
    """The gravest finding of a row, short."""
    if one.outcome.losses:
        return f"FL002 {len(one.outcome.losses)} lost"
    found = worst(one.outcome.findings or one.text.findings)
    return "-" if found is None else f"{found.rule} {found.message}"


def as_text(preview: FleetPreview, changes: Sequence[Change] | None = None) -> str:
    """For a terminal or a file."""
    lines = [headline(preview)]
    if changes is not None:
        lines += change_lines(changes) or ["nothing changes"]
    if preview.groups:
        rows = [["", "nodes", "scheme", "result", "findings"]]
        for group in preview.groups:
            one = group.first
            rows.append(
                [str(len(group.nodes)), names_of(group), scheme_of(one), result_of(one.outcome), finding_of(one)]
            )
        lines += table([[printable(cell) for cell in row] for row in rows], right=(0,))
    lines += [f"{one.severity.value} {one.rule}: {one.message}" for one in preview.findings]
    for group in preview.groups:
        lines += _reasons(group)
    lines += _losses(preview)
    return "".join(printable(line) + "\n" for line in lines)


def change_lines(changes: Sequence[Change]) -> list[str]:
    """``12 nodes, compute-0-0 … compute-0-11: new /data on sdb1``."""
    found = []
    for sentence, names in grouped(changes):
        listed = f"{names[0]} … {names[-1]}" if len(names) > 2 else " ".join(names)
        count = f"{len(names)} nodes, " if len(names) > 1 else ""
        found.append(f"{count}{listed}: {sentence}")
    return found


def _reasons(group: Group) -> Iterator[str]:
    decision = group.first.outcome.decision
    if decision is not None:
        who = names_of(group)
        for disk, sentence in decision.why.items():
            yield f"{who}: {disk}: {sentence}"


def _losses(preview: FleetPreview) -> Iterator[str]:
    for group in preview.groups:
        losses = group.first.outcome.losses
        if losses:
            count = f"on {len(group.nodes)} nodes, " if len(group.nodes) > 1 else ""
            yield f"data lost {count}{names_of(group)}: " + "; ".join(loss.sentence for loss in losses)


def as_json(preview: FleetPreview, changes: Sequence[Change] | None = None) -> str:
    """Every node and the groups, for programs."""
    result: dict[str, object] = {
        "nodes": [_node(one) for one in preview.nodes],
        "groups": [[one.node.name for one in group.nodes] for group in preview.groups],
        "findings": [finding_as_dict(one) for one in preview.findings],
    }
    if changes is not None:
        result["changes"] = [{"node": one.node, "change": one.sentence} for one in changes]
    return json.dumps(result, indent=1, ensure_ascii=False) + "\n"


def _node(one: NodePreview) -> dict[str, object]:
    outcome, decision = one.outcome, one.outcome.decision
    return {
        "node": one.node.name,
        "scheme": one.node.applied.kind.value,
        "scheme_why": one.node.applied.why,
        "disks": [
            {
                "name": disk.name,
                "mib": disk.sectors // MIB_SECTORS,
                "partitions": [part.name for part in disk.partitions],
            }
            for disk in one.node.disks
        ],
        "trouble": outcome.trouble or None,
        "waits": outcome.is_waiting,
        "text": one.text.text,
        "lines": list(decision.lines) if decision else [],
        "why": dict(decision.why) if decision else {},
        "layout": as_result(outcome.answer, []) if outcome.answer is not None else None,
        "lost": [loss.sentence for loss in outcome.losses],
        "findings": [finding_as_dict(found) for found in outcome.findings],
    }


def as_drawing(preview: FleetPreview) -> str:
    """One SVG with a drawing per group, headed by its nodes."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    space = "{http://www.w3.org/2000/svg}"
    root = ElementTree.Element(f"{space}svg")
    top, width = 16, 992
    for group in preview.groups:
        heading = ElementTree.SubElement(root, f"{space}text", {"x": "16", "y": str(top + 14), "font-weight": "bold"})
        count = len(group.nodes)
        words = f"{count} node{'' if count == 1 else 's'}: {names_of(group)} · {scheme_of(group.first)}"
        heading.text = _clean(words)
        answer = group.first.outcome.answer
        if answer is None:
            note = ElementTree.SubElement(root, f"{space}text", {"x": "16", "y": str(top + 34)})
            note.text = _clean(result_of(group.first.outcome))
            top += 56
            continue
        drawing = ElementTree.fromstring(as_svg(answer))
        drawing.set("y", str(top + 20))
        root.append(drawing)
        top += 28 + int(drawing.get("height", "0"))
    root.attrib.update({"width": str(width), "height": str(top + 16), "font-family": "sans-serif", "font-size": "12"})
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _clean(words: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in words)
