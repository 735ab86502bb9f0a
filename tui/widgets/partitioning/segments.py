"""Drive bars as cells: every segment in proportion, none below three cells. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from partition_editor.disks import MIB_SECTORS
from partition_editor.layout import PlannedDisk, PlannedPartition
from partition_editor.picture import Picture
from partition_editor.showing import what_for
from partition_editor.svg import widths
from tui.render.text import clean, fit
from tui.widgets.partitioning.rows import Key, key_of, letters

LEAST_CELLS = 3
"""A segment with its left border."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a bar.

    Attributes:
        look: ``plain``, ``swap``, ``raid``, ``lvm``, ``boot``, ``free`` or ``kept``.
        group: Index of its array's or group's letter, for the colour; -1 for none.
        opens: An extended partition begins here; `closes`: it ends behind this.
    """

    key: Key
    words: str
    size: str
    length: int
    look: str
    group: int = -1
    opens: bool = False
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Cells:
    """A segment with its place in the bar: border first, then text."""

    segment: Segment
    left: int
    width: int
    border: str
    text: str


LOOKS = {
    "swap": "swap",
    "mdmember": "raid",
    "lvmpv": "lvm",
    "efi": "boot",
    "biosboot": "boot",
    "prepboot": "boot",
    "appleboot": "boot",
}


def looks(picture: Picture) -> tuple[object, ...]:
    """What decides how a drive looks beside the drive itself: letters of members, lines that make several pieces."""
    return letters(picture), {line for line, made in picture.planned.items() if len(made) > 1}


def segments_of(picture: Picture, disk: PlannedDisk) -> list[Segment]:
    """The pieces of a disk in order; an extended partition is shown by its borders only."""
    marks = letters(picture)
    extended = next((one for one in disk.partitions if one.kind == "extended"), None)
    found = [
        (one.start, _piece(picture, one, marks.get(one.req, ""))) for one in disk.partitions if one.kind != "extended"
    ]
    for gap in disk.free:
        if gap.length > MIB_SECTORS:
            size = str(gap.length // MIB_SECTORS)
            found.append((gap.start, Segment(("free", disk.name, gap.start), "free", size, gap.length, "free")))
    found.sort(key=lambda piece: piece[0])
    if not found:
        size = str(disk.sectors // MIB_SECTORS)
        words = "unused" if disk.label is None else "free"
        return [Segment(("disk", disk.name), words, size, max(disk.sectors, 1), "free")]
    if extended is None:
        return [one for _, one in found]
    return _with_extended(found, extended)


def _with_extended(found: list[tuple[int, Segment]], extended: PlannedPartition) -> list[Segment]:
    end = extended.start + extended.length
    inside = [index for index, (start, _) in enumerate(found) if extended.start <= start < end]
    pieces = []
    for index, (_, one) in enumerate(found):
        opens, closes = bool(inside) and index == inside[0], bool(inside) and index == inside[-1]
        pieces.append(
            Segment(one.key, one.words, one.size, one.length, one.look, one.group, opens=opens, closes=closes)
        )
    return pieces


def _piece(picture: Picture, one: PlannedPartition, mark: str) -> Segment:
    words = clean(what_for(one) or one.name)
    index = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".find(mark) if mark else -1
    return Segment(
        key_of(one, picture),
        f"{mark} {words}" if mark else words,
        str((one.length + MIB_SECTORS // 2) // MIB_SECTORS),
        one.length,
        "kept" if one.kept else LOOKS.get(one.fstype, "plain"),
        index,
    )


def lay_out(segments: list[Segment], width: int, *, ascii_only: bool = False) -> list[Cells]:
    """Give the pieces their cells; the bar takes exactly `width` with its right border."""
    shares = widths([one.length for one in segments], max(width - 1, 1), LEAST_CELLS)
    plain, opening = ("|", "[") if ascii_only else ("┃", "[")
    texture = "." if ascii_only else "░"
    cells: list[Cells] = []
    left = 0
    for index, (one, share) in enumerate(zip(segments, shares, strict=True)):
        closed = index > 0 and segments[index - 1].closes
        border = opening if one.opens else "]" if closed else plain
        if _inside(segments, index) and not one.opens:
            border = "|" if ascii_only else "│"
        room = max(share - 1, 0)
        text = _label(one, room)
        if one.look == "free":
            text = f"{text.rstrip()} ".ljust(room, texture)[:room] if text.strip() else texture * room
        cells.append(Cells(one, left, share, border, text))
        left += share
    return cells


def last_border(segments: list[Segment], *, ascii_only: bool = False) -> str:
    """What ends the bar."""
    return "]" if segments and segments[-1].closes else "|" if ascii_only else "┃"


def _inside(segments: list[Segment], index: int) -> bool:
    for one in segments[index:]:
        if one.opens and one is not segments[index]:
            return False
        if one.closes:
            return True
    return False


def _label(one: Segment, room: int) -> str:
    whole = f" {one.words} {one.size}"
    if len(whole) <= room:
        return whole.ljust(room)
    if len(one.words) + 1 <= room:
        return f" {one.words}".ljust(room)
    return fit(one.words, room) if room > 0 else ""
