"""The console view's rows of the action table: keys that work after the escape, in view mode."""

from __future__ import annotations

from tui.actions.action import Action, Context

_CONSOLE = frozenset({Context.CONSOLE})


def _looks(name: str, keys: str, label: str, text: str, footer: int | None = None) -> Action:
    return Action(f"console.{name}", tuple(keys.split()), label, text, _CONSOLE, performed=False, footer=footer)


CONSOLE: tuple[Action, ...] = (
    _looks("type", "c i enter", "Type", "Type to the guest again; opens the console again when it is closed.", 10),
    _looks("search", "/", "Search", "Search the console's scrollback.", 20),
    _looks("next-match", "n", "Next match", "To the next match, towards newer output."),
    _looks("previous-match", "N", "Previous match", "To the match before, towards older output."),
    _looks(
        "copy", "y", "Copy", "Copy to the clipboard (OSC 52): what the mouse selected, else what the pane shows.", 70
    ),
    _looks("log", "W", "Log", "Write everything the console says from now on to a file, or stop.", 60),
    _looks("record", "R", "Record", "Record an asciinema cast from now on, or stop.", 90),
    _looks("take-over", "t", "Take over", "Take a busy console from whoever has it.", 12),
    _looks("next", "] tab", "Next", "To the next console.", 30),
    _looks("previous", "[ shift+tab", "Previous", "To the console before."),
    _looks("zoom", "z", "Zoom", "One console on the whole screen, or all as tiles.", 40),
    _looks("broadcast", "B", "Broadcast", "Type to all consoles shown, behind a red border; asks first.", 80),
    _looks("close", "q", "Close", "Close this console.", 50),
    _looks("leave", "escape -", "Leave", "Back to the tree; the consoles stay open.", 15),
    _looks("line-up", "k up", "Up", "A line back."),
    _looks("line-down", "j down", "Down", "A line forward."),
    _looks("pan-left", "h left", "Left", "Further left, where the terminal is wider than the pane."),
    _looks("pan-right", "l right", "Right", "Further right."),
    _looks("page-up", "pageup ctrl+u", "Page up", "A page back; Shift-PgUp also while typing."),
    _looks("page-down", "pagedown ctrl+d", "Page down", "A page forward; Shift-PgDn also while typing."),
    _looks("first", "g home", "Oldest", "To the oldest line kept."),
    _looks("command", ":", "Command", "Type a line as quarry takes it.", 100),
    _looks("help", "?", "Help", "Every key of this view; type to find.", 16),
    _looks("last", "G end", "Live", "To the live screen."),
)
