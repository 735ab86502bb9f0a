"""A layout as an SVG drawing: one bar a disk, every partition in proportion. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from partition_editor.disks import MIB_SECTORS
from partition_editor.document.sizes import show_mib
from partition_editor.layout import Layout, PlannedDisk, PlanRefusal
from partition_editor.showing import what_for

WIDTH, BAR_HEIGHT, ROW_HEIGHT, MARGIN, LEAST_WIDTH = 960, 56, 104, 16, 14
COLOURS = {"swap": "#c9a227", "mdmember": "#7a5195", "lvmpv": "#2f6f8f", "efi": "#8c6d46", "biosboot": "#8c6d46"}
PLAIN, FREE, KEPT = "#3d7a4a", "#d9d9d9", "#888888"


def as_svg(answer: Layout | PlanRefusal) -> str:
    """The drawing; a refusal is drawn as its sentence."""
    disks = answer.disks if isinstance(answer, Layout) else ()
    height = 2 * MARGIN + max(ROW_HEIGHT * len(disks), 40)
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(WIDTH + 2 * MARGIN),
            "height": str(height),
            "viewBox": f"0 0 {WIDTH + 2 * MARGIN} {height}",
            "font-family": "sans-serif",
            "font-size": "12",
        },
    )
    if isinstance(answer, PlanRefusal):
        _text(root, MARGIN, MARGIN + 16, f"refused: {' '.join(answer.error.split())}", "#a00000")
    for index, disk in enumerate(disks):
        _draw_disk(root, disk, MARGIN + index * ROW_HEIGHT)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def widths(weights: list[int], total: int, least: int) -> list[int]:
    """Whole widths in proportion to weights that add up to `total`; none below `least` while there is room.

    The remainders go to those that lost most by rounding down.
    """
    if not weights:
        return []
    if not any(weights):
        weights = [1] * len(weights)
    least = min(least, total // len(weights))
    spare, whole = total - least * len(weights), sum(weights)
    shares = [least + spare * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda one: (-(spare * weights[one] % whole), one))
    for index in order[: total - sum(shares)]:
        shares[index] += 1
    return shares


def _segments(disk: PlannedDisk) -> Iterator[tuple[int, int, str, str]]:
    """Start, length, words and colour of everything but extended partitions, in order."""
    found = []
    for one in disk.partitions:
        if one.kind != "extended":
            colour = KEPT if one.kept else COLOURS.get(one.fstype, PLAIN)
            found.append((one.start, one.length, f"{one.name} {what_for(one)}".strip(), colour))
    found += [(one.start, one.length, "free", FREE) for one in disk.free if one.length >= MIB_SECTORS]
    yield from sorted(found)


def _draw_disk(root: ElementTree.Element, disk: PlannedDisk, top: int) -> None:
    heading = f"{disk.name} · {show_mib(disk.sectors // MIB_SECTORS)} · {disk.label or 'no label'}"
    _text(root, MARGIN, top + 14, heading, "#000000")
    segments = list(_segments(disk))
    left = MARGIN
    for (_, length, words, colour), width in zip(
        segments, widths([length for _, length, _, _ in segments], WIDTH, LEAST_WIDTH), strict=True
    ):
        place = {"x": str(left), "y": str(top + 22), "width": str(width), "height": str(BAR_HEIGHT)}
        group = ElementTree.SubElement(root, "g")
        ElementTree.SubElement(group, "title").text = _clean(f"{words} {show_mib(length // MIB_SECTORS)}")
        ElementTree.SubElement(group, "rect", {**place, "fill": colour, "stroke": "#ffffff"})
        ink = "#000000" if colour == FREE else "#ffffff"
        fits = max((width - 6) // 7, 0)
        if fits >= 3:
            _text(group, left + 4, top + 44, words[:fits], ink)
            _text(group, left + 4, top + 62, show_mib(length // MIB_SECTORS)[:fits], ink)
        left += width


def _text(parent: ElementTree.Element, x: int, y: int, words: str, colour: str) -> None:
    ElementTree.SubElement(parent, "text", {"x": str(x), "y": str(y), "fill": colour}).text = _clean(words)


def _clean(words: str) -> str:
    """XML cannot hold control characters or broken bytes."""
    return "".join(char if char.isprintable() else "�" for char in words)
