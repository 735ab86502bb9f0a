"""The key that leaves typing, as settings and people write it. Pure."""

from __future__ import annotations

from tui.actions.keymap import key_name, show_key


def escape_key(text: str) -> str:
    """Textual's name of an escape written as ``ctrl+]`` or ``^]``."""
    text = text.strip().lower()
    if len(text) == 2 and text[0] == "^":
        text = f"ctrl+{text[1]}"
    prefix, _, key = text.rpartition("+")
    return f"{prefix}+{key_name(key)}" if prefix else key_name(key)


def show_escape(key: str) -> str:
    """The escape key as a person writes it: ``^]``."""
    return f"^{show_key(key.removeprefix('ctrl+')).upper()}" if key.startswith("ctrl+") else show_key(key)
