"""From snapshots to rows. No widgets: everything here can be tested without a screen.

Speed matters with 10,000 slices: a slice's row is its view itself, groups keep their sorted and filtered slices until
their container changes, and a fold only concatenates lists.
"""

from __future__ import annotations

from collections.abc import Callable

from core.hypervisor.model import ContainerName
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from tui.filter import Filter, FilterContext
from tui.filter.subject import Subject, searched_text
from tui.render.columns import ColumnId
from tui.widgets.fleet_tree.groups import Group, Grouping, GroupKey, GroupKind, Row, RowKey, sorted_groups, sorted_vms

_FAR = 512
"""Rows looked at on each side for the nearest neighbour of a vanished one."""


class TreeModel:
    """The rows of one snapshot under the present folding, sorting, filter and grouping.

    Attributes:
        rows: Top to bottom.
        snapshot: The picture they were made from.
        matches: Slices that pass the filter, folded ones included.
    """

    def __init__(self) -> None:
        self.snapshot = InventorySnapshot(serial=-1, containers=())
        self.rows: list[Row] = []
        self.matches = 0
        self.grouping = Grouping.CONTAINER
        self.column = ColumnId.NAME
        self.descending = False
        self.filter: Filter | None = None
        self.context = FilterContext()
        self._groups: dict[GroupKey, Group] = {}
        self._order: list[Group] = []
        self._starts: dict[GroupKey, int] = {}
        self._folded: set[GroupKey] = set()
        self._folded_found: set[GroupKey] = set()
        self._texts: dict[int, tuple[object, str, str]] = {}

    @property
    def total(self) -> int:
        """Slices in the snapshot."""
        return sum(len(container.vms) for container in self.snapshot.containers)

    @property
    def longest_name(self) -> int:
        """Cells the longest name takes with its indent."""
        return max([group.name_width for group in self._order], default=0)

    @property
    def knows_boots(self) -> bool:
        """The boot stage of a slice is known."""
        return any(group.knows_boots for group in self._order)

    def update(self, snapshot: InventorySnapshot) -> list[ContainerView]:
        """Take a newer picture; returns the containers that changed."""
        known = {container.name: container for container in self.snapshot.containers}
        changed = [container for container in snapshot.containers if known.get(container.name) is not container]
        self.snapshot = snapshot
        if len(self._texts) > 4 * max(1_000, self.total):
            self._texts.clear()
        self._regroup()
        return changed

    def set_filter(self, made: Filter | None, context: FilterContext) -> None:
        """Show only slices that pass; a new filter opens all it finds."""
        self.filter, self.context = made, context
        self._folded_found.clear()
        self.refresh_all()

    def set_context(self, context: FilterContext) -> None:
        """Tell the filter about changed marks or jobs."""
        self.context = context
        if self.filter is not None:
            self.refresh_all()

    def set_sort(self, column: ColumnId, *, descending: bool) -> None:
        """Sort slices inside their groups, and the groups."""
        self.column, self.descending = column, descending
        self.refresh_all()

    def set_grouping(self, grouping: Grouping) -> None:
        """Put slices under their containers or their clusters."""
        self.grouping = grouping
        self._groups = {}
        self._regroup()

    def refresh_all(self) -> None:
        """Sort and filter every group again."""
        for group in self._groups.values():
            self._show(group)
        self._order = self._ordered(list(self._groups.values()))
        self._flatten()

    def is_folded(self, key: GroupKey) -> bool:
        """Whether a group's slices are hidden."""
        return key in self._folds

    def fold(self, key: GroupKey, folded: bool) -> None:
        """Hide or show a group's slices."""
        if folded:
            self._folds.add(key)
        else:
            self._folds.discard(key)
        self._flatten()

    def fold_all(self, folded: bool) -> None:
        """Hide or show all slices."""
        self._folds.clear()
        if folded:
            self._folds.update(group.key for group in self._order if group.members)
        self._flatten()

    def find(self, key: RowKey | None) -> int | None:
        """The row number of an identity, or None when it is not shown."""
        if key is None:
            return None
        if isinstance(key, GroupKey):
            return self._starts.get(key)
        if self.grouping is Grouping.CONTAINER:
            home = self._groups.get(GroupKey(GroupKind.CONTAINER, key.container))
            return None if home is None else self._row_in(home, key)
        for group in self._order:
            row = self._row_in(group, key)
            if row is not None:
                return row
        return None

    def group_at(self, row: int) -> Group | None:
        """The group a row belongs to."""
        while 0 <= row < len(self.rows):
            found = self.rows[row]
            if isinstance(found, Group):
                return found
            row -= 1
        return None

    def groups(self) -> list[Group]:
        """The groups shown, top to bottom."""
        return self._order

    def nearest(self, before: list[Row], row: int) -> int:
        """Where the cursor goes when its row is gone: the row below it that is left, else the one above.

        Args:
            before: The rows as they were.
            row: The cursor's row among them.
        """
        for step in range(1, _FAR):
            for neighbour in (row + step, row - step):
                if 0 <= neighbour < len(before):
                    found = self.find(before[neighbour].key)
                    if found is not None:
                        return found
        return max(0, min(row, len(self.rows) - 1))

    def shown_vms(self) -> list[VmView]:
        """Every slice that passes the filter, folded ones included, top to bottom."""
        return [vm for group in self._order for vm in group.shown]

    @property
    def _folds(self) -> set[GroupKey]:
        return self._folded if self.filter is None else self._folded_found

    def _row_in(self, group: Group, key: VmKey) -> int | None:
        start = self._starts.get(group.key)
        if start is None or group.key in self._folds:
            return None
        position = group.position(key)
        return None if position is None else start + 1 + position

    def _regroup(self) -> None:
        before = self._groups
        make = self._by_container if self.grouping is Grouping.CONTAINER else self._by_cluster
        self._groups = {group.key: group for group in make(before)}
        self._order = self._ordered(list(self._groups.values()))
        self._flatten()

    def _by_container(self, before: dict[GroupKey, Group]) -> list[Group]:
        groups: list[Group] = []
        frontend = self.snapshot.frontend
        if frontend and all(container.name != frontend for container in self.snapshot.containers):
            key = GroupKey(GroupKind.FRONTEND, frontend)
            groups.append(before.get(key) or Group(key, None, ()))
        for container in self.snapshot.containers:
            key = GroupKey(GroupKind.CONTAINER, container.name)
            old = before.get(key)
            if old is not None and old.container is container:
                groups.append(old)
                continue
            group = Group(key, container, container.vms)
            self._show(group)
            groups.append(group)
        return groups

    def _by_cluster(self, before: dict[GroupKey, Group]) -> list[Group]:
        members: dict[str, list[VmView]] = {}
        for container in self.snapshot.containers:
            for vm in container.vms:
                members.setdefault((vm.record and vm.record.cluster) or "", []).append(vm)
        groups: list[Group] = []
        for name in sorted(members, key=lambda one: (not one, one)):
            key = GroupKey(GroupKind.CLUSTER, name)
            old = before.get(key)
            vms = tuple(members[name])
            if old is not None and old.members == vms:
                groups.append(old)
                continue
            group = Group(key, None, vms)
            self._show(group)
            groups.append(group)
        return groups

    def _show(self, group: Group) -> None:
        vms = group.members
        passed = vms if self.filter is None else self._passing(group, self.filter)
        group.show(sorted_vms(passed, self.column, descending=self.descending))

    def _passing(self, group: Group, made: Filter) -> list[VmView]:
        test, context, text = made.test, self.context, self._text
        if group.container is not None:
            container = group.container
            return [vm for vm in group.members if test(Subject(vm, container, text(vm, container)), context)]
        home = self._home()
        return [vm for vm in group.members if test(Subject(vm, home(vm), text(vm, home(vm))), context)]

    def _home(self) -> Callable[[VmView], ContainerView]:
        containers: dict[ContainerName, ContainerView] = {one.name: one for one in self.snapshot.containers}
        return lambda vm: containers[vm.key.container]

    def _text(self, vm: VmView, container: ContainerView) -> str:
        """What plain words are looked for in, remembered as long as the store's record stays the same."""
        source = vm.record
        if source is None:
            return searched_text(vm, container)
        known = self._texts.get(id(source))
        if known is None or known[0] is not source or known[1] != container.name:
            known = (source, container.name, searched_text(vm, container))
            self._texts[id(source)] = known
        return known[2]

    def _ordered(self, groups: list[Group]) -> list[Group]:
        if self.filter is not None:
            groups = [group for group in groups if group.shown or self._named(group)]
        return sorted_groups(groups, self.column, descending=self.descending)

    def _named(self, group: Group) -> bool:
        """An empty container is found by its name."""
        return not group.members and self.filter is not None and self.filter.source.strip().lower() in group.key.name

    def _flatten(self) -> None:
        rows: list[Row] = []
        starts: dict[GroupKey, int] = {}
        folds = self._folds
        matches = 0
        for group in self._order:
            starts[group.key] = len(rows)
            rows.append(group)
            matches += len(group.shown)
            if not folds or group.key not in folds:
                rows.extend(group.shown)
        self.rows, self._starts, self.matches = rows, starts, matches
