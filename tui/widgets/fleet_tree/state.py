"""What the tree knows beside its rows: cursor and marks, by identity. No widgets, no painting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from core.hypervisor.model import ContainerName
from core.inventory.snapshot import InventorySnapshot, VmKey, VmView
from tui.filter import Filter, FilterContext
from tui.render.columns import ColumnId
from tui.widgets.fleet_tree.groups import Group, Grouping, GroupKey, Row, RowKey
from tui.widgets.fleet_tree.marks import Marks
from tui.widgets.fleet_tree.model import TreeModel


class FleetState:
    """Rows, cursor and marks of one tree.

    Attributes:
        row: The cursor's row number.
        key: What the cursor is on; None when there are no rows.
    """

    def __init__(self) -> None:
        self.model = TreeModel()
        self.marks = Marks()
        self.row = 0
        self.key: RowKey | None = None
        self._jobs: Mapping[VmKey, str] = {}

    @property
    def here(self) -> Row | None:
        """The row the cursor is on."""
        return self.model.rows[self.row] if self.row < len(self.model.rows) else None

    @property
    def vm(self) -> VmView | None:
        """The slice the cursor is on, None on any other row."""
        row = self.here
        return row if isinstance(row, VmView) else None

    @property
    def container(self) -> ContainerName | None:
        """The container the cursor is on or in; None on a cluster's or the frontend's row."""
        row = self.here
        if isinstance(row, VmView):
            return row.key.container
        return row.container.name if row is not None and row.container is not None else None

    def targets(self) -> list[VmKey]:
        """The marked slices, else the cursor's; nothing on a group."""
        if len(self.marks):
            return [vm.key for vm in self._every_vm() if vm.key in self.marks]
        return [self.vm.key] if self.vm is not None else []

    def hidden_marks(self) -> list[str]:
        """Names of marked slices that the filter hides."""
        if not len(self.marks) or self.model.filter is None:
            return []
        shown = {vm.key for vm in self.model.shown_vms()}
        return [vm.name for vm in self._every_vm() if vm.key in self.marks and vm.key not in shown]

    def show_snapshot(self, snapshot: InventorySnapshot) -> None:
        """Take a newer picture; cursor and marks stay on what they were on."""
        before = self.model.rows
        for container in self.model.update(snapshot):
            if len(self.marks):
                self.marks.keep_only(container.name, {vm.key for vm in container.vms})
        self.marks.keep_containers({container.name for container in snapshot.containers})
        if self.model.filter is not None and self.model.filter.uses_marks:
            self.model.set_context(self._filter_context())
        self._find_cursor(before)

    def set_filter(self, made: Filter | None) -> None:
        """Show only slices that pass, or all."""
        self._changing(lambda: self.model.set_filter(made, self._filter_context()))

    def set_jobs(self, jobs: Mapping[VmKey, str]) -> None:
        """The state of each slice's last job."""
        if jobs == self._jobs:
            return
        self._jobs = jobs
        self._changing(lambda: self.model.set_context(self._filter_context()))

    def set_grouping(self, grouping: Grouping) -> None:
        """Put slices under containers or clusters."""
        self._changing(lambda: self.model.set_grouping(grouping))

    def set_sort(self, column: ColumnId, *, descending: bool) -> None:
        """Sort by a column."""
        self._changing(lambda: self.model.set_sort(column, descending=descending))

    def fold(self, key: GroupKey, *, folded: bool) -> None:
        """Hide or show a group's slices; a cursor inside goes to the group."""
        inside = self.model.group_at(self.row)
        if folded and inside is not None and inside.key == key:
            self.key = key
        self._changing(lambda: self.model.fold(key, folded))

    def fold_all(self, *, folded: bool) -> None:
        """Hide or show all slices."""
        group = self.model.group_at(self.row)
        if folded and group is not None:
            self.key = group.key
        self._changing(lambda: self.model.fold_all(folded))

    def go_to_row(self, row: int) -> None:
        """Put the cursor on a row number, as near as there is one."""
        self.row = max(0, min(row, len(self.model.rows) - 1))
        self.key = self.model.rows[self.row].key if self.model.rows else None
        if self.marks.anchor is not None:
            self._stretch_range()

    def go_to(self, key: RowKey) -> bool:
        """Put the cursor on an identity, its group unfolded; False when it is not shown."""
        row = self.model.find(key)
        if row is None and isinstance(key, VmKey):
            for group in self.model.groups():
                if self.model.is_folded(group.key) and group.position(key) is not None:
                    self.fold(group.key, folded=False)
                    row = self.model.find(key)
        if row is None:
            return False
        self.go_to_row(row)
        return True

    def go_to_group(self, step: int) -> None:
        """To the next group, or back to this one's row and then the one before."""
        rows = self.model.rows
        ahead = range(self.row + 1, len(rows)) if step > 0 else range(self.row - 1, -1, -1)
        self.go_to_row(next((number for number in ahead if isinstance(rows[number], Group)), self.row))

    def toggle_mark(self) -> None:
        """Mark or unmark the cursor's slice; on a group all its slices that pass the filter."""
        row = self.here
        if isinstance(row, VmView):
            self.marks.toggle(row.key)
        elif row is not None:
            keys = [vm.key for vm in row.shown]
            if all(key in self.marks for key in keys):
                self.marks.discard(keys)
            else:
                self.marks.add(keys)
        self._marks_changed()

    def toggle(self, key: VmKey) -> None:
        """Mark or unmark one slice."""
        self.marks.toggle(key)
        self._marks_changed()

    def mark(self, keys: Iterable[VmKey]) -> None:
        """Mark these as well."""
        self.marks.add(keys)
        self._marks_changed()

    def mark_container(self, name: str | None) -> None:
        """Mark all slices of a container that pass the filter."""
        self.mark(vm.key for vm in self.model.shown_vms() if vm.key.container == name)

    def mark_rows(self, one: int, other: int) -> None:
        """Mark the slices between two rows."""
        rows = self.model.rows[min(one, other) : max(one, other) + 1]
        self.mark(row.key for row in rows if isinstance(row, VmView))

    def invert_marks(self) -> None:
        """Mark what is not marked among the visible slices, and the other way round."""
        self.marks.end_range()
        for row in self.model.rows:
            if isinstance(row, VmView):
                self.marks.toggle(row.key)
        self._marks_changed()

    def clear_marks(self) -> None:
        """Take all marks away, hidden ones too."""
        self.marks.clear()
        self._marks_changed()

    def switch_range(self) -> None:
        """Begin a range at the cursor's slice, or end the one being drawn."""
        if self.marks.anchor is not None:
            self.marks.end_range()
        elif self.vm is not None:
            self.marks.begin_range(self.vm.key)
        self._marks_changed()

    def _every_vm(self) -> Iterable[VmView]:
        return (vm for container in self.model.snapshot.containers for vm in container.vms)

    def _changing(self, change: Callable[[], None]) -> None:
        before = self.model.rows
        change()
        self._find_cursor(before)

    def _find_cursor(self, before: list[Row]) -> None:
        """After the rows changed: the cursor stays with its identity, else goes to the nearest row left."""
        found = self.model.find(self.key)
        self.row = self.model.nearest(before, self.row) if found is None else found
        self.key = self.model.rows[self.row].key if self.model.rows else None

    def _stretch_range(self) -> None:
        anchor = self.model.find(self.marks.anchor)
        if anchor is None:
            self.marks.end_range()
            return
        rows = self.model.rows[min(anchor, self.row) : max(anchor, self.row) + 1]
        self.marks.stretch_range(row.key for row in rows if isinstance(row, VmView))

    def _marks_changed(self) -> None:
        if self.model.filter is not None and self.model.filter.uses_marks:
            self._changing(lambda: self.model.set_context(self._filter_context()))

    def _filter_context(self) -> FilterContext:
        return FilterContext(marked=self.marks.keys(), jobs=self._jobs)
