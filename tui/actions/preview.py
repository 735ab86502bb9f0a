"""``F``: the fleet preview, on the marked VMs or on every node."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.outcome import Refused
from partition_editor.fleet.preview import FleetPreview, Report
from tui.actions.command_line import run_line
from tui.actions.offers import find_targets
from tui.background import in_background
from tui.screens.preview import PreviewScreen

if TYPE_CHECKING:
    from tui.app import QuarryApp


async def open_preview(app: QuarryApp) -> None:
    """Show what the marked VMs, or every node, would get."""
    marked = app.main.fleet_tree.targets()
    several = find_targets(app.fleet.snapshot(), marked) if len(marked) > 1 else []

    async def load(hosts: str, release: bool, report: Report) -> FleetPreview | Refused:
        return await in_background(partial(app.fleet.preview_partitions, hosts, release, report), "preview")

    hosts = " ".join(vm.name for vm, _ in several)
    screen = PreviewScreen(load, partial(run_line, app), hosts, read_only=app.fleet.read_only)
    app.show_page(screen, "view.preview")
