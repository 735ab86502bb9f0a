"""The consoles an operator has open."""

from tui.screens.consoles.escape import escape_key
from tui.screens.consoles.screen import ConsolesScreen
from tui.screens.consoles.tiles import layout

__all__ = ["ConsolesScreen", "escape_key", "layout"]
