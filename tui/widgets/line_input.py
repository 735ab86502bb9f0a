"""A line to type in."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Input


class LineInput(Input):
    """Textual's input without a blinking cursor: when nothing happens, nothing is sent to the terminal."""

    cursor_blink: reactive[bool] = reactive(False, init=False)
