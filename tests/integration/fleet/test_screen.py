"""Every lifecycle key on two marked VMs of two real containers, with the confirmations an operator gives."""

from __future__ import annotations

import pytest

from core.hypervisor.model import DomainState
from tests.integration.fleet.house import FIRST, NOT_DEFINED, SECOND, House
from tests.integration.fleet.screen import Seat, seated
from tests.integration.fleet.test_drift import define_stray
from tui.screens.plan import PlanScreen

pytestmark = pytest.mark.real

VM, OTHER = "compute-0-0-0", "compute-0-1-0"
BOTH = (VM, OTHER)
SOON_S = 5.0
"""Sooner than any listing made without an event; how soon is measured by tests.bench."""
SHOWN = {
    DomainState.RUNNING: "● running",
    DomainState.PAUSED: "‖ paused",
    DomainState.SAVED: "◌ saved",
    DomainState.SHUT_OFF: "○ off",
}


async def both_up(seat: Seat) -> None:
    """Both containers are connected and both VMs are in the tree."""
    await seat.until(lambda: all(one.link.value == "up" for one in seat.app.fleet.snapshot().containers))
    await seat.until(lambda: all(seat.line(name) for name in BOTH))


async def are(seat: Seat, house: House, state: DomainState) -> None:
    """Both VMs are in a state: in the inventory, on the screen, for virsh."""
    for name in BOTH:
        await seat.state(name, state)
    await seat.back_at_tree()
    for name in BOTH:
        await seat.shows(name, SHOWN[state])
    found = house.check_agreement()
    assert [found[name] for name in BOTH] == [state.value] * 2


async def test_every_lifecycle_key_on_two_marked_vms(house: House) -> None:
    house.fill(FIRST, SECOND)
    async with seated(house) as seat:
        await both_up(seat)
        await seat.until(lambda: "not defined" in seat.text, 20)
        await seat.mark(*BOTH)
        await seat.press("s")
        await are(seat, house, DomainState.RUNNING)

        await seat.press("p")
        await seat.dialog(PlanScreen)
        assert VM in seat.text and OTHER in seat.text
        await seat.press("enter")
        assert isinstance(seat.app.screen, PlanScreen), "Enter is never yes"
        await seat.press("y")
        await are(seat, house, DomainState.PAUSED)
        await seat.press("p")
        await are(seat, house, DomainState.RUNNING)

        await seat.press("w")
        await seat.dialog(PlanScreen)
        await seat.press("y")
        await are(seat, house, DomainState.SAVED)
        await seat.press("r")
        await seat.dialog(PlanScreen)
        await seat.press("y")
        await are(seat, house, DomainState.RUNNING)

        await seat.press("X")
        await seat.until(lambda: "stop it" in seat.text, 10)
        assert seat.at_tree

        await seat.press("S")
        await seat.dialog(PlanScreen)
        await seat.press("y")
        assert isinstance(seat.app.screen, PlanScreen), "VMs of two containers ask for the number"
        await seat.press("backspace")
        await seat.type("stop 2")
        await are(seat, house, DomainState.SHUT_OFF)

        await seat.press("X")
        await seat.dialog(PlanScreen)
        await seat.type("remove 3")
        assert isinstance(seat.app.screen, PlanScreen)
        await seat.press(*["backspace"] * 8)
        await seat.type("remove 2")
        await seat.until(lambda: seat.vm(VM) is None and seat.vm(OTHER) is None)
    assert house.check_agreement() == {}
    assert house.virsh_states() == {}


async def test_keys_of_one_vm_and_the_other_ways_to_stop(house: House) -> None:
    house.fill(FIRST, SECOND)
    house.quarry("start", "host", "vm", *BOTH)
    async with seated(house, size=(80, 24)) as seat:
        await both_up(seat)
        await seat.go_to(VM)
        await seat.press("S")
        await seat.dialog(PlanScreen)
        await seat.press("r")
        await seat.until(lambda: "Reset" in seat.text)
        await seat.press("y")
        await seat.back_at_tree()
        await seat.state(VM, DomainState.RUNNING)
        await seat.press("S")
        await seat.dialog(PlanScreen)
        house.lab.virsh(FIRST, "destroy", VM)
        await seat.state(VM, DomainState.SHUT_OFF)
        await seat.press("y")
        await seat.until(lambda: "off already" in seat.text or "changed" in seat.text, 10)
        assert house.check_agreement() == {VM: "shutoff", OTHER: "active"}


