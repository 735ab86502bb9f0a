"""The rows of the device table, made from a picture. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from partition_editor.actions import Kind, Selection
from partition_editor.disks import MIB_SECTORS
from partition_editor.document.sizes import show_mib
from partition_editor.editing.groups import volume_size
from partition_editor.editing.partitions import shown_size
from partition_editor.layout import PlannedArray, PlannedDisk, PlannedGroup, PlannedPartition
from partition_editor.picture import Picture
from partition_editor.planner.release import lays_out_cylinders
from partition_editor.requests import LogVolRequest, PartRequest, RaidRequest, VolGroupRequest

MIB = 1024 * 1024
CYLINDER_SECTORS = 16065
"""255 heads of 63 sectors."""

Key = tuple[str | int, ...]
"""What a row or segment is, whatever its place: ``("line", 4)``, ``("free", "sda", 2048)``, ``("disk", "sda")``."""


class View(Enum):
    """What the table shows. Values are for people."""

    PHYSICAL = "by drive"
    MOUNTS = "by mount point"
    NO_MEMBERS = "members hidden"


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        key: Its identity; the cursor follows it.
        selection: What a deed would be done to; None for headings.
        letter: The array or group it belongs to, as in the bars.
        trouble: The installer refuses its line.
        raw: The line itself, where nothing of it could be understood.
    """

    key: Key
    device: str
    depth: int = 0
    mount: str = ""
    kind: str = ""
    format: bool = False
    asked: str = ""
    real: str = ""
    start: str = ""
    end: str = ""
    line: int | None = None
    selection: Selection | None = None
    letter: str = ""
    why: str = ""
    trouble: bool = False
    is_free: bool = False
    raw: str = ""


def key_of(one: PlannedPartition, picture: Picture) -> Key:
    """A partition's identity: its line when that makes only this one, else its name."""
    alone = one.line is not None and len(picture.planned.get(one.line, ())) == 1
    return ("line", one.line) if alone and one.line is not None else ("name", one.name)


def letters(picture: Picture) -> dict[str, str]:
    """Member → the letter of its array or group, in order of the text."""
    found: dict[str, str] = {}
    users: list[RaidRequest | VolGroupRequest] = [*picture.spec.raids, *picture.spec.volgroups]
    for index, one in enumerate(sorted(users, key=lambda user: user.line)):
        for member in one.members:
            found.setdefault(member, letter(index))
    return found


def letter(index: int) -> str:
    """A … Z, then a … z, then ``*``."""
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[index] if index < 52 else "*"


def make_rows(picture: Picture, view: View = View.PHYSICAL, folded: frozenset[Key] = frozenset()) -> list[Row]:
    """Every row of a view, what is folded left out."""
    if view is View.MOUNTS:
        rows = [one for one in _physical(picture) if one.mount and not one.is_free]
        return [replace(one, depth=0) for one in sorted(rows, key=lambda row: (row.mount[0] != "/", row.mount))]
    rows = []
    hidden_below: int | None = None
    for row in _physical(picture):
        if hidden_below is not None and row.depth > hidden_below:
            continue
        hidden_below = row.depth if row.key in folded else None
        if view is View.NO_MEMBERS and row.letter and row.selection and row.selection.kind is Kind.PARTITION:
            continue
        rows.append(row)
    return rows


def _physical(picture: Picture) -> Iterator[Row]:
    marks = letters(picture)
    requests = {one.line: one for one in picture.spec.parts}
    yield Row(("head", "drives"), "Hard drives")
    for disk in picture.layout.disks:
        yield from _disk(picture, disk, marks, requests)
    left_out = [one for one in picture.spec.requests if one.line in picture.left_out]
    if left_out:
        yield Row(("head", "out"), "Refused by the installer")
        for one in left_out:
            yield _refused(one)
    if picture.unread:
        yield Row(("head", "unread"), f"Not understood by {picture.release}")
        for line, reason in picture.unread:
            yield _unread(picture, line, reason)
    if picture.layout.arrays:
        yield Row(("head", "raid"), "RAID devices")
        for array in picture.layout.arrays:
            yield _array(picture, array, marks)
    if picture.layout.groups:
        yield Row(("head", "lvm"), "LVM volume groups")
        for group in picture.layout.groups:
            yield from _group(picture, group, marks)


