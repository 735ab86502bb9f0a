"""The device table: drives, partitions, free space, arrays, groups and volumes, with size asked and size real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from tui.render.lines import Line, Role, Span
from tui.render.strips import to_strip
from tui.render.text import clean, fit
from tui.widgets.painted import PaintedLines
from tui.widgets.partitioning.messages import Chosen, Folded, Opened
from tui.widgets.partitioning.rows import Key, Row

DEVICE, KIND, FORMAT, ASKED, REAL = 15, 8, 3, 8, 8
LEAST_MOUNT = 17
FOLDS = frozenset({"disk", "head"})


class DeviceTable(PaintedLines, can_focus=True):
    """Rows with a cursor that follows identity."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="partitions.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="partitions.down"),
        Binding("home", "move(-1000000)", "Top", show=False, id="partitions.first"),
        Binding("end", "move(1000000)", "Bottom", show=False, id="partitions.last"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="partitions.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="partitions.page-down"),
        Binding("left", "fold", "Fold", show=False, id="partitions.left"),
        Binding("right", "unfold", "Unfold", show=False),
        Binding("enter", "open", "Edit", show=False),
    ]

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._rows: Sequence[Row] = ()
        self._at = 0
        self._place = 5
        self._strips: dict[tuple[Row, int], Strip] = {}
        self.folded: frozenset[Key] = frozenset()

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown."""
        return self._rows

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._at] if 0 <= self._at < len(self._rows) else None

    def show(self, rows: Sequence[Row], wanted: Key | None = None) -> None:
        """Show other rows; the cursor goes to `wanted`, else stays on what it was on, else where it was."""
        before = self.row.key if self.row else None
        places = {row.key: index for index, row in enumerate(rows)}
        self._rows = rows
        at = places.get(wanted, -1) if wanted is not None else -1
        if at < 0:
            at = places.get(before, -1) if before is not None else -1
        self._at = max(0, min(at if at >= 0 else self._at, len(rows) - 1))
        place = max((len(row.end) for row in rows), default=0)
        if place != self._place or len(self._strips) > 4096:
            self._place, self._strips = max(place, 5), {}
        self.set_line_count(len(rows) + 1)
        self.show_line(self._at + 1, above=1)
        self.repaint()

    def choose(self, key: Key) -> bool:
        """Put the cursor on a row; False when there is none of that key."""
        for index, row in enumerate(self._rows):
            if row.key == key:
                self._at = index
                self.show_line(index + 1, above=1)
                self.repaint()
                return True
        return False

    def paint(self, y: int) -> Strip:
        """The heading, then rows."""
        width = self.text_size.width
        if y == 0:
            return to_strip(self._heading(width), self.palette, width)
        index = self.top + y - 1
        if index >= len(self._rows):
            return Strip.blank(width, self.palette[Role.TEXT])
        row = self._rows[index]
        if index == self._at:
            over = self.get_component_rich_style("line--cursor" if self.has_focus else "line--cursor-blurred")
            return to_strip(self._line(row, width), self.palette, width, over)
        strip = self._strips.get((row, width))
        if strip is None:
            strip = self._strips[row, width] = to_strip(self._line(row, width), self.palette, width)
        return strip

    def forget_painted(self) -> None:
        """New size or colours."""
        self._strips = {}

    def on_focus(self) -> None:
        """The cursor stands out more."""
        self.repaint()

    def on_blur(self) -> None:
        """And less."""
        self.repaint()

    def _columns(self, width: int) -> tuple[int, int, bool]:
        """Cells for device and mount point, and whether start and end fit."""
        fixed = KIND + FORMAT + ASKED + REAL + 5
        places = width >= DEVICE + LEAST_MOUNT + fixed + 2 * (self._place + 1)
        device = DEVICE if width >= DEVICE + LEAST_MOUNT + fixed else 14
        room = width - device - fixed - (2 * (self._place + 1) if places else 0)
        return device, max(room, 4), places

    def _heading(self, width: int) -> Line:
        device, mount, places = self._columns(width)
        words = [
            fit("DEVICE", device),
            fit("MOUNT / RAID / VOLUME" if mount > 20 else "MOUNT", mount),
            fit("TYPE", KIND),
            fit("FMT", FORMAT),
            fit("ASKED", ASKED, "right"),
            fit("REAL", REAL, "right"),
        ]
        if places:
            words += [fit("START", self._place, "right"), fit("END", self._place, "right")]
        return (Span(" ".join(words), Role.TITLE),)

    def _line(self, row: Row, width: int) -> Line:
        device, mount, places = self._columns(width)
        branch = ""
        if row.key[0] in FOLDS:
            folded = row.key in self.folded
            branch = (">" if self._ascii else "▸") if folded else ("v" if self._ascii else "▾")
        name = f"{'  ' * row.depth}{branch + ' ' if branch else ''}{clean(row.device)}"
        if row.key[0] == "head":
            return (Span(name, Role.GROUP),)
        if row.raw:
            return (Span(fit(name, device) + " ", Role.CRASHED), Span(clean(row.raw), Role.DIM))
        where = f"{row.letter} {clean(row.mount)}".strip() if row.letter else clean(row.mount)
        tick = ("x" if self._ascii else "✔") if row.format else ""
        first = Role.CRASHED if row.trouble else Role.DIM if row.is_free else Role.TEXT
        spans = [
            Span(fit(name, device) + " ", Role.GROUP if row.key[0] == "disk" else first),
            Span(fit(where, mount) + " ", Role.MARK if row.letter else first),
            Span(fit(clean(row.kind), KIND) + " ", Role.DIM),
            Span(fit(tick, FORMAT) + " ", Role.RUNNING),
            Span(fit(row.asked, ASKED, "right") + " ", first),
            Span(fit(row.real, REAL, "right"), first),
        ]
        if places:
            spans.append(Span(f" {row.start:>{self._place}} {row.end:>{self._place}}", Role.DIM))
        return tuple(spans)

    def _go(self, index: int) -> None:
        index = max(0, min(index, len(self._rows) - 1))
        if index != self._at and self._rows:
            self._at = index
            self.show_line(index + 1, above=1)
            self.repaint()
            self.post_message(Chosen(self._rows[index].key))

    def action_move(self, step: int) -> None:
        """Up or down."""
        self._go(self._at + step)

    def action_page(self, pages: int) -> None:
        """A page up or down."""
        self._go(self._at + pages * max(1, self.text_size.height - 2))

    def action_fold(self) -> None:
        """Fold what the cursor is on or in."""
        row = self.row
        if row is None:
            return
        if row.key[0] in FOLDS and row.key not in self.folded:
            self._set_folded(self.folded | {row.key})
            return
        for index in range(self._at - 1, -1, -1):
            if self._rows[index].depth < row.depth:
                self._go(index)
                return

    def action_unfold(self) -> None:
        """Unfold what the cursor is on."""
        if self.row is not None and self.row.key in self.folded:
            self._set_folded(self.folded - {self.row.key})

    def _set_folded(self, folded: frozenset[Key]) -> None:
        self.folded = folded
        self._strips = {}
        self.post_message(Folded())

    def action_open(self) -> None:
        """Enter."""
        self.post_message(Opened())

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one opens."""
        index = self.top + event.y - 1
        if event.y > 0 and index < len(self._rows):
            if index == self._at and event.chain > 1:
                self.post_message(Opened())
            self._go(index)
