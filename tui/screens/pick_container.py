"""Choosing a container to move to: what each has left, and where they cannot go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import DataTable

from core.hypervisor.model import LinkState
from core.inventory.snapshot import InventorySnapshot, VmView
from core.operations.words import bytes_text, memory_text
from tui.render.text import clean
from tui.screens.dialog import Dialog
from tui.widgets.row_table import RowTable

MOST_ROWS = 15


@dataclass(frozen=True, slots=True)
class Choice:
    """One container; `why_not` is empty when it may be chosen."""

    name: str
    cells: tuple[str, ...]
    why_not: str = ""


def choices(snapshot: InventorySnapshot, vms: Sequence[VmView]) -> list[Choice]:
    """Every container but those all the VMs are on, the roomiest first, those that cannot take them last."""
    found: list[tuple[bool, int, Choice]] = []
    homes = {vm.key.container for vm in vms}
    needed = sum(vm.memory_kib for vm in vms)
    for one in snapshot.containers:
        if not one.uri or homes == {one.name}:
            continue
        left = one.host.memory_kib - one.memory_used_kib if one.host is not None else 0
        why = ""
        if one.link is not LinkState.UP or one.host is None:
            why = one.link_reason or "does not answer"
        elif left < needed:
            why = f"short of {memory_text(needed - left)}"
        disk = bytes_text(one.disk_free_bytes) if one.disk_free_bytes is not None else "-"
        driver = one.host.driver if one.host is not None else "-"
        cells = (str(one.name), driver, memory_text(max(0, left)), disk, str(len(one.vms)), why)
        found.append((bool(why), -left, Choice(str(one.name), cells, why)))
    return [choice for _, _, choice in sorted(found, key=lambda row: (row[0], row[1], row[2].name))]


class PickContainerScreen(Dialog[str]):
    """Result: the container's name, or None. Choosing does nothing yet: the plan is shown next."""

    DEFAULT_CSS = """
    PickContainerScreen RowTable { height: auto; max-height: 17; background: $surface; }
    """

    def __init__(self, title: str, found: Sequence[Choice]) -> None:
        super().__init__(title)
        self._found = found

    def body(self) -> Iterable[Widget]:
        """The table."""
        yield RowTable("CONTAINER", "KIND", "MEMORY LEFT", "DISK FREE", "VMS", "", id="rows")

    def keys(self) -> Iterable[tuple[str, str]]:
        """What the last line names."""
        return (("Enter", "Show the plan"), (self.key_of("confirm.leave"), "Leave"))

    def on_mount(self) -> None:
        """Fill it."""
        super().on_mount()
        table = self.query_one("#rows", RowTable)
        table.fill([tuple(Text(clean(cell)) for cell in one.cells) for one in self._found])
        table.focus()
        self.fit()

    @on(DataTable.RowSelected)
    def chosen(self, event: DataTable.RowSelected) -> None:
        """Enter takes the row."""
        event.stop()
        if event.cursor_row < len(self._found):
            self.dismiss(self._found[event.cursor_row].name)
