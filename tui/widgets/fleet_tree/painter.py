"""Rows to strips, each painted once until something it shows changes."""

from __future__ import annotations

import math

from rich.style import Style
from textual.strip import Strip

from core.hypervisor.model import LinkState
from core.inventory.snapshot import VmView
from tui.render.columns import Layout
from tui.render.lines import Line
from tui.render.rows import Look, cluster_line, container_line, frontend_line, vm_line
from tui.render.states import Shown, shown_state
from tui.render.strips import Palette, to_strip
from tui.widgets.fleet_tree.groups import Group, GroupKind, Row, RowKey

_MOST_REMEMBERED = 2_000


class RowPainter:
    """Paints rows for one layout and one palette."""

    def __init__(self, layout: Layout, look: Look, palette: Palette, *, clustered: bool) -> None:
        self._layout = layout
        self._look = look
        self._palette = palette
        self._clustered = clustered
        self._done: dict[RowKey, tuple[Row, object, Strip]] = {}

    def strip(self, row: Row, *, marked: bool, folded: bool, over: Style | None) -> Strip:
        """The strip of a row; the very same object as before when nothing about it changed.

        Args:
            over: Style of the cursor when it is on the row.
        """
        state = (marked, folded, over, self._moment(row))
        known = self._done.get(row.key)
        if known is not None and known[0] is row and known[1] == state:
            return known[2]
        strip = to_strip(self._line(row, marked, folded), self._palette, self._layout.width, over)
        if len(self._done) > _MOST_REMEMBERED:
            self._done.clear()
        self._done[row.key] = (row, state, strip)
        return strip

    def _line(self, row: Row, marked: bool, folded: bool) -> Line:
        if not isinstance(row, Group):
            return vm_line(row, self._layout, self._look, marked=marked, clustered=self._clustered)
        if row.container is not None:
            return container_line(row.container, self._layout, self._look, folded=folded)
        if row.key.kind is GroupKind.FRONTEND:
            return frontend_line(row.key.name, self._layout, self._look)
        running = sum(1 for vm in row.members if shown_state(vm) is Shown.RUNNING)
        return cluster_line(row.key.name, len(row.members), running, self._layout, self._look, folded=folded)

    def _moment(self, row: Row) -> int | str:
        """The part of the time that shows in a row: seconds to the next try, or the day a stale time is told on."""
        clock = self._look.clock
        if isinstance(row, VmView):
            return clock.time_of_day(row.stale_since_s) if row.stale_since_s is not None else 0
        container = row.container
        if container is None or container.link is not LinkState.DOWN or container.retry_at_s is None:
            return 0
        return max(0, math.ceil(container.retry_at_s - clock.monotonic()))
