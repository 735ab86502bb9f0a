"""The containers' connections: state, round trip, versions, age of the last answer, last error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from rich.text import Text
from textual import on, work
from textual.widget import Widget
from textual.widgets import DataTable

from core.errors import QuarryError
from core.hypervisor.model import LinkState
from core.inventory.snapshot import ContainerView, InventorySnapshot
from tui.actions.action import Context
from tui.render.clock import Clock
from tui.render.text import clean
from tui.render.units import span_of
from tui.screens.page import Page
from tui.widgets.row_table import RowTable

REPAINT_S = 1.0

Snapshot = Callable[[], InventorySnapshot]
RoundTrip = Callable[[str], Awaitable[float]]
Retry = Callable[[Iterable[str]], None]

COLUMNS = ("CONTAINER", "STATE", "RTT", "VMS", "LAST ERROR", "LIBVIRT", "HYPERVISOR", "URI")

_STATE = COLUMNS.index("STATE")


class HostsScreen(Page):
    """One row for each container. Enter tries it now and measures the round trip."""

    CONTEXT = Context.HOSTS

    def __init__(self, snapshot: Snapshot, round_trip: RoundTrip, retry: Retry, clock: Clock) -> None:
        super().__init__("Containers")
        self._snapshot = snapshot
        self._round_trip = round_trip
        self._retry = retry
        self._clock = clock
        self._measured: dict[str, str] = {}
        self._painted: list[tuple[str, ...]] = []

    def body(self) -> Iterable[Widget]:
        """The table."""
        yield RowTable(*COLUMNS, id="rows")

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """What the footer names."""
        return (("Enter", "Try now and measure"),)

    def on_mount(self) -> None:
        """Paint now and every second: retry times and ages move."""
        super().on_mount()
        self.query_one("#rows").focus()
        self.repaint()
        self.set_interval(REPAINT_S, self.repaint)
        for container in self._snapshot().containers:
            if container.link is LinkState.UP:
                self.measure(container.name)

    def repaint(self) -> None:
        """Fill the table when a cell changed; the cursor stays on its container."""
        snapshot = self._snapshot()
        rows = [self._row(container) for container in snapshot.containers]
        if rows == self._painted:
            return
        self._painted = rows
        self.query_one("#rows", RowTable).fill([self._cells(row) for row in rows])
        down = sum(1 for container in snapshot.containers if container.link is not LinkState.UP)
        self.set_title("Containers", f"{len(rows)}, {down} not up" if down else f"{len(rows)}, all up")

    @on(DataTable.RowSelected)
    def try_now(self, event: DataTable.RowSelected) -> None:
        """Enter: connect now if it is down, list it again, measure it."""
        if event.cursor_row < len(self._painted):
            name = self._snapshot().containers[event.cursor_row].name
            self._retry([name])
            self.measure(name)

    @work(group="round-trips")
    async def measure(self, name: str) -> None:
        """Time one small call; a container that does not answer leaves the cell as it says."""
        self._measured[name] = "…"
        self.repaint()
        try:
            self._measured[name] = f"{await self._round_trip(name) * 1000:.0f} ms"
        except QuarryError:
            self._measured[name] = "-"
        self.repaint()

    def _row(self, container: ContainerView) -> tuple[str, ...]:
        host = container.host
        cells = (
            container.name,
            container.link.value,
            self._measured.get(container.name, "-"),
            str(len(container.vms)),
            self._last_error(container) or "-",
            host.libvirt_version if host else "",
            f"{host.driver} {host.hypervisor_version}".strip() if host else "",
            container.uri or "(no libvirt URI)",
        )
        return tuple(clean(cell) for cell in cells)

    def _cells(self, row: tuple[str, ...]) -> tuple[Text, ...]:
        role = {LinkState.UP.value: "success", LinkState.DOWN.value: "error"}.get(row[_STATE], "warning")
        cells = tuple(Text(cell) for cell in row)
        cells[_STATE].stylize(self.app.theme_variables[role])
        return cells

    def _last_error(self, container: ContainerView) -> str:
        if not container.link_reason:
            return ""
        words = [f"{container.link_reason} ({container.link_remedy})".removesuffix(" ()")]
        if container.link is LinkState.DOWN and container.retry_at_s is not None:
            left = container.retry_at_s - self._clock.monotonic()
            words.append(f"next try in {span_of(left)}" if left > 0 else "trying again")
        if container.seen_at_s is not None and container.link is not LinkState.UP:
            words.append(f"last answer {self._clock.time_of_day(container.seen_at_s)}")
        return ", ".join(words)
