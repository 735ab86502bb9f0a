"""Help: every key of the current view and everywhere, from the action table, searchable as you type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui.actions.action import Action, Context
from tui.actions.keymap import Keymap
from tui.actions.table import ACTIONS
from tui.screens.dialog import Dialog
from tui.widgets.line_input import LineInput
from tui.widgets.lines import Line, Lines, Role

_KEYS_CELLS = 12
"""Cells for keys; a line with more begins further right."""


def help_lines(context: Context, keymap: Keymap, words: str = "", *, read_only: bool = False) -> list[Line]:
    """The help text for a context: its own keys first, then the other groups.

    Args:
        context: The view help was asked in.
        keymap: Keys in force.
        words: What to look for; every word must occur in the key, label, sentence, command or id.
        read_only: Leave out what changes something.
    """
    wanted = words.casefold().split()
    groups: dict[str, list[Action]] = {}
    here = {action.id for action in ACTIONS if context in action.contexts}
    for action in sorted(ACTIONS, key=lambda one: one.id not in here):
        if read_only and (action.writes or action.contexts == {Context.CONFIRM}):
            continue
        if all(word in _searched(action, keymap) for word in wanted):
            groups.setdefault(action.group, []).append(action)
    if not groups:
        return [Line(f'nothing about "{words}"', Role.QUIET)]
    lines: list[Line] = []
    widest = max(len(_keys(action, keymap)) for actions in groups.values() for action in actions)
    width = min(widest, _KEYS_CELLS)
    for name, actions in groups.items():
        lines.extend([Line(""), Line(name, Role.STRONG)] if lines else [Line(name, Role.STRONG)])
        lines.extend(_line(action, keymap, width) for action in actions)
    return lines


def _keys(action: Action, keymap: Keymap) -> str:
    return keymap.all_shown(action.id) or "no key"


def _line(action: Action, keymap: Keymap, width: int) -> Line:
    lead = f"  {_keys(action, keymap):<{width}}"
    command = f":{action.command.replace('{vms}', '…')}" if action.command else ""
    return Line(f"{lead}  {action.help}", hang=width + 4, lead=len(lead), note=command)


def _searched(action: Action, keymap: Keymap) -> str:
    parts = (keymap.all_shown(action.id), action.label, action.help, action.command, action.id)
    return " ".join(parts).casefold()


class HelpScreen(Dialog[None]):
    """A search field over the list of keys."""

    DEFAULT_CSS = """
    HelpScreen #words { border: none; padding: 0; height: 1; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "into", "List", show=False, priority=True),
        Binding("pagedown", "turn(1)", "Page down", show=False, priority=True),
        Binding("pageup", "turn(-1)", "Page up", show=False, priority=True),
    ]

    def __init__(self, context: Context, keymap: Keymap, *, read_only: bool = False) -> None:
        super().__init__(f"Help: {context.value}")
        self._view = context
        self._keymap = keymap
        self._read_only = read_only

    def body(self) -> Iterable[Widget]:
        """What to look for, and what was found."""
        yield LineInput(placeholder="type to find a key, a word or a command", id="words", compact=True)
        lines = Lines(help_lines(self._view, self._keymap, read_only=self._read_only), id="found")
        lines.add_class("grows")
        yield lines

    def keys(self) -> Iterable[tuple[str, str]]:
        """Ways to read and out."""
        return (("PgDn PgUp", "Scroll"), ("Esc", "Close"))

    @on(Input.Changed, "#words")
    def search(self, event: Input.Changed) -> None:
        """Narrow the list to what has the words."""
        found = self.query_one("#found", Lines)
        found.show(help_lines(self._view, self._keymap, event.value, read_only=self._read_only))
        found.scroll_home(animate=False)

    def action_into(self) -> None:
        """Down leads from the field into the list, and in the list one line down."""
        found = self.query_one("#found", Lines)
        if found.has_focus:
            found.scroll_down(animate=False)
        else:
            found.focus()

    def action_turn(self, pages: int) -> None:
        """Scroll a page without leaving the field."""
        found = self.query_one("#found", Lines)
        found.scroll_relative(y=pages * max(1, found.size.height - 1), animate=False)
