"""The last line of the consoles: who gets the typing, or what the keys of view mode do to this console now. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.console.line import SessionState, Status
from tui.actions.console_table import CONSOLE
from tui.actions.keymap import Keymap

_HEARS = frozenset({SessionState.OPENING, SessionState.OPEN})
"""States in which what is typed reaches the guest, or soon will."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the hint depends on, of the console that has the keys and of those around it.

    Attributes:
        name: The machine's, safe to paint.
        title: Name, state and boot stage.
        notes: What else there is to say of it.
        attached: Typing goes to its guest.
        borderless: It is alone on the screen, so that title and notes have no other place.
        several: Other consoles are open, too.
        broadcasting: Typing goes to every console shown.
        read_only: Nothing is typed to any guest.
    """

    name: str
    title: str
    notes: str
    status: Status
    attached: bool
    borderless: bool
    several: bool
    broadcasting: bool
    read_only: bool


def hint_line(shown: Shown | None, escape: str, keys: Keymap) -> str:
    """The line, for the console that has the keys or for none.

    Args:
        escape: The key that leaves typing, as a person writes it.
    """
    if shown is None:
        return f"no console is open   {keys.shown('console.leave')} Leave"
    return _typing(shown, escape) if shown.attached else _looking(shown, keys)


def _typing(shown: Shown, escape: str) -> str:
    if shown.broadcasting:
        to = "typing goes to ALL CONSOLES SHOWN"
    elif shown.status.state in _HEARS:
        to = f"typing goes to {shown.name}"
    else:
        to = f"typing waits for {shown.name}"
    more = [shown.title, shown.notes] if shown.borderless else []
    return "   ".join(part for part in (f"{escape} Detach", to, *more) if part)


def _looking(shown: Shown, keys: Keymap) -> str:
    rows = sorted((one for one in CONSOLE if one.footer is not None), key=lambda one: one.footer or 0)
    parts = [f"{keys.shown(one.id)} {one.label}" for one in rows if keys.shown(one.id) and _is_offered(one.id, shown)]
    where = shown.notes if shown.borderless else "VIEW"
    return "  ".join([where.replace("VIEW", "read-only", 1) if shown.read_only else where, *parts])


def _is_offered(action_id: str, shown: Shown) -> bool:
    """Whether a key does something to this console now."""
    able = {
        "console.type": not shown.read_only,
        "console.take-over": shown.status.state is SessionState.BUSY and not shown.read_only,
        "console.next": shown.several,
        "console.zoom": shown.several,
        "console.broadcast": shown.several and not shown.read_only,
    }
    return able.get(action_id, True)
