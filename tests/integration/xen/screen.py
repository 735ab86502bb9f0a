"""The screen on a real dom0, driven by keys alone and looked at with patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from core.hypervisor.model import DomainState
from tests.integration.fleet.screen import Seat
from tests.integration.xen.house import XenHouse
from tui.app import QuarryApp
from tui.composition import open_fleet
from tui.history import History
from tui.screens.plan import PlanScreen

LONG_S = 600.0


class PatientSeat(Seat):
    """Looks now and then only: the machine has better to do than to draw the screen."""

    async def until(self, condition: Callable[[], object], within_s: float = LONG_S) -> float:
        """Wait until it is so; returns how many seconds it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() < began + LONG_S, f"it did not come about; the screen shows\n{self.text}"
            await self.pilot.pause(0.5)
        return time.monotonic() - began


@asynccontextmanager
async def seated(house: XenHouse) -> AsyncIterator[PatientSeat]:
    """The screen on the house's store, connected to its container."""
    fleet = await asyncio.to_thread(open_fleet, house.settings)
    try:
        app = QuarryApp(fleet, house.settings, history=History(house.folder / "history"))
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            seat = PatientSeat(app, pilot)
            await seat.until(lambda: all(one.link.value == "up" for one in fleet.snapshot().containers))
            yield seat
    finally:
        await asyncio.to_thread(fleet.close)


async def confirmed(seat: Seat, key: str) -> None:
    """Press an action's key and y in its dialog."""
    await seat.press(key)
    await seat.dialog(PlanScreen)
    await seat.press("y")


async def shut_down(seat: PatientSeat, name: str) -> None:
    """Ask the guest to shut down, which the stop dialog offers instead of the power's end."""
    await seat.press("S")
    await seat.dialog(PlanScreen)
    await seat.press("s")
    await seat.until(lambda: f"Shut down {name}" in seat.text)
    await seat.press("y")


async def becomes(seat: Seat, name: str, state: DomainState, shown: str) -> None:
    """Wait until a VM is in a state, the tree says so, and nobody holds it: then the next key is obeyed."""
    await seat.state(name, state)
    # Its container tells sooner that it is off than the store tells that the command which did it has let go of it.
    await seat.until(lambda: (vm := seat.vm(name)) is not None and vm.lock is None)
    await seat.until(lambda: seat.app.screen is seat.app.main and not seat.app.lifecycle.runs)
    await seat.shows(name, shown)


async def removed(seat: Seat, name: str) -> None:
    """Remove the VM under the cursor, with its name typed in the dialog."""
    await seat.press("X")
    await seat.dialog(PlanScreen)
    await seat.type(name)
    await seat.until(lambda: seat.vm(name) is None)
