"""A console on the screen: one pane a session, painted row by row."""

from tui.widgets.console.pane import ConsolePane

__all__ = ["ConsolePane"]
