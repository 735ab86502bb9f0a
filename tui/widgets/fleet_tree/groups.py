"""Groups of slices: a container or a cluster with the slices under it, sorted and filtered."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from core.hypervisor.model import LinkState
from core.inventory.snapshot import ContainerView, VmKey, VmView
from tui.render.columns import ColumnId
from tui.render.rows import GROUP_INDENT, VM_INDENT, disk_bytes, disk_used, net_rate
from tui.render.states import Shown, shown_state


class GroupKind(Enum):
    """What a group stands for."""

    FRONTEND = "frontend"
    CONTAINER = "container"
    CLUSTER = "cluster"


class Grouping(Enum):
    """What slices are put under."""

    CONTAINER = "container"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class GroupKey:
    """Identity of a group's row."""

    kind: GroupKind
    name: str

    def __hash__(self) -> int:
        """Cheaper than the generated one, which would hash the kind as well for every row."""
        return hash(self.name)


_COUNT_ROOM = 3
"""Cells kept around the number of slices behind a folded group's name."""

RowKey = VmKey | GroupKey
"""Identity of any row."""


class Group:
    """One group's row and the slices under it.

    Attributes:
        key: Its identity.
        container: The container it stands for, None for a cluster or a frontend without slices.
        members: All its slices.
        shown: Those that pass the filter, sorted.
        name_width: Cells the longest name takes with its indent.
        knows_boots: The boot stage of a slice is known: its console is open or watched.
    """

    __slots__ = ("_positions", "container", "key", "knows_boots", "members", "name_width", "shown")

    def __init__(self, key: GroupKey, container: ContainerView | None, members: tuple[VmView, ...]) -> None:
        self.key = key
        self.container = container
        self.members = members
        self.shown: list[VmView] = []
        longest = max([len(vm.name) for vm in members], default=0)
        self.name_width = max(
            longest + VM_INDENT, len(key.name) + GROUP_INDENT + _COUNT_ROOM + len(str(len(members)))
        )
        self.knows_boots = any(vm.boot for vm in members)
        self._positions: dict[VmKey, int] | None = None

    def show(self, shown: list[VmView]) -> None:
        """Set which slices are shown, in which order."""
        self.shown = shown
        self._positions = None

    def position(self, key: VmKey) -> int | None:
        """Where a slice stands among the shown ones."""
        if self._positions is None:
            self._positions = {vm.key: at for at, vm in enumerate(self.shown)}
        return self._positions.get(key)


Row = VmView | Group
"""A row of the tree: a slice stands for itself."""

_STATE_ORDER = {state: at for at, state in enumerate(Shown)}
_LINK_ORDER = {LinkState.UP: 0, LinkState.CONNECTING: 1, LinkState.DOWN: 2}

_VM_VALUES: dict[ColumnId, Callable[[VmView], float | None]] = {
    ColumnId.STATE: lambda vm: float(_STATE_ORDER[shown_state(vm)]),
    ColumnId.CPU: lambda vm: vm.rates.cpu_percent,
    ColumnId.MEM: lambda vm: float(vm.memory_kib),
    ColumnId.DISK: disk_bytes,
    ColumnId.NET: net_rate,
}

_CONTAINER_VALUES: dict[ColumnId, Callable[[ContainerView], float | None]] = {
    ColumnId.STATE: lambda container: float(_LINK_ORDER[container.link]),
    ColumnId.CPU: lambda container: container.cpu_percent,
    ColumnId.MEM: lambda container: float(container.memory_used_kib),
    ColumnId.DISK: disk_used,
}


def sorted_vms(vms: Sequence[VmView], column: ColumnId, *, descending: bool) -> list[VmView]:
    """Slices in a column's order; those without a value last, whichever way round.

    The name's order is the one handed in: containers in natural order, slice numbers in each.
    """
    if column is ColumnId.NAME:
        return list(reversed(vms)) if descending else list(vms)
    value = _VM_VALUES[column]
    return sorted(vms, key=lambda vm: _rank(value(vm), descending))


def sorted_groups(groups: list[Group], column: ColumnId, *, descending: bool) -> list[Group]:
    """Groups in a column's order; the frontend stays first."""
    first = [group for group in groups if _is_frontend(group)]
    rest = [group for group in groups if not _is_frontend(group)]
    if column is ColumnId.NAME:
        return first + (rest[::-1] if descending else rest)
    value = _CONTAINER_VALUES.get(column)
    if value is None:
        return groups
    return first + sorted(
        rest, key=lambda group: _rank(None if group.container is None else value(group.container), descending)
    )


def _is_frontend(group: Group) -> bool:
    return group.key.kind is GroupKind.FRONTEND or (group.container is not None and group.container.is_frontend)


def _rank(value: float | None, descending: bool) -> tuple[bool, float]:
    if value is None or math.isnan(value):
        return (True, 0.0)
    return (False, -value if descending else value)
