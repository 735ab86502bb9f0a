"""An app that shows nothing but consoles, over real processes on pseudo terminals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App

from core.console.line import Opener
from core.console.openers import CommandOpener
from core.console.session import ConsoleSession
from tui.screens.consoles import ConsolesScreen
from tui.widgets.console import ConsolePane

ECHO = "sh -c 'stty -echo; echo hello from $0; while read line; do echo got $line; done' NAME"


class ConsolesApp(App[None]):
    """See the module."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        super().__init__()
        self.sessions: dict[str, ConsoleSession] = {}
        self.consoles = ConsolesScreen(
            "ctrl+]", lambda: folder, released=lambda name: self.sessions.pop(name).close(), read_only=read_only
        )
        self.install_screen(self.consoles, "consoles")

    def on_mount(self) -> None:
        self.push_screen("consoles")

    def on_unmount(self) -> None:
        for session in self.sessions.values():
            session.close()

    @property
    def pane(self) -> ConsolePane:
        """The first console."""
        return self.consoles.panes[0]

    async def open(self, name: str, command: str = "") -> None:
        """Open a command as a machine's console; without one, something that echoes lines."""
        await self.open_on(name, CommandOpener(name, command or ECHO.replace("NAME", name)))

    async def open_on(self, name: str, opener: Opener) -> None:
        """Open whatever this opener opens."""
        session = self.sessions.setdefault(name, ConsoleSession(name, opener))
        session.start()
        await self.consoles.open(session)


async def eventually(happened: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait for something that comes from other threads."""
    for _ in range(int(timeout_s / 0.05)):
        if happened():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it never happened")


def shown(app: ConsolesApp, name: str) -> str:
    """What the guest's terminal holds, as far as its pane knows."""
    return next(pane for pane in app.consoles.panes if pane.session.name == name).shown_text()


def seen(app: App[None]) -> str:
    """The whole screen as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
