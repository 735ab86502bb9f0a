"""The four looks: dark, light, high contrast and none at all."""

from __future__ import annotations

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme

from core.errors import SettingsError

DARK = Theme(
    name="quarry-dark",
    primary="#7aa2c8",
    secondary="#8a94a6",
    accent="#d9a65b",
    warning="#e0b050",
    error="#e0696b",
    success="#7fb77e",
    foreground="#d7dade",
    background="#14171a",
    surface="#1b1f23",
    panel="#242a30",
    dark=True,
)
LIGHT = Theme(
    name="quarry-light",
    primary="#1f5f93",
    secondary="#5a6472",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#a3262a",
    success="#2c6b2f",
    foreground="#1d2125",
    background="#fbfaf7",
    surface="#f1efe9",
    panel="#e5e2da",
    dark=False,
)
HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#00ffff",
    secondary="#ffffff",
    accent="#ffff00",
    warning="#ffff00",
    error="#ff8080",
    success="#80ff80",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#202020",
    dark=True,
    text_alpha=1.0,
)
MONO = Theme(
    name="mono",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#ffffff",
    warning="#ffffff",
    error="#ffffff",
    success="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    text_alpha=1.0,
)

THEMES = (DARK, LIGHT, HIGH_CONTRAST, MONO)


class WholeCells(ScrollBarRender):
    """A scrollbar whose thumb begins and ends at cell edges: eighths of a cell read as letters where text ends."""

    VERTICAL_BARS = [" "]  # noqa: RUF012 - Textual's own declaration
    HORIZONTAL_BARS = [" "]  # noqa: RUF012 - Textual's own declaration


NOTICES = """
Toast { width: 60; max-width: 75%; }
"""
"""Notices are sentences: room for them on 80 columns."""

ASCII_BORDERS = """
.-ascii MainScreen DetailsPane, .-ascii Workbench.-wide #source { border-left: ascii $panel; }
.-ascii JobsScreen #steps, .-ascii Workbench #findings { border-top: ascii $panel; }
.-ascii Toast.-information { border-left: ascii $success; }
.-ascii Toast.-warning { border-left: ascii $warning; }
.-ascii Toast.-error { border-left: ascii $error; }
.-ascii ConsolePane { border: ascii $panel; }
.-ascii ConsolePane:focus { border: ascii $primary; }
.-ascii ConsolePane.-broadcast, .-ascii ConsolePane.-broadcast:focus { border: ascii $error; }
"""
"""The borders of a terminal that has no lines to draw with; an app that is to be ASCII has the class ``-ascii``."""


def register_themes(app: App[None], start: str = DARK.name) -> None:
    """Make the four themes known to an app and start with one of them, or one of Textual's own.

    Raises:
        SettingsError: There is no theme of that name.
    """
    ScrollBar.renderer = WholeCells
    for theme in THEMES:
        app.register_theme(theme)
    if start not in app.available_themes:
        names = ", ".join(theme.name for theme in THEMES)
        raise SettingsError(f'tui.theme: there is no theme "{start}"', remedy=f"use one of {names}")
    app.theme = start


def next_theme(name: str) -> str:
    """The theme after this one, round and round."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


class Colourless(LineFilter):
    """Leaves no colour code at all in what is sent to the terminal.

    Where a theme says something by background alone (a cursor, a focused field), reverse video says it instead.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Strip colours from the segments of one line."""
        return [Segment(text, _colourless(style, background), control) for text, style, control in segments]


def _colourless(style: Style | None, background: Color) -> Style | None:
    if style is None:
        return None
    bare = style.without_color
    if style.bgcolor is not None and style.color is not None and _is_light(style.bgcolor):
        return bare + Style(reverse=not style.reverse)
    return bare


def _is_light(color: RichColor) -> bool:
    if color.is_default:
        return False
    red, green, blue = color.get_truecolor()
    return red * 299 + green * 587 + blue * 114 > 128_000
