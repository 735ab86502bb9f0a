"""All there is to say about one row: the planner's reason, the request, findings, what is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.disks import MIB_SECTORS
from partition_editor.document.sizes import show_mib
from partition_editor.findings import Severity
from partition_editor.layout import Layout, PlannedDisk, PlannedPartition
from partition_editor.picture import Picture
from tui.widgets.lines import Line, Role
from tui.widgets.partitioning.rows import Row

ROLES = {Severity.ERROR: Role.BAD, Severity.WARNING: Role.WARNING, Severity.INFO: Role.QUIET}


def explanation(row: Row, picture: Picture) -> tuple[str, list[Line]]:
    """A title and the lines."""
    lines = [Line(row.why or row.device, Role.STRONG, hang=2)]
    disk_name = row.selection.disk if row.selection is not None else ""
    placed = _placed(row, picture)
    if placed is not None:
        lines += _place(placed[0], placed[1])
    if row.line is not None:
        text = picture.document.line(row.line)
        lines += [Line(""), Line(f"line {row.line}: {text.raw if text else ''}", hang=4)]
    if row.asked and row.real:
        lines.append(Line(f"asked {row.asked}, gets {show_mib(int(row.real))}", hang=2))
    lines += _said(row, picture, disk_name)
    lost = [one for one in picture.losses if one.disk == disk_name]
    if lost:
        lines += [Line(""), Line(f"lost on {disk_name}", Role.STRONG)]
        lines += [Line(one.sentence, Role.WARNING, hang=2) for one in lost]
    if not isinstance(picture.answer, Layout) and picture.answer is not None:
        lines += [Line(""), Line(f"The installer refuses: {picture.answer.error}", Role.BAD, hang=2)]
    return row.device, lines


def _placed(row: Row, picture: Picture) -> tuple[PlannedDisk, PlannedPartition] | None:
    for disk in picture.layout.disks:
        for one in disk.partitions:
            if row.selection is not None and one.name == row.selection.name and disk.name == row.selection.disk:
                return disk, one
    return None


def _place(disk: PlannedDisk, one: PlannedPartition) -> Iterator[Line]:
    yield Line(f"{one.kind} partition {one.number} of {disk.name} ({disk.label or 'no label'})")
    yield Line(f"sectors {one.start} to {one.start + one.length - 1}, {one.length / MIB_SECTORS:.2f} MiB")
    if one.start_cylinder is not None:
        yield Line(f"cylinders {one.start_cylinder} to {one.end_cylinder} of 8225280 bytes each")
    elif one.start % MIB_SECTORS == 0:
        yield Line("begins on a whole MiB")


def _said(row: Row, picture: Picture, disk: str) -> Iterator[Line]:
    names = {row.device, disk if row.key[0] == "disk" else row.device}
    found = [one for one in picture.findings if one.device in names]
    found += [one for one in picture.by_line.get(row.line or 0, []) if one not in found]
    if found:
        yield Line("")
    for one in found:
        yield Line(f"{one.rule} {one.message}", ROLES[one.severity], hang=6)
