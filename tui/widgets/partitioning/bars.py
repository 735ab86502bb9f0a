"""One bar a drive, in proportion. Left and right go from segment to segment, up and down from drive to drive."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment as Painted
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from partition_editor.disks import MIB_SECTORS
from partition_editor.document.sizes import show_mib
from partition_editor.layout import PlannedDisk
from partition_editor.picture import Picture
from tui.render.lines import Role, Span
from tui.render.strips import to_strip
from tui.render.text import clean
from tui.widgets.painted import PaintedLines
from tui.widgets.partitioning.messages import Chosen, Opened
from tui.widgets.partitioning.rows import Key
from tui.widgets.partitioning.segments import Cells, Segment, last_border, lay_out, looks, segments_of
from tui.widgets.roles import ROLE_CLASSES

LINES_EACH = 2
HUES = 4
LOOKS = ("plain", "swap", "raid", "lvm", "boot", "free", "kept", *(f"group{number}" for number in range(HUES)))


class DriveBars(PaintedLines, can_focus=True):
    """The drives of a picture."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES) | {f"bar--{look}" for look in LOOKS}
    DEFAULT_CSS = """
    DriveBars { height: auto; overflow-y: hidden; }
    DriveBars > .bar--plain { background: $success 35%; color: $foreground; }
    DriveBars > .bar--swap { background: $warning 35%; color: $foreground; }
    DriveBars > .bar--raid { background: $primary 40%; color: $foreground; }
    DriveBars > .bar--lvm { background: $secondary 40%; color: $foreground; }
    DriveBars > .bar--boot { background: $accent 40%; color: $foreground; }
    DriveBars > .bar--free { color: $text-muted; }
    DriveBars > .bar--kept { background: $panel; color: $foreground; }
    DriveBars > .bar--group0 { background: $primary 45%; color: $foreground; }
    DriveBars > .bar--group1 { background: $accent 40%; color: $foreground; }
    DriveBars > .bar--group2 { background: $secondary 50%; color: $foreground; }
    DriveBars > .bar--group3 { background: $error 35%; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Segment before", show=False, id="partitions.left"),
        Binding("right", "step(1)", "Next segment", show=False),
        Binding("up,k", "drive(-1)", "Drive above", show=False, id="partitions.up"),
        Binding("down,j", "drive(1)", "Drive below", show=False, id="partitions.down"),
        Binding("home", "end(0)", "First segment", show=False, id="partitions.first"),
        Binding("end", "end(-1)", "Last segment", show=False, id="partitions.last"),
        Binding("enter", "open", "Edit", show=False),
    ]

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._picture: Picture | None = None
        self._chosen: Key | None = None
        self._segments: dict[str, list[Segment]] = {}
        self._cells: dict[str, list[Cells]] = {}
        self._strips: dict[str, tuple[Strip, bool]] = {}
        self._styles: dict[str, Style] = {}

    def show(self, picture: Picture) -> None:
        """Draw another picture."""
        before = self._picture
        self._picture = picture
        same = before is not None and looks(before) == looks(picture)
        old = {disk.name: disk for disk in before.layout.disks} if before is not None and same else {}
        for disk in picture.layout.disks:
            if old.get(disk.name) != disk:
                self._drop(disk.name)
        self.set_line_count(len(picture.layout.disks) * LINES_EACH)
        self.repaint()

    def choose(self, key: Key | None) -> None:
        """Mark the segment of a key, and bring its drive into view."""
        if key == self._chosen:
            return
        self._chosen = key
        where = self._where()
        if where is not None:
            self.show_line(where[0] * LINES_EACH + 1)
            self.show_line(where[0] * LINES_EACH)
        self.repaint()

    def choose_disk(self, name: str) -> None:
        """Bring a drive into view."""
        for index, disk in enumerate(self._disks):
            if disk.name == name:
                self.show_line(index * LINES_EACH + 1)
                self.show_line(index * LINES_EACH)

    @property
    def _disks(self) -> tuple[PlannedDisk, ...]:
        return self._picture.layout.disks if self._picture else ()

    def segments(self, disk: PlannedDisk) -> list[Segment]:
        """The pieces of a drive, worked out once for each picture."""
        found = self._segments.get(disk.name)
        if found is None and self._picture is not None:
            found = self._segments[disk.name] = segments_of(self._picture, disk)
        return found or []

    def paint(self, y: int) -> Strip:
        """A drive's heading, or its bar."""
        index, part = divmod(self.top + y, LINES_EACH)
        width = self.text_size.width
        if index >= len(self._disks):
            return Strip.blank(width, self.palette[Role.TEXT])
        disk = self._disks[index]
        return self._heading(disk, width) if part == 0 else self._bar(disk, width)

    def forget_painted(self) -> None:
        """New size or colours."""
        self._cells, self._strips, self._styles = {}, {}, {}

    def on_focus(self) -> None:
        """The chosen segment stands out more."""
        self._strips = {}
        self.repaint()

    def on_blur(self) -> None:
        """And less."""
        self._strips = {}
        self.repaint()

    def _heading(self, disk: PlannedDisk, width: int) -> Strip:
        known = next((one for one in self._picture.disks if one.name == disk.name), None) if self._picture else None
        words = [f"/dev/{disk.name}", show_mib(disk.sectors // MIB_SECTORS), disk.label or "no label"]
        if known is not None and known.model:
            words.append(clean(known.model))
        if disk.cleared and known is not None and known.partitions:
            words.append("cleared")
        role = Role.GROUP if self._chosen == ("disk", disk.name) else Role.DIM
        return to_strip((Span("  ".join(words), role),), self.palette, width)

    def _bar(self, disk: PlannedDisk, width: int) -> Strip:
        segments = self.segments(disk)
        here = any(one.key == self._chosen for one in segments)
        kept = self._strips.get(disk.name)
        if kept is not None and not here and not kept[1]:
            return kept[0]
        cells = self._cells.get(disk.name)
        if cells is None:
            cells = self._cells[disk.name] = lay_out(segments, width, ascii_only=self._ascii)
        painted = []
        plain = self.palette[Role.TEXT]
        for one in cells:
            chosen = one.segment.key == self._chosen
            painted.append(Painted(one.border, plain))
            painted.append(Painted(one.text, self._style(one.segment, chosen)))
        painted.append(Painted(last_border(segments, ascii_only=self._ascii), plain))
        strip = Strip(painted).adjust_cell_length(width, plain)
        self._strips[disk.name] = (strip, here)
        return strip

    def _style(self, one: Segment, chosen: bool) -> Style:
        name = "cursor" if self.has_focus else "cursor-blurred"
        if chosen:
            if name not in self._styles:
                style = self.get_component_rich_style(f"line--{name}")
                self._styles[name] = style if self.has_focus else style + Style(underline=True)
            return self._styles[name]
        name = f"group{one.group % HUES}" if one.group >= 0 and one.look != "kept" else one.look
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"bar--{name}")
        return self._styles[name]

    def _drop(self, name: str) -> None:
        for kept in (self._segments, self._cells, self._strips):
            kept.pop(name, None)

    def _where(self) -> tuple[int, int] | None:
        for number, disk in enumerate(self._disks):
            for index, one in enumerate(self.segments(disk)):
                if one.key == self._chosen:
                    return number, index
        if self._chosen and self._chosen[0] == "disk":
            for number, disk in enumerate(self._disks):
                if disk.name == self._chosen[1]:
                    return number, 0
        return None

    def _go(self, number: int, index: int) -> None:
        if 0 <= number < len(self._disks):
            pieces = self.segments(self._disks[number])
            self.post_message(Chosen(pieces[max(0, min(index, len(pieces) - 1))].key))

    def action_step(self, step: int) -> None:
        """To the segment beside, on to the next drive at the end."""
        number, index = self._where() or (0, -step)
        pieces = self.segments(self._disks[number]) if self._disks else []
        if 0 <= index + step < len(pieces):
            self._go(number, index + step)
        else:
            self._go(number + step, 0 if step > 0 else 10**6)

    def action_drive(self, step: int) -> None:
        """To the drive above or below."""
        number, _ = self._where() or (0, 0)
        self._go(number + step, 0)

    def action_end(self, index: int) -> None:
        """To the first or last segment of the drive."""
        number, _ = self._where() or (0, 0)
        self._go(number, 10**6 if index < 0 else 0)

    def action_open(self) -> None:
        """Enter: as on the row."""
        self.post_message(Opened())

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one opens."""
        number = (self.top + event.y) // LINES_EACH
        if number >= len(self._disks):
            return
        cells = self._cells.get(self._disks[number].name, [])
        hit = next((one.segment.key for one in cells if one.left <= event.x < one.left + one.width), None)
        if hit is not None:
            self.post_message(Chosen(hit))
            if event.chain > 1:
                self.post_message(Opened())
