"""How roles look: component classes, their colours from the theme, and the palette of a widget."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from tui.render.lines import Role
from tui.render.strips import Palette

ROLE_CLASSES = frozenset(f"line--{role.value}" for role in Role) | {
    "line--cursor",
    "line--cursor-blurred",
    "line--found",
}
"""Component classes of every widget that paints lines."""

_COLOURS = {
    "dim": "color: $text-muted;",
    "graph": "color: $secondary;",
    "title": "color: $text-muted; text-style: bold;",
    "group": "text-style: bold;",
    "running": "color: $text-success;",
    "paused": "color: $text-warning;",
    "saved": "color: $text-accent;",
    "off": "color: $text-muted;",
    "busy": "color: $text-primary;",
    "crashed": "color: $text-error; text-style: bold;",
    "unknown": "color: $text-muted;",
    "warning": "color: $text-warning;",
    "mark": "color: $text-accent; text-style: bold;",
    "cursor": "background: $block-cursor-background; color: $block-cursor-foreground;",
    "cursor-blurred": "background: $block-cursor-blurred-background; text-style: bold;",
    "found": "text-style: reverse;",
}

_MIDDLE_GREY = 128_000
"""Weighted sum of a colour's parts, in thousandths, from which it counts as light."""


def role_css(widget: str) -> str:
    """Rules for a widget class: colour says the state and nothing else."""
    return "\n".join(f"{widget} > .line--{name} {{ {rule} }}" for name, rule in _COLOURS.items())


def palette_of(widget: Widget) -> Palette:
    """The style of every role in a widget under the present theme."""
    palette: dict[Role, Style] = {role: widget.get_component_rich_style(f"line--{role.value}") for role in Role}
    return palette


def readable(style: Style) -> Style:
    """The style with black or white text, whichever reads better on its background; themes leave that to chance."""
    if style.bgcolor is None or style.bgcolor.is_default:
        return style
    red, green, blue = style.bgcolor.get_truecolor()
    light = red * 299 + green * 587 + blue * 114 > _MIDDLE_GREY
    return style + Style(color="#000000" if light else "#ffffff")
