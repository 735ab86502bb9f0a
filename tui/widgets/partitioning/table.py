"""The device table: drives, partitions, free space, arrays, groups and volumes, with size asked and size real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.render.lines import Line, Role, Span
from tui.render.text import clean, fit
from tui.widgets.partitioning.cursor_list import CursorList
from tui.widgets.partitioning.messages import Chosen, Folded, Opened
from tui.widgets.partitioning.rows import Key, Row

DEVICE, KIND, FORMAT, ASKED, REAL = 15, 8, 3, 8, 8
LEAST_MOUNT = 17
FOLDS = frozenset({"disk", "head"})


class DeviceTable(CursorList[Row]):
    """Rows with a cursor that follows identity."""

    HEADED = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold", "Fold", show=False, id="partitions.left"),
        Binding("right", "unfold", "Unfold", show=False),
        Binding("enter", "enter", "Edit", show=False),
    ]

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(ascii_only=ascii_only, id=id)
        self._place = 5
        self.folded: frozenset[Key] = frozenset()

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown."""
        return self._items

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.item

    def show(self, rows: Sequence[Row], wanted: Key | None = None) -> None:
        """Show other rows; the cursor goes to `wanted`, else stays on what it was on, else where it was."""
        before = self.row.key if self.row else None
        places = {row.key: index for index, row in enumerate(rows)}
        found = [places[key] for key in (wanted, before) if key in places]
        place = max((len(row.end) for row in rows), default=0)
        if place != self._place or len(self._strips) > 4096:
            self._place, self._strips = max(place, 5), {}
        self.set_items(rows, found[0] if found else self._at)

    def choose(self, key: Key) -> bool:
        """Put the cursor on a row; False when there is none of that key."""
        for index, row in enumerate(self._items):
            if row.key == key:
                self.put_cursor(index)
                return True
        return False

    def _columns(self, width: int) -> tuple[int, int, bool]:
        """Cells for device and mount point, and whether start and end fit."""
        fixed = KIND + FORMAT + ASKED + REAL + 5
        places = width >= DEVICE + LEAST_MOUNT + fixed + 2 * (self._place + 1)
        device = DEVICE if width >= DEVICE + LEAST_MOUNT + fixed else 14
        room = width - device - fixed - (2 * (self._place + 1) if places else 0)
        return device, max(room, 4), places

    def heading(self, width: int) -> Line:
        """The columns' titles."""
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

    def line_of(self, item: Row, width: int) -> Line:
        """A row's cells."""
        row = item
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

    def reached(self) -> None:
        """The other parts follow."""
        if self.row is not None:
            self.post_message(Chosen(self.row.key))

    def action_fold(self) -> None:
        """Fold what the cursor is on or in."""
        row = self.row
        if row is None:
            return
        if row.key[0] in FOLDS and row.key not in self.folded:
            self._set_folded(self.folded | {row.key})
            return
        for index in range(self._at - 1, -1, -1):
            if self._items[index].depth < row.depth:
                self.move_cursor(index)
                return

    def action_unfold(self) -> None:
        """Unfold what the cursor is on."""
        if self.row is not None and self.row.key in self.folded:
            self._set_folded(self.folded - {self.row.key})

    def _set_folded(self, folded: frozenset[Key]) -> None:
        self.folded = folded
        self._strips = {}
        self.post_message(Folded())

    def action_enter(self) -> None:
        """Edit it."""
        self.post_message(Opened())
