"""What a pane says below the guest's last words when there is no line to it. Pure."""

from __future__ import annotations

from textwrap import wrap

from core.console.line import SessionState, Status
from tui.render.text import clean

GLYPHS = {
    SessionState.OPENING: ("◐", "o"),
    SessionState.OPEN: ("●", "*"),
    SessionState.WAITING: ("○", "-"),
    SessionState.BUSY: ("⚿", "!"),
    SessionState.FAILED: ("✖", "x"),
    SessionState.CLOSED: ("○", "-"),
}
"""By state: the glyph and its ASCII twin."""

_WHAT_NOW = {
    SessionState.OPENING: "",
    SessionState.OPEN: "",
    SessionState.WAITING: "Enter tries now.",
    SessionState.BUSY: "t takes it over and cuts the other off; Enter tries again.",
    SessionState.FAILED: "Enter tries again now.",
    SessionState.CLOSED: "",
}


def notice_lines(status: Status, width: int, *, ascii_only: bool) -> list[str]:
    """The lines, none while the console is open. The keys they name work while the pane has the focus."""
    if status.state is SessionState.OPEN:
        return []
    glyph = GLYPHS[status.state][1 if ascii_only else 0]
    said = f"{status.state.value}: {clean(status.detail)}" if status.detail else status.state.value
    lines = wrap(f"{glyph} {said}", max(10, width - 1), subsequent_indent="  ")[:4]
    lines += wrap(_WHAT_NOW[status.state], max(10, width - 3), initial_indent="  ", subsequent_indent="  ")[:2]
    return lines
