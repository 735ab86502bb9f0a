"""The screen on a real dom0, by keys alone: a para VM's life, with a reboot that takes the domain away."""

from __future__ import annotations

import asyncio
import time

import pytest

from core.hypervisor.model import DomainState
from tests.integration.xen.house import XenHouse
from tests.integration.xen.screen import LONG_S, PatientSeat, becomes, confirmed, removed, seated

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]


async def reboots(seat: PatientSeat, house: XenHouse, name: str) -> None:
    """Reboot it from the command bar: the domain goes and comes back with a new id, and is never shown as off."""
    before = await asyncio.to_thread(house.domain_id, name)
    states: list[DomainState] = []

    def is_back() -> bool:
        vm = seat.vm(name)
        assert vm is not None and vm.defined
        states.append(vm.state)
        return DomainState.SHUTTING_DOWN in states and vm.state is DomainState.RUNNING

    await seat.press(":")
    await seat.type(f"stop host vm {name} action=reboot")
    give_up_at = time.monotonic() + LONG_S
    while not is_back():
        assert time.monotonic() < give_up_at, f"it did not come back; the screen shows\n{seat.text}"
        await seat.press("ctrl+r")
        await seat.pilot.pause(1.0)
    assert DomainState.SHUT_OFF not in states
    assert await asyncio.to_thread(house.domain_id, name) not in (None, before)


async def test_every_lifecycle_key(house: XenHouse) -> None:
    name = await asyncio.to_thread(house.add_vm)
    async with seated(house) as seat:
        await seat.until(lambda: seat.line(name))
        assert "Domain-0" not in seat.text
        await seat.go_to(name)
        await seat.press("s")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await asyncio.to_thread(house.ticks_on, name)
        await confirmed(seat, "p")
        await becomes(seat, name, DomainState.PAUSED, "‖ paused")
        await seat.press("p")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await reboots(seat, house, name)
        await asyncio.to_thread(house.boots, name, 2)
        await confirmed(seat, "w")
        await becomes(seat, name, DomainState.SAVED, "◌ saved")
        await confirmed(seat, "r")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await asyncio.to_thread(house.ticks_on, name)
        await confirmed(seat, "S")
        await becomes(seat, name, DomainState.SHUT_OFF, "○ off")
        await removed(seat, name)
    assert await asyncio.to_thread(house.facts, name) is None
