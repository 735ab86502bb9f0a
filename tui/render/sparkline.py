"""Histories as a row of little bars, newest at the right."""

from __future__ import annotations

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
"""Eight heights."""

ASCII_BARS = "_.-:=+*#"
"""Their twins for terminals without block characters."""


def sparkline(values: Sequence[float], width: int, *, high: float | None = 100.0, ascii_only: bool = False) -> str:
    """The last `width` values as bars, padded at the left while the history is shorter.

    Args:
        values: Oldest first.
        width: Cells to fill.
        high: The value of a full bar; None scales to the largest value shown.
        ascii_only: Use ASCII characters.
    """
    if width <= 0:
        return ""
    shown = values[-width:]
    if not shown:
        return " " * width
    bars = ASCII_BARS if ascii_only else BARS
    top = high if high is not None else max(shown)
    drawn = "".join(bars[_height(value, top)] for value in shown)
    return drawn.rjust(width)


def _height(value: float, top: float) -> int:
    if top <= 0 or not value > 0:
        return 0
    return 7 if value >= top else int(value / top * 8)
