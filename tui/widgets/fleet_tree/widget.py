"""The tree widget: keys and mouse. What the screen calls is in `view`, what it shows is kept by `FleetState`."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from core.inventory.snapshot import VmView
from tui.render.columns import SORTABLE
from tui.render.rows import Look
from tui.widgets.fleet_tree import messages
from tui.widgets.fleet_tree.groups import Group, Grouping
from tui.widgets.fleet_tree.view import FleetView

_FOLD_CELLS = 3
_WHEEL_ROWS = 3


class FleetTree(FleetView, can_focus=True):
    """Frontend, containers and slices, live. Runs on the screen's thread only."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="tree.down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="tree.up"),
        Binding("g,home", "first", "Top", show=False, id="tree.first"),
        Binding("G,end", "last", "Bottom", show=False, id="tree.last"),
        Binding("ctrl+d", "page(0.5)", "Half page down", show=False, id="tree.half-down"),
        Binding("ctrl+u", "page(-0.5)", "Half page up", show=False, id="tree.half-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="tree.page-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="tree.page-up"),
        Binding("h,left", "collapse", "Fold", show=False, id="tree.collapse"),
        Binding("l,right", "expand", "Unfold", show=False, id="tree.expand"),
        Binding("enter", "enter", "Details", show=False, id="tree.enter"),
        Binding("left_curly_bracket", "group(-1)", "Previous container", show=False, id="tree.previous-container"),
        Binding("right_curly_bracket", "group(1)", "Next container", show=False, id="tree.next-container"),
        Binding("z", "fold_chord", "Fold…", show=False, id="tree.fold-chord"),
        Binding("plus", "toggle_fold", "Fold or unfold", show=False, id="tree.fold"),
        Binding("space", "mark", "Mark", show=False, id="tree.mark"),
        Binding("v", "range", "Range", show=False, id="tree.range"),
        Binding("asterisk", "invert", "Invert", show=False, id="tree.invert"),
        Binding("u", "unmark", "Unmark", show=False, id="tree.unmark"),
        Binding("o", "sort_next", "Sort", show=False, id="tree.sort"),
        Binding("O", "sort_reverse", "Reverse", show=False, id="tree.reverse"),
        Binding("t", "grouping", "Containers or clusters", show=False, id="tree.grouping"),
    ]

    CursorMoved = messages.CursorMoved
    MarksChanged = messages.MarksChanged
    Opened = messages.Opened
    InViewChanged = messages.InViewChanged
    Narrowed = messages.Narrowed

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(look, id=id)
        self._chord = False

    def action_move(self, rows: int) -> None:
        """Up or down."""
        self._go_to_row(self.state.row + rows)

    def action_first(self) -> None:
        """To the first row."""
        self._go_to_row(0)

    def action_last(self) -> None:
        """To the last row."""
        self._go_to_row(len(self.model.rows) - 1)

    def action_page(self, pages: float) -> None:
        """Up or down by a part of the window."""
        rows = max(1, round((self.text_size.height - 1) * abs(pages)))
        self._go_to_row(self.state.row + (rows if pages > 0 else -rows))

    def action_collapse(self) -> None:
        """Fold a group; from a slice go to its group."""
        group = self.model.group_at(self.state.row)
        if group is not None and self.state.vm is not None:
            self.move_to(group.key)
        elif group is not None and group.members:
            self.fold(group.key)

    def action_expand(self) -> None:
        """Unfold a group; on an open one go to its first slice."""
        row = self.state.here
        if isinstance(row, Group) and self.model.is_folded(row.key):
            self.unfold(row.key)
        elif isinstance(row, Group) and row.shown:
            self._go_to_row(self.state.row + 1)

    def action_enter(self) -> None:
        """Fold or unfold a group; show a slice's details."""
        vm = self.state.vm
        if vm is not None:
            self.post_message(self.Opened(vm.key))
        else:
            self.action_toggle_fold()

    def action_toggle_fold(self) -> None:
        """Fold or unfold the group the cursor is in."""
        group = self.model.group_at(self.state.row)
        if group is not None and group.members:
            (self.unfold if self.model.is_folded(group.key) else self.fold)(group.key)

    def action_fold_chord(self) -> None:
        """Wait for the second key of ``za``, ``zM``, ``zR``, ``zc``, ``zo``."""
        self._chord = True

    def action_group(self, step: int) -> None:
        """To the next or previous group's row."""
        self.state.go_to_group(step)
        self._show()

    def action_mark(self) -> None:
        """Mark and go down; ends a range."""
        if self.state.marks.anchor is not None:
            self.state.switch_range()
        elif self.state.vm is None:
            self.state.toggle_mark()
        else:
            row = self.state.row
            self.state.toggle_mark()
            if self.state.row == row:
                self.state.go_to_row(row + 1)
        self._show()

    def action_range(self) -> None:
        """Begin a range here, or end it."""
        self.state.switch_range()
        self._show()

    def action_invert(self) -> None:
        """Turn the marks of the visible slices round."""
        self.invert_marks()

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.clear_marks()

    def action_sort_next(self) -> None:
        """Sort by the next column."""
        self.sort_by(SORTABLE[(SORTABLE.index(self.model.column) + 1) % len(SORTABLE)])

    def action_sort_reverse(self) -> None:
        """Sort the other way round."""
        self.sort_by(self.model.column, descending=not self.model.descending)

    def action_grouping(self) -> None:
        """Containers or clusters."""
        by_container = self.model.grouping is Grouping.CONTAINER
        self.set_grouping(Grouping.CLUSTER if by_container else Grouping.CONTAINER)

    def on_key(self, event: events.Key) -> None:
        """The second key of a fold chord."""
        if not self._chord:
            return
        self._chord = False
        event.stop()
        event.prevent_default()
        chosen = {
            "a": self.action_toggle_fold,
            "M": self.fold_all,
            "R": self.unfold_all,
            "c": self.action_collapse,
            "o": self.action_expand,
        }.get(event.key)
        if chosen is not None:
            chosen()

    def on_click(self, event: events.Click) -> None:
        """A title sorts, a fold glyph folds, a row takes the cursor; ctrl and shift mark."""
        at = event.get_content_offset(self)
        number = self.top + at.y - 1 if at is not None else len(self.model.rows)
        if at is not None and at.y == 0:
            self._sort_by_title(at.x)
        if at is None or at.y == 0 or number >= len(self.model.rows):
            return
        row = self.model.rows[number]
        if event.shift:
            self.state.mark_rows(self.state.row, number)
        elif event.ctrl and isinstance(row, VmView):
            self.state.toggle(row.key)
        self._go_to_row(number)
        if isinstance(row, Group) and at.x < _FOLD_CELLS:
            self.action_toggle_fold()
        elif isinstance(row, VmView) and event.chain == 2:
            self.post_message(self.Opened(row.key))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls; the cursor stays inside the window."""
        self._wheel(event, _WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls; the cursor stays inside the window."""
        self._wheel(event, -_WHEEL_ROWS)

    def on_focus(self) -> None:
        """The cursor looks stronger."""
        self.repaint()

    def on_blur(self) -> None:
        """The cursor looks weaker."""
        self._chord = False
        self.repaint()

    def _go_to_row(self, row: int) -> None:
        self.state.go_to_row(row)
        self._show()

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        self.scroll_to_line(self.top + rows)
        inside = min(max(self.state.row, self.top), self.top + max(0, self.text_size.height - 2))
        if inside != self.state.row:
            self._go_to_row(inside)

    def _sort_by_title(self, x: int) -> None:
        column = self._layout_now().at(x)
        if column is None or column.id not in SORTABLE:
            return
        if column.id is self.model.column:
            self.action_sort_reverse()
        else:
            self.sort_by(column.id)
