"""The details of one slice over the whole screen, for terminals too narrow to have them beside the tree."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.widget import Widget

from core.inventory.snapshot import InventorySnapshot, VmKey
from tui.actions.action import Context
from tui.actions.offers import Offers
from tui.render.rows import Look
from tui.screens.page import Page
from tui.widgets.details import DetailsPane, Loaders
from tui.widgets.footer import ActionFooter


class DetailsScreen(Page):
    """One slice; it follows the fleet as the tree does."""

    CONTEXT = Context.DETAILS

    def __init__(self, key: VmKey, snapshot: InventorySnapshot, look: Look, loaders: Loaders, offers: Offers) -> None:
        """Show a slice; `offers` is the footer to begin with."""
        vm = snapshot.vm(key)
        super().__init__(f"{vm.name} on {key.container}" if vm is not None else key.container)
        self.pane = DetailsPane(look, loaders)
        self.key = key
        self._snapshot = snapshot
        self._offers = offers

    def body(self) -> Iterable[Widget]:
        """The pane alone."""
        yield self.pane

    def on_mount(self, event: events.Mount) -> None:  # type: ignore[override]
        """Fill pane and footer, which here follows the slice's state."""
        event.prevent_default()
        self.show_snapshot(self._snapshot, self._offers)
        self.pane.point_at(self.key, now=True)
        self.pane.focus()

    def show_snapshot(self, snapshot: InventorySnapshot, offers: Offers) -> None:
        """Draw a newer picture."""
        self.pane.show_snapshot(snapshot)
        self.query_one(ActionFooter).show(offers)