def _disk(
    picture: Picture, disk: PlannedDisk, marks: dict[str, str], requests: dict[int, PartRequest]
) -> Iterator[Row]:
    size = disk.sectors // MIB_SECTORS
    label = disk.label or "no label"
    yield Row(
        ("disk", disk.name),
        disk.name,
        1,
        kind=label,
        real=str(size),
        selection=Selection(Kind.DISK, disk.name),
        why=f"{disk.name}: {show_mib(size)}, {label}{', everything on it is cleared' if disk.cleared else ''}",
    )
    pieces: list[tuple[int, bool, Row]] = []
    extended = next((one for one in disk.partitions if one.kind == "extended"), None)
    for one in disk.partitions:
        pieces.append((one.start, one.kind != "extended", _partition(picture, disk, one, marks, requests)))
    for gap in disk.free:
        if gap.length > MIB_SECTORS:
            inside = extended is not None and extended.start <= gap.start < extended.start + extended.length
            row = Row(
                ("free", disk.name, gap.start),
                "free",
                3 if inside else 2,
                real=str(gap.length // MIB_SECTORS),
                start=_place(picture, gap.start),
                end=_place(picture, gap.start + gap.length - 1),
                selection=Selection(Kind.FREE, disk.name, sectors=gap.length),
                why=f"free space on {disk.name}: {show_mib(gap.length // MIB_SECTORS)}",
                is_free=True,
            )
            pieces.append((gap.start, True, row))
    for _, _, row in sorted(pieces, key=lambda piece: piece[:2]):
        yield row


def _place(picture: Picture, sector: int) -> str:
    """A sector, or the cylinder it lies in, counted from 1."""
    return str(sector // CYLINDER_SECTORS + 1) if lays_out_cylinders(picture.release) else str(sector)


def _partition(
    picture: Picture,
    disk: PlannedDisk,
    one: PlannedPartition,
    marks: dict[str, str],
    requests: dict[int, PartRequest],
) -> Row:
    member = one.req if one.req in marks or one.req.startswith(("raid.", "pv.", "btrfs.")) else ""
    mark = marks.get(one.req, "")
    request = requests.get(one.line or 0)
    kind = one.fstype or one.kind
    kind = {"mdmember": "RAID", "lvmpv": "LVM"}.get(kind, kind)
    real = (one.length + MIB_SECTORS // 2) // MIB_SECTORS
    return Row(
        key_of(one, picture),
        one.name,
        3 if one.kind == "logical" else 2,
        one.mountpoint or member or ("(extended)" if one.kind == "extended" else "swap" * (one.fstype == "swap")),
        kind,
        one.line is not None and not one.kept,
        _asked(one, request),
        str(real),
        _place(picture, one.start) if one.start_cylinder is None else str(one.start_cylinder),
        _place(picture, one.start + one.length - 1) if one.end_cylinder is None else str(one.end_cylinder),
        one.line,
        Selection(Kind.PARTITION, disk.name, one.line, one.name, one.length),
        mark,
        f"{one.name}: {one.why[:1].lower()}{one.why[1:]}" if one.why else one.name,
    )


def _asked(one: PlannedPartition, request: PartRequest | None) -> str:
    if request is not None and request.grow:
        return shown_size(request).replace("min ", "").replace(" max ", "..")
    return "" if one.asked_mib is None else f"{one.asked_mib}{'+' if one.grows else ''}"


def _refused(one: object) -> Row:
    match one:
        case PartRequest():
            kind, asked = Kind.PARTITION, shown_size(one)
            device, mount = one.disk or one.onpart or "any drive", one.mount
        case RaidRequest():
            kind, asked, device, mount = Kind.ARRAY, "", one.device or "RAID", one.mount
        case VolGroupRequest():
            kind, asked, device, mount = Kind.GROUP, "", one.name, ""
        case LogVolRequest():
            kind, asked, device, mount = Kind.VOLUME, volume_size(one), one.name or "volume", one.mount
        case _:
            kind, asked, device, mount = Kind.PARTITION, "", "", ""
    line: int = getattr(one, "line", 0)
    return Row(
        ("line", line),
        device,
        1,
        mount,
        asked=asked,
        line=line,
        selection=Selection(kind, line=line),
        why=f"line {line} is refused; the rest is drawn without it",
        trouble=True,
    )


def _unread(picture: Picture, number: int, reason: str) -> Row:
    line = picture.document.line(number)
    return Row(
        ("line", number),
        f"line {number}",
        1,
        line=number,
        selection=Selection(Kind.LINE, line=number, name=f"line {number}"),
        why=f"line {number}: {reason}",
        trouble=True,
        raw=line.raw.strip() if line else "",
    )


def _array(picture: Picture, array: PlannedArray, marks: dict[str, str]) -> Row:
    request = next((one for one in picture.spec.raids if one.line == array.line), None)
    name = request.device if request and request.device else f"md {array.name}"
    members = request.members if request else ()
    spares = f", {array.spares} spare" if array.spares else ""
    return Row(
        ("line", array.line) if array.line is not None else ("md", array.name),
        name,
        1,
        array.mountpoint or (request.mount if request else ""),
        f"RAID {array.level}",
        not array.kept,
        "",
        str(array.size_bytes // MIB),
        line=array.line,
        selection=Selection(Kind.ARRAY, line=array.line, name=array.name),
        letter=next((marks[one] for one in members if one in marks), ""),
        why=f"{name}: RAID {array.level} over {', '.join(array.members)}{spares}; the smallest member counts",
    )


def _group(picture: Picture, group: PlannedGroup, marks: dict[str, str]) -> Iterator[Row]:
    request = next((one for one in picture.spec.volgroups if one.name == group.name), None)
    line = request.line if request else None
    extent = group.pe_bytes // MIB
    size = group.extents * group.pe_bytes // MIB
    yield Row(
        ("line", line) if line is not None else ("vg", group.name),
        group.name,
        1,
        kind="group",
        real=str(size),
        line=line,
        selection=Selection(Kind.GROUP, line=line, name=group.name),
        letter=next((marks[one] for one in (request.members if request else ()) if one in marks), ""),
        why=f"{group.name}: {group.extents} extents of {extent} MiB over {', '.join(group.pvs)}",
    )
    for one in picture.layout.volumes:
        if one.vg != group.name:
            continue
        asked = next((volume for volume in picture.spec.logvols if volume.line == one.line), None)
        yield Row(
            ("line", one.line) if asked is not None and one.line is not None else ("lv", group.name, one.name),
            one.name,
            2,
            one.mountpoint or ("swap" if one.fstype == "swap" else ""),
            one.fstype or one.kind,
            not one.kept,
            volume_size(asked) if asked else "",
            str(one.size_bytes // MIB),
            line=one.line,
            selection=Selection(Kind.VOLUME, line=one.line, name=one.name),
            why=f"{group.name}/{one.name}: {one.why or 'as large as asked'}",
        )
    if group.free_extents:
        yield Row(
            ("vgfree", group.name),
            "free",
            2,
            real=str(group.free_extents * group.pe_bytes // MIB),
            selection=Selection(Kind.GROUP, line=line, name=group.name),
            why=f"free in {group.name}: {group.free_extents} of {group.extents} extents",
            is_free=True,
        )
