"""One glyph for each thing an operator tells apart at a glance, and ASCII twins of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from tui.render.states import Shown


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A set of glyphs, each one cell wide.

    Attributes:
        states: For a slice's state.
        ascii_only: Whether bars and foreign text must be ASCII as well.
    """

    states: dict[Shown, str]
    up: str
    down: str
    connecting: str
    drift: str
    job: str
    lock: str
    open_fold: str
    closed_fold: str
    mark: str
    ascending: str
    descending: str
    ellipsis: str
    receive: str
    send: str
    rule: str
    dot: str
    ascii_only: bool = False


UNICODE = Glyphs(
    states={
        Shown.RUNNING: "●",
        Shown.PAUSED: "‖",
        Shown.SAVED: "◌",
        Shown.OFF: "○",
        Shown.INSTALLING: "◐",
        Shown.WAITING: "◑",
        Shown.MOVING: "◔",
        Shown.STOPPING: "◍",
        Shown.CRASHED: "✖",
        Shown.UNKNOWN: "?",
    },
    up="▲",
    down="▼",
    connecting="△",
    drift="≠",
    job="⚙",
    lock="⚿",
    open_fold="▾",
    closed_fold="▸",
    mark="*",
    ascending="▲",
    descending="▼",
    ellipsis="…",
    receive="↓",
    send="↑",
    rule="─",
    dot="·",
)

ASCII = Glyphs(
    states={
        Shown.RUNNING: "+",
        Shown.PAUSED: "=",
        Shown.SAVED: "~",
        Shown.OFF: "-",
        Shown.INSTALLING: "%",
        Shown.WAITING: "w",
        Shown.MOVING: ">",
        Shown.STOPPING: "<",
        Shown.CRASHED: "X",
        Shown.UNKNOWN: "?",
    },
    up="^",
    down="!",
    connecting=".",
    drift="#",
    job="&",
    lock="@",
    open_fold="v",
    closed_fold=">",
    mark="*",
    ascending="^",
    descending="v",
    ellipsis="~",
    receive="in",
    send="out",
    rule="-",
    dot="-",
    ascii_only=True,
)


def glyphs_for(ascii_only: bool) -> Glyphs:
    """The set to draw with."""
    return ASCII if ascii_only else UNICODE
