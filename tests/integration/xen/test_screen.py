"""The screen on a real dom0, by keys alone: a para VM's life, with a reboot that takes the domain away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.hypervisor.model import DomainState
from tests.integration.fleet.screen import Seat
from tests.integration.xen.house import DISKS, FIRST, XenHouse
from tui.app import QuarryApp
from tui.composition import open_fleet
from tui.history import History
from tui.screens.plan import PlanScreen

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

LONG_S = 300.0


@asynccontextmanager
async def seated(house: XenHouse) -> AsyncIterator[Seat]:
    """The screen on the house's store, connected to its container."""
    fleet = open_fleet(house.settings)
    try:
        app = QuarryApp(fleet, house.settings, history=History(house.folder / "history"))
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            seat = Seat(app, pilot)
            await seat.until(lambda: all(one.link.value == "up" for one in fleet.snapshot().containers), LONG_S)
            yield seat
    finally:
        await asyncio.to_thread(fleet.close)


async def confirmed(seat: Seat, key: str) -> None:
    """Press an action's key and y in its dialog."""
    await seat.press(key)
    await seat.dialog(PlanScreen)
    await seat.press("y")


async def becomes(seat: Seat, name: str, state: DomainState, shown: str) -> None:
    """Wait until a VM is in a state and the tree says so."""
    await seat.state(name, state, LONG_S)
    await seat.until(lambda: seat.app.screen is seat.app.main and not seat.app.lifecycle.runs, LONG_S)
    await seat.shows(name, shown)


@pytest.mark.parametrize("virt_type", ["para", "hvm"])
async def test_every_lifecycle_key(house: XenHouse, virt_type: str) -> None:
    name = await asyncio.to_thread(house.hvm if virt_type == "hvm" else house.add_vm)
    async with seated(house) as seat:
        await seat.until(lambda: seat.line(name), LONG_S)
        assert "Domain-0" not in seat.text
        await seat.go_to(name)
        await seat.press("s")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await asyncio.to_thread(house.ticks_on, name)
        await confirmed(seat, "p")
        await becomes(seat, name, DomainState.PAUSED, "‖ paused")
        await seat.press("p")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await confirmed(seat, "w")
        await becomes(seat, name, DomainState.SAVED, "◌ saved")
        await confirmed(seat, "r")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await confirmed(seat, "S")
        await becomes(seat, name, DomainState.SHUT_OFF, "○ off")
        await seat.press("X")
        await seat.dialog(PlanScreen)
        await seat.type(name)
        await seat.until(lambda: seat.vm(name) is None, LONG_S)
    assert house.facts(name) is None
    assert await asyncio.to_thread(house.machines[FIRST].ssh, f"ls {DISKS}") != ""


async def test_a_reboot_is_never_shown_as_off(house: XenHouse) -> None:
    name = await asyncio.to_thread(house.add_vm)
    await asyncio.to_thread(house.run, f"start host vm {name}")
    await asyncio.to_thread(house.ticks_on, name)
    before = house.domain_id(name)
    states: set[DomainState] = set()
    async with seated(house) as seat:
        await seat.state(name, DomainState.RUNNING, LONG_S)

        def is_back() -> bool:
            vm = seat.vm(name)
            assert vm is not None and vm.defined
            states.add(vm.state)
            return DomainState.SHUTTING_DOWN in states and vm.state is DomainState.RUNNING

        await seat.press(":")
        await seat.type(f"stop host vm {name} action=reboot")
        for _ in range(120):
            if is_back():
                break
            await seat.press("ctrl+r")
            await seat.pilot.pause(0.5)
        await seat.until(is_back, LONG_S)
    assert DomainState.SHUT_OFF not in states
    assert house.domain_id(name) not in (None, before)