async def test_what_others_do_with_virsh_appears(house: House) -> None:
    house.fill(FIRST, SECOND)
    house.quarry("start", "host", "vm", *BOTH)
    async with seated(house) as seat:
        await both_up(seat)
        await seat.shows(VM, "● running")
        house.lab.virsh(FIRST, "suspend", VM)
        assert await seat.shows(VM, "‖ paused") < SOON_S
        house.lab.virsh(SECOND, "destroy", OTHER)
        assert await seat.shows(OTHER, "○ off") < SOON_S
        house.lab.virsh(SECOND, "undefine", OTHER)
        assert await seat.shows(OTHER, "≠") < SOON_S
        assert house.check_agreement() == {VM: "paused", OTHER: NOT_DEFINED}
        house.quarry("resume", "host", "vm", VM)
        assert await seat.shows(VM, "● running") < SOON_S


async def test_a_domain_nobody_knows_is_adopted_by_a_key(house: House) -> None:
    house.fill(FIRST)
    async with seated(house) as seat:
        await seat.until(lambda: seat.line(VM))
        define_stray(house, "stray-vm", SECOND)
        assert await seat.shows("stray-vm", "≠") < SOON_S
        await seat.go_to("stray-vm")
        await seat.press("=")
        await seat.dialog(PlanScreen)
        await seat.press("y")
        await seat.until(lambda: (found := seat.vm("stray-vm")) is not None and found.record is not None)
        await seat.until(lambda: seat.line("stray-vm") and "≠" not in seat.line("stray-vm"))
    assert house.check_agreement() == {VM: NOT_DEFINED, "stray-vm": "shutoff"}


async def test_the_command_bar_takes_the_lines_of_quarry(house: House) -> None:
    house.fill(FIRST)
    async with seated(house) as seat:
        await seat.until(lambda: seat.line(VM))
        await seat.press(":")
        await seat.type(f"add host vm {SECOND} Compute mem=96 disksize=1")
        await seat.until(lambda: seat.vm(OTHER) is not None)
        await seat.press(":")
        await seat.type(f"start host vm {OTHER}")
        await seat.state(OTHER, DomainState.RUNNING)
        assert house.check_agreement()[OTHER] == "active"


async def test_a_container_without_power_greys_and_recovers(house: House) -> None:
    house.fill(FIRST, SECOND)
    house.quarry("start", "host", "vm", *BOTH)
    async with seated(house) as seat:
        await both_up(seat)
        await seat.shows(VM, "● running")
        house.lab.kill_container(FIRST)
        try:
            await seat.shows(FIRST, "▼ down", within_s=15)
            assert "?" in seat.line(VM)
            await seat.go_to(VM)
            await seat.press("S")
            await seat.until(lambda: "which cannot" in seat.text, 10)  # a notice wraps its words
            await seat.press("escape")
            house.lab.virsh(SECOND, "suspend", OTHER)
            assert await seat.shows(OTHER, "‖ paused") < SOON_S
        finally:
            house.lab.revive(FIRST)
        await seat.shows(FIRST, "▲ up", within_s=20)
        await seat.shows(VM, "○ off", within_s=10)
        await seat.press("u")
        await seat.go_to(VM)
        await seat.press("s")
        await seat.state(VM, DomainState.RUNNING)
        assert house.check_agreement() == {VM: "active", OTHER: "paused"}


async def test_a_hung_container_costs_the_others_nothing(house: House) -> None:
    house.fill(FIRST, SECOND)
    house.quarry("start", "host", "vm", *BOTH)
    async with seated(house) as seat:
        await both_up(seat)
        house.lab.freeze(FIRST)
        try:
            house.lab.virsh(SECOND, "suspend", OTHER)
            assert await seat.shows(OTHER, "‖ paused") < SOON_S
            await seat.go_to(OTHER)
            await seat.press("p")
            await seat.shows(OTHER, "● running", within_s=15)
            await seat.shows(FIRST, "▼ down", within_s=20)
            await seat.shows(FIRST, "answer")
        finally:
            house.lab.thaw(FIRST)
        await seat.shows(FIRST, "▲ up", within_s=20)
        house.check_agreement()
