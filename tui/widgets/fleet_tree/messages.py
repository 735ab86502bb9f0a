"""What the tree tells the screen, and only when it changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.message import Message

from core.hypervisor.model import ContainerName
from core.inventory.snapshot import VmKey, VmView
from tui.widgets.fleet_tree.groups import Row, RowKey
from tui.widgets.fleet_tree.state import FleetState


@dataclass
class CursorMoved(Message, namespace="fleet_tree"):
    """The cursor is on another row; None when there are no rows."""

    key: RowKey | None


@dataclass
class MarksChanged(Message, namespace="fleet_tree"):
    """The marked set changed."""

    count: int
    containers: int


@dataclass
class Opened(Message, namespace="fleet_tree"):
    """Enter or a double click on a slice: show its details."""

    key: VmKey


@dataclass
class InViewChanged(Message, namespace="fleet_tree"):
    """Other containers have rows in the window: statistics are wanted of these."""

    names: frozenset[ContainerName]


@dataclass
class Narrowed(Message, namespace="fleet_tree"):
    """How many slices pass the filter, of how many, changed."""

    matches: int
    total: int


class Said:
    """What was told last."""

    def __init__(self) -> None:
        self.key: RowKey | None = None
        self._marks = (0, 0)
        self._narrowed = (-1, -1)
        self._in_view: frozenset[ContainerName] = frozenset()

    def news(self, state: FleetState, window: Sequence[Row]) -> Iterator[Message]:
        """Messages for what changed since the last time.

        Args:
            window: The rows in the window now.
        """
        if state.key != self.key:
            self.key = state.key
            yield CursorMoved(state.key)
        marks = (len(state.marks), state.marks.containers)
        if marks != self._marks:
            self._marks = marks
            yield MarksChanged(*marks)
        narrowed = (state.model.matches, state.model.total)
        if narrowed != self._narrowed:
            self._narrowed = narrowed
            yield Narrowed(*narrowed)
        names = _containers(window)
        if names != self._in_view:
            self._in_view = names
            yield InViewChanged(names)


def _containers(rows: Sequence[Row]) -> frozenset[ContainerName]:
    names: set[ContainerName] = set()
    for row in rows:
        if isinstance(row, VmView):
            names.add(row.key.container)
        elif row.container is not None:
            names.add(row.container.name)
    return frozenset(names)
