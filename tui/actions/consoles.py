"""Opening, watching and returning to serial consoles, and saying what they alert of."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from core.console.session import ConsoleSession
from core.console.watch import Stage
from core.outcome import Refused
from tui.background import in_background
from tui.crash import state_folder
from tui.screens.consoles import ConsolesScreen
from tui.text import count

if TYPE_CHECKING:
    from tui.app import QuarryApp

SCREEN = "consoles"
"""Name of the installed screen."""
MOST = 12
"""Consoles opened by one action at most."""


class ConsoleAlerts(Message):
    """A console said something an operator must know. Posted from its session's thread."""

    def __init__(self, name: str, stage: Stage) -> None:
        super().__init__()
        self.name = name
        self.stage = stage


class Consoles:
    """What the app does with consoles. Lives on the screen's thread."""

    def __init__(self, app: QuarryApp) -> None:
        settings = app.settings
        self._app = app
        self._folder = settings.console.log_folder
        self.screen = ConsolesScreen(
            settings.console.escape,
            self._log_folder,
            released=app.fleet.consoles.release,
            keymap=app.keymap,
            ascii_only=settings.tui.ascii,
            read_only=app.fleet.read_only,
        )

    def begin(self) -> None:
        """Install the screen; listen for alerts."""
        self._app.install_screen(self.screen, SCREEN)
        self._app.fleet.consoles.subscribe(self._alerted)

    async def open(self, names: Sequence[str]) -> None:
        """Open the consoles of machines and go to them; say of each that cannot be opened why."""
        if not names:
            self._app.say("No VM here to open the console of.", severity="warning")
            return
        if len(names) > MOST:
            self._app.say(f"{len(names)} consoles are too many at once: {MOST} at most.", severity="warning")
            return
        sessions: list[ConsoleSession] = []
        for name in names:
            session = await in_background(partial(self._app.fleet.consoles.open, name), "console")
            if isinstance(session, Refused):
                self._app.say(session.reason, severity="warning")
            else:
                sessions.append(session)
        if sessions:
            await self.show()
            await self.screen.open(*sessions)

    async def show(self) -> None:
        """Go to the screen of consoles."""
        self._app.last_page = "view.consoles"
        if self.screen not in self._app.screen_stack:
            await self._app.push_screen(SCREEN)

    async def back(self) -> None:
        """Go to the consoles that are open, if there are any."""
        if self.screen.panes:
            await self.show()
        else:
            self._app.say("No console is open.", severity="warning")

    async def watch(self, names: Sequence[str]) -> None:
        """Watch machines, or stop when all of them are watched."""
        desk = self._app.fleet.consoles
        if names and set(names) <= desk.watched:
            for name in names:
                desk.unwatch(name)
            self._app.say(f"{_subject(names)} no longer watched")
            return
        done: list[str] = []
        for name in names:
            session = await in_background(partial(desk.watch, name), "console")
            if isinstance(session, Refused):
                self._app.say(session.reason, severity="warning")
                break
            done.append(name)
        if done:
            self._app.say(f"{_subject(done)} watched: the boot stage is in the tree, filter boot:panic")
        elif not names:
            self._app.say("No VM here to watch.", severity="warning")

    def named(self, words: str) -> list[str]:
        """The machines that a line's words name; ``*``, ``?`` and ``[0-3]`` stand for several VMs."""
        known = list(self._app.fleet.snapshot().by_name())
        names: list[str] = []
        for word in words.split():
            found = [name for name in known if fnmatchcase(name, word)] if set(word) & set("*?[") else [word]
            names += [name for name in found or [word] if name not in names]
        return names

    def tell(self, alert: ConsoleAlerts) -> None:
        """Say what a console alerted of."""
        self._app.say(f"{alert.name}: {alert.stage.name}: {alert.stage.line}", severity="error")

    def _alerted(self, name: str, stage: Stage) -> None:
        self._app.post_message(ConsoleAlerts(name, stage))

    def _log_folder(self) -> Path:
        return Path(self._folder).expanduser() if self._folder else state_folder() / "consoles"


def _subject(names: Sequence[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{count(len(names), 'console')} are"
