"""Keys by action id: the table's defaults with the settings file's ``[tui.keys]`` laid over them.

A key that would mean two things in one place, an unknown id or an impossible key is a SettingsError naming the file
and the entry, raised before the screen opens.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from core.errors import SettingsError
from tui.actions.action import Action, Context
from tui.actions.table import ACTIONS, BY_ID

_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "tab": "Tab",
}
_PRESSED = {shown: key for key, shown in _SHOWN.items()}

UNBOUND = "no_key"
"""Stands for no key where Textual would take an empty text for "as it was"."""

_TAKEN_BY_TERMINALS = frozenset({"ctrl+c", "ctrl+z", "ctrl+s", "ctrl+q", "ctrl+i", "ctrl+m", "ctrl+h", "ctrl+["})
_NAMED = frozenset(key.value for key in Keys)


@dataclass(frozen=True, slots=True)
class Keymap:
    """Which keys every action has.

    Attributes:
        keys: Action id → Textual key names.
        changed: Only what the user changed, in the form Textual's ``set_keymap`` takes.
    """

    keys: Mapping[str, tuple[str, ...]]
    changed: Mapping[str, str]

    def shown(self, action_id: str) -> str:
        """The first key of an action as a person writes it; empty when it has none."""
        keys = self.keys.get(action_id, ())
        return show_key(keys[0]) if keys else ""

    def all_shown(self, action_id: str) -> str:
        """Every key of an action as a person writes them: "j, Down"."""
        return ", ".join(show_key(key) for key in self.keys.get(action_id, ()))


def key_name(key: str) -> str:
    """Textual's name of a key given as a character ("?") or already by name ("question_mark", "ctrl+r")."""
    if len(key) != 1 or key.isalnum():
        return key
    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_CHARACTERS = {key_name(character): character for character in map(chr, range(33, 127)) if not character.isalnum()}


def show_key(key: str) -> str:
    """A key as a person writes it: "?", "Ctrl-R", "Esc"."""
    if key.startswith("ctrl+"):
        return f"Ctrl-{show_key(key.removeprefix('ctrl+')).upper()}"
    return _SHOWN.get(key) or _CHARACTERS.get(key, key)


def pressed_key(shown: str) -> str:
    """Textual's name of a key written as a person writes it: the inverse of `show_key`."""
    if shown.startswith("Ctrl-"):
        bare = shown.removeprefix("Ctrl-")
        return f"ctrl+{key_name(bare.lower() if len(bare) == 1 else bare)}"
    return _PRESSED.get(shown) or key_name(shown)


def make_keymap(wishes: Mapping[str, str], path: Path | str = "") -> Keymap:
    """Lay a user's keys over the table.

    Args:
        wishes: Action id → keys, comma-separated; an empty text leaves the action without a key.
        path: The settings file, for messages.

    Raises:
        SettingsError: Unknown action, impossible key, or two actions on one key in one place.
    """
    changed: dict[str, str] = {}
    keys = {action.id: tuple(key_name(key) for key in action.keys) for action in ACTIONS}
    for action_id, text in wishes.items():
        if action_id not in BY_ID:
            near = difflib.get_close_matches(action_id, BY_ID, n=1)
            remedy = f'did you mean "{near[0]}"?' if near else "the help screen (?) names every action"
            raise SettingsError(f'{path}: tui.keys: there is no action "{action_id}"', remedy=remedy)
        keys[action_id] = tuple(_wished(action_id, text, path))
        changed[action_id] = ",".join(keys[action_id]) or UNBOUND
    _refuse_clashes(keys, changed, path)
    return Keymap(keys, changed)


def _wished(action_id: str, text: str, path: Path | str) -> Iterable[str]:
    for word in text.split(","):
        key = key_name(word.strip())
        if not key:
            continue
        bare = key.rsplit("+", 1)[-1]
        if len(bare) > 1 and bare not in _NAMED and bare not in _CHARACTERS:
            raise SettingsError(
                f'{path}: tui.keys: "{action_id}" wants the key "{word.strip()}", which no terminal sends',
                remedy='write a character, or a name such as "f5", "ctrl+r" or "escape"',
            )
        if key in _TAKEN_BY_TERMINALS:
            raise SettingsError(
                f'{path}: tui.keys: "{action_id}" cannot have "{word.strip()}"',
                "the terminal keeps that key for itself",
            )
        if action_id == "confirm.yes" and key == "enter":
            raise SettingsError(f'{path}: tui.keys: "{action_id}" cannot have "enter"', "Enter is never yes")
        if BY_ID[action_id].writes and "ctrl+" in key:
            raise SettingsError(
                f'{path}: tui.keys: "{action_id}" cannot have "{word.strip()}"', "no ctrl key changes a VM"
            )
        yield key


def _refuse_clashes(keys: Mapping[str, tuple[str, ...]], changed: Mapping[str, str], path: Path | str) -> None:
    for context in Context:
        holder: dict[str, Action] = {}
        for action in ACTIONS:
            if context not in action.contexts:
                continue
            for key in keys[action.id]:
                other = holder.setdefault(key, action)
                if other is action:
                    continue
                wished = action.id if action.id in changed else other.id
                raise SettingsError(
                    f'{path}: tui.keys: "{wished}" wants the key "{show_key(key)}"',
                    f'in {context.value.lower()} it belongs to both "{other.id}" and "{action.id}"',
                    "give one of them another key",
                )


DEFAULT_KEYMAP = make_keymap({})
"""The table's own keys."""


def bindings(actions: Iterable[Action], keymap: Keymap) -> list[Binding]:
    """Textual bindings of performed actions, all leading to the app's one door ``perform``."""
    return [
        Binding(key, f"app.perform('{action.id}')", action.label, show=False, id=action.id, tooltip=action.help)
        for action in actions
        if action.performed
        for key in keymap.keys[action.id]
    ]
