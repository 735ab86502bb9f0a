"""The tree as the screen sees it: what the cursor is on, what is marked, and the calls that change what is shown."""

from __future__ import annotations

from collections.abc import Mapping

from core.hypervisor.model import ContainerName
from core.inventory.snapshot import InventorySnapshot, VmKey, VmView
from tui.filter import Filter
from tui.render.columns import ColumnId
from tui.widgets.fleet_tree.canvas import TreeCanvas
from tui.widgets.fleet_tree.groups import Grouping, GroupKey, RowKey

_LARGEST_FIRST = frozenset({ColumnId.CPU, ColumnId.MEM, ColumnId.DISK, ColumnId.NET})


class FleetView(TreeCanvas):
    """A painted `FleetState` with its calls. Runs on the screen's thread only."""

    @property
    def cursor_key(self) -> RowKey | None:
        """What the cursor is on."""
        return self.state.key

    @property
    def cursor_row(self) -> int:
        """The cursor's row number, from 0."""
        return self.state.row

    def cursor_vm(self) -> VmView | None:
        """The slice the cursor is on, None on any other row."""
        return self.state.vm

    def cursor_container(self) -> ContainerName | None:
        """The container the cursor is on or in; None on a cluster's or the frontend's row."""
        return self.state.container

    def targets(self) -> list[VmKey]:
        """What an action would touch: the marked slices top to bottom, else the cursor's; nothing on a group."""
        return self.state.targets()

    def hidden_marks(self) -> list[str]:
        """Names of marked slices that the filter hides: a confirmation must name them."""
        return self.state.hidden_marks()

    def show_snapshot(self, snapshot: InventorySnapshot) -> None:
        """Draw a newer picture; cursor and marks stay on what they were on."""
        self.state.show_snapshot(snapshot)
        self._show()

    def set_filter(self, made: Filter | None) -> None:
        """Show only slices that pass, or all."""
        self.state.set_filter(made)
        self._show()

    def set_jobs(self, jobs: Mapping[VmKey, str]) -> None:
        """The state of each slice's last job, for ``job:failed``."""
        self.state.set_jobs(jobs)
        self._show()

    def set_grouping(self, grouping: Grouping | str) -> None:
        """Put slices under containers or clusters."""
        self.state.set_grouping(Grouping(grouping))
        self._forget_layout()
        self._show()

    def sort_by(self, column: ColumnId | str, *, descending: bool | None = None) -> None:
        """Sort by a column; numbers begin with the largest unless told otherwise."""
        column = ColumnId(column)
        self.state.set_sort(column, descending=column in _LARGEST_FIRST if descending is None else descending)
        self._show()

    def move_to(self, key: RowKey) -> bool:
        """Put the cursor on a row, its group unfolded; False when the filter hides it or it is gone."""
        found = self.state.go_to(key)
        self._show()
        return found

    def fold(self, key: GroupKey) -> None:
        """Hide a group's slices; a cursor inside goes to the group."""
        self.state.fold(key, folded=True)
        self._show()

    def unfold(self, key: GroupKey) -> None:
        """Show a group's slices."""
        self.state.fold(key, folded=False)
        self._show()

    def fold_all(self) -> None:
        """Hide all slices."""
        self.state.fold_all(folded=True)
        self._show()

    def unfold_all(self) -> None:
        """Show all slices."""
        self.state.fold_all(folded=False)
        self._show()

    def toggle_mark(self) -> None:
        """Mark or unmark the cursor's slice; on a group all its slices that pass the filter."""
        self.state.toggle_mark()
        self._show()

    def mark_container_vms(self, name: str | None = None) -> None:
        """Mark all slices of a container (the cursor's without a name) that pass the filter."""
        self.state.mark_container(self.state.container if name is None else name)
        self._show()

    def invert_marks(self) -> None:
        """Mark what is not marked among the visible slices, and the other way round."""
        self.state.invert_marks()
        self._show()

    def clear_marks(self) -> None:
        """Take all marks away, hidden ones too."""
        self.state.clear_marks()
        self._show()
