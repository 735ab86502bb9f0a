"""What a pane's border and the line of names say of a console. Pure."""

from __future__ import annotations

from core.console.line import SessionState
from core.console.session import ConsoleSession
from tui.render.text import clean
from tui.widgets.console.notice import GLYPHS


def label(session: ConsoleSession, *, ascii_only: bool) -> str:
    """Name and state, for where there is little room."""
    return f"{GLYPHS[session.status.state][1 if ascii_only else 0]} {clean(session.name)}"


def title(session: ConsoleSession, *, ascii_only: bool) -> str:
    """Name, state and boot stage in a few words."""
    stage = session.stage
    return label(session, ascii_only=ascii_only) + (f"  boot: {clean(stage.text)}" if stage else "")


def notes(session: ConsoleSession, *, attached: bool, deaf: bool, lines_back: int) -> str:
    """What else there is to say, separated by dots.

    Args:
        attached: Typing goes to the guest.
        deaf: What was typed last did not go out.
        lines_back: How far the pane looks back.
    """
    status = session.status
    said = [] if attached else ["VIEW"]
    if status.state is not SessionState.OPEN:
        said.append(status.state.value)
    elif deaf:
        said.append("takes no input")
    if session.keeper.log_path:
        said.append("log on")
    if session.keeper.is_recording:
        said.append("recording")
    if session.keeper.trouble:
        said.append(clean(session.keeper.trouble))
    if lines_back:
        said.append(f"{lines_back} lines back")
    elif attached and session.history_shown and status.state is SessionState.OPEN:
        said.append(f"history {max(1, session.history_shown // 1024)} KB before attach")
    return " · ".join(said)
