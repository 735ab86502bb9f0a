"""The whole screen on the lab, driven by keys alone and read as text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.screen import Screen

from core.hypervisor.model import DomainState
from core.inventory.snapshot import VmKey, VmView
from tests.integration.fleet.house import House
from tests.tui.screens import screen_text
from tui.actions.recheck import Decision
from tui.app import QuarryApp
from tui.composition import open_fleet
from tui.history import History


@dataclass(slots=True)
class Seat:
    """An operator before the screen."""

    app: QuarryApp
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        """What the screen shows."""
        return screen_text(self.app)

    def vm(self, name: str) -> VmView | None:
        """The slice as the screen knows it."""
        return self.app.fleet.snapshot().by_name().get(name)

    def line(self, name: str) -> str:
        """The tree's line of a VM or container, empty when it is not on the screen."""
        lines = (line.partition("│")[0] for line in self.text.splitlines())
        return next((line for line in lines if f" {name} " in f"{line} "), "")

    async def until(self, condition: Callable[[], object], within_s: float = 30.0) -> float:
        """Wait until it is so; returns how many seconds it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() < began + within_s, f"it did not come about; the screen shows\n{self.text}"
            await self.pilot.pause(0.02)
        return time.monotonic() - began

    async def shows(self, name: str, *words: str, within_s: float = 30.0) -> float:
        """Wait until the line of a VM or container has these words."""
        return await self.until(lambda: all(word in self.line(name) for word in words), within_s)

    async def state(self, name: str, state: DomainState, within_s: float = 30.0) -> None:
        """Wait until a VM is in a state."""
        await self.until(lambda: (found := self.vm(name)) is not None and found.state is state, within_s)

    async def press(self, *keys: str) -> None:
        """Press keys and let the screen follow."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def go_to(self, name: str) -> None:
        """Move the cursor to a VM, from the top."""
        await self.press("g")
        tree = self.app.main.fleet_tree
        for _ in range(len(tree.model.rows) + 1):
            key = tree.cursor_key
            vm = self.app.fleet.snapshot().vm(key) if isinstance(key, VmKey) else None
            if vm is not None and vm.name == name:
                return
            await self.press("j")
        raise AssertionError(f"{name} is not in the tree\n{self.text}")

    async def mark(self, *names: str) -> None:
        """Mark VMs; no others stay marked."""
        await self.press("u")
        for name in names:
            await self.go_to(name)
            await self.press("space")

    @property
    def at_tree(self) -> bool:
        """No dialog and no page is open."""
        return self.app.screen is self.app.main

    async def dialog(self, kind: type[Screen[Decision | None]]) -> None:
        """Wait for a dialog."""
        await self.until(lambda: isinstance(self.app.screen, kind), 10)
        await self.pilot.pause()

    async def back_at_tree(self) -> None:
        """Wait until no dialog is open and nothing runs."""
        await self.until(lambda: self.at_tree and not self.app.lifecycle.runs, 60)

    async def type(self, text: str) -> None:
        """Type a phrase and press Enter."""
        await self.press(*("space" if one == " " else one for one in text), "enter")


@asynccontextmanager
async def seated(house: House, *, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Seat]:
    """Open the screen on the house's store; everything is closed afterwards."""
    settings = house.settings()
    fleet = open_fleet(settings)
    try:
        app = QuarryApp(fleet, settings, history=History(house.folder / "history"))
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Seat(app, pilot)
    finally:
        await asyncio.to_thread(fleet.close)
