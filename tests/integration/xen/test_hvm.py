"""A fully virtualized VM on real Xen, by Quarry's commands and by keys."""

from __future__ import annotations

import asyncio

import pytest

from core.hypervisor.model import DomainState
from tests.integration.xen.consoles import leave, prompted
from tests.integration.xen.house import FIRST, XenHouse, eventually
from tests.integration.xen.screen import becomes, confirmed, removed, seated, shut_down

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]


async def test_a_whole_life(house: XenHouse) -> None:
    """Booted once, by command; then by command and by key, because a boot takes a minute and more here."""
    name = await asyncio.to_thread(by_command, house)
    async with seated(house) as seat:
        await seat.state(name, DomainState.RUNNING)
        await seat.go_to(name)
        await confirmed(seat, "p")
        await becomes(seat, name, DomainState.PAUSED, "‖ paused")
        await seat.press("p")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await confirmed(seat, "w")
        await becomes(seat, name, DomainState.SAVED, "◌ saved")
        await confirmed(seat, "r")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        assert (await asyncio.to_thread(house.ticks_on, name))[0] == 1, "it went on where it was"
        await asyncio.to_thread(reboots, house, name)
        await seat.state(name, DomainState.RUNNING)
        await asyncio.to_thread(house.boots, name, 2)
        await shut_down(seat, name)
        await becomes(seat, name, DomainState.SHUT_OFF, "○ off")
        await seat.press("s")
        await becomes(seat, name, DomainState.RUNNING, "● running")
        await asyncio.to_thread(house.run, f"stop host vm {name}")
        await becomes(seat, name, DomainState.SHUT_OFF, "○ off")
        await removed(seat, name)
    assert await asyncio.to_thread(house.facts, name) is None
    assert await asyncio.to_thread(house.run, "list host vm") == ""


def by_command(house: XenHouse) -> str:
    """From `add` to `restore`; returns its name."""
    name = house.hvm()
    house.run(f"start host vm {name}")
    assert house.status(name) == "active"
    xml = house.run(f"report host vm config {name}")
    assert ">hvm</type>" in xml and "<emulator>" not in xml, "Debian's libxl names a device model that is not there"
    first_id = house.domain_id(name)
    assert house.ticks_on(name)[0] == 1
    assert house.machines[FIRST].ssh(f"ls /sys/class/net/xenbr0/brif | grep -cx vif{first_id}.0").strip() == "1"

    console = prompted(house, name)
    console.send(b"echo $((6 * 7)); cat /proc/cmdline\r")
    console.expect(rb"\r\n42\r\n.*console=ttyS0")
    leave(console)

    house.run(f"pause host vm {name}")
    assert house.status(name) == "paused"
    house.run(f"resume host vm {name}")
    house.run(f"save host vm {name}")
    assert house.status(name) == "saved"
    house.run(f"restore host vm {name}")
    assert house.status(name) == "active"
    assert house.ticks_on(name)[0] == 1, "it went on where it was"
    return name


def reboots(house: XenHouse, name: str) -> None:
    """It comes back with a new id."""
    before = house.domain_id(name)
    house.run(f"stop host vm {name} action=reboot")
    eventually(lambda: (now := house.domain_id(name)) and now != before)
    assert house.status(name) == "active"
