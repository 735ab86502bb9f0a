"""Layouts and findings as plain text for a terminal or a file. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from partition_editor.consequences import Loss
from partition_editor.disks import MIB_SECTORS
from partition_editor.document.sizes import show_mib
from partition_editor.findings import Finding
from partition_editor.layout import Layout, PlannedDisk, PlannedPartition, PlanRefusal

MIB_BYTES = 1024 * 1024
MARKS = {"error": "E", "warning": "W", "info": "I"}


def show_finding(one: Finding, name: str) -> str:
    """``FILE:4:7: error PT011: …``, as compilers print it; findings about no line leave the place out."""
    place = f"{name}:{one.span.line}:{one.span.column + 1}" if one.span else name
    message = one.message.removeprefix(f"line {one.span.line}: ") if one.span else one.message
    return f"{place}: {one.severity.value} {one.rule}: {printable(message)}"


def printable(text: str) -> str:
    """Foreign text for one line of a terminal: control characters and broken bytes shown as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def finding_as_dict(one: Finding) -> dict[str, object]:
    """A finding for ``--format json``; columns are 1-based there, as lines are."""
    place = {"line": one.span.line, "column": one.span.column + 1, "length": one.span.length} if one.span else {}
    fixes = [{"label": fix.label} for fix in one.fixes]
    return {
        "rule": one.rule,
        "severity": one.severity.value,
        "message": one.message,
        **place,
        "device": one.device or None,
        "fixes": fixes,
    }


def show_layout(answer: Layout | PlanRefusal, losses: Sequence[Loss] = ()) -> str:
    """The layout as tables, disk by disk, then arrays, groups and volumes, and what would be lost."""
    if isinstance(answer, PlanRefusal):
        text = f"refused ({answer.stage}): {' '.join(answer.error.split())}"
        if answer.short_mib:
            text += f" ({show_mib(answer.short_mib)} are missing)"
        return printable(text) + "\n"
    lines: list[str] = []
    for disk in answer.disks:
        lines += _disk(disk)
    if answer.arrays or answer.groups or answer.volumes:
        lines += [*_stacked(answer), ""]
    lines += [f"note: {'' if note.line is None else f'line {note.line}: '}{note.text}" for note in answer.notes]
    lines += [f"error: {' '.join(one.split())}" for one in answer.checker_errors]
    lines += [f"warning: {' '.join(one.split())}" for one in answer.checker_warnings]
    lines += [f"lost: {one.sentence}" for one in losses]
    return "".join(printable(line.rstrip()) + "\n" for line in lines)


def _disk(disk: PlannedDisk) -> list[str]:
    label = disk.label or "no label"
    lines = [f"{disk.name}  {show_mib(disk.sectors // MIB_SECTORS)}  {label}{'  cleared' if disk.cleared else ''}"]
    rows: list[tuple[int, list[str]]] = []
    for one in disk.partitions:
        asked = "" if one.asked_mib is None else f"{one.asked_mib}{'+' if one.grows else ''}"
        cells = [one.name, what_for(one), one.kind, one.fstype, asked]
        cells += [
            str((one.length + MIB_SECTORS // 2) // MIB_SECTORS),
            str(one.start),
            str(one.start + one.length - 1),
        ]
        rows.append((one.start, [*cells, "kept" if one.kept else one.why]))
    for gap in (one for one in disk.free if one.length >= MIB_SECTORS):
        cells = [
            "free",
            "",
            "",
            "",
            "",
            str(gap.length // MIB_SECTORS),
            str(gap.start),
            str(gap.start + gap.length - 1),
        ]
        rows.append((gap.start, [*cells, ""]))
    rows.sort(key=lambda row: row[0])
    head = ["device", "mount", "type", "format", "asked MiB", "MiB", "start", "end", "why"]
    return [*lines, *table([head, *(row for _, row in rows)], right=(4, 5, 6, 7)), ""]


def what_for(one: PlannedPartition) -> str:
    """Its mount point, else the array or group it is for, else what it is."""
    member = one.req if one.req.partition(".")[2] else ""
    return one.mountpoint or member or one.fstype


def _stacked(answer: Layout) -> list[str]:
    rows = [["device", "mount", "type", "format", "MiB", "on"]]
    for array in answer.arrays:
        kind = f"RAID {array.level}" + (f", {array.spares} spare" if array.spares else "")
        size = str(array.size_bytes // MIB_BYTES)
        rows.append([array.name, array.mountpoint, kind, array.fstype, size, " ".join(array.members)])
    for group in answer.groups:
        free = f"{group.free_extents} of {group.extents} extents of {group.pe_bytes // 1024} KiB free"
        size = str(group.extents * group.pe_bytes // MIB_BYTES)
        rows.append([group.name, "", "group", free, size, " ".join(group.pvs)])
    for volume in answer.volumes:
        kind = {"lvmlv": "volume", "lvmthinpool": "thin pool", "lvmthinlv": "thin volume"}.get(
            volume.kind, volume.kind
        )
        size = str(volume.size_bytes // MIB_BYTES)
        rows.append([volume.name, volume.mountpoint, kind, volume.fstype, size, volume.vg])
    return list(table(rows, right=(4,)))


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    """Rows in columns two blanks apart; the columns named in `right` are right-aligned."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield ("  " + "  ".join(cells)).rstrip()
