"""A short tour of the demo fleet without a terminal: drives the real screen by keys and prints what it shows.

``python -m tui.tour`` exits with 0 only if every screen showed what it should. For a look at a fresh installation and
for continuous integration.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from core.hypervisor.model import DomainState
from core.inventory.snapshot import InventorySnapshot, VmView
from core.settings import Settings
from tui.app import QuarryApp
from tui.composition import open_demo
from tui.history import History

SIZE = (120, 30)
PATIENCE_S = 10.0
"""How long a screen may take to show what it should."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the tour.

    Attributes:
        title: What is shown here.
        keys: What is pressed to get here.
        shows: Texts that must be on the screen.
        hides: Texts that must not.
    """

    title: str
    keys: Sequence[str]
    shows: Sequence[str]
    hides: Sequence[str] = ()


def plan_stops(snapshot: InventorySnapshot) -> list[Stop]:
    """The tour for a fleet: what to press and what must then be seen."""
    first = snapshot.containers[0]
    one, two = _running(first.vms)[:2]
    total = sum(len(container.vms) for container in snapshot.containers)
    last = first.vms[-1]
    down = [vm.key for vm in first.vms].index
    steps = down(two.key) - down(one.key)
    return [
        Stop("The tree, labelled as a demo", ["g"], [first.name, one.name, "running", "DEMO"]),
        Stop("Every container folded", ["z", "M"], [first.name, snapshot.containers[-1].name], [one.name]),
        Stop("All open again", ["z", "R"], [one.name]),
        Stop("A filter as it is typed", ["/", *f"host:{first.name}"], [f"of {total}", last.name]),
        Stop("The filter kept", ["enter"], [one.name], [snapshot.containers[1].vms[0].name]),
        Stop(
            "Two running VMs marked",
            ["g", *["j"] * (1 + down(one.key)), "space", *["j"] * (steps - 1), "space"],
            ["2 marked"],
        ),
        Stop("The plan to pause them", ["p"], ["Pause 2", one.name, two.name, "Esc"]),
        Stop("Both paused after y", ["y"], ["‖ paused"], ["Pause 2 VMs"]),
        Stop("Marks and filter peeled off by Esc", ["escape", "escape"], [snapshot.containers[1].name]),
        Stop("Details of one VM", ["g", "}", "j", "enter"], [first.vms[0].name, _mac(first.vms[0])]),
        Stop("A command line, the same as quarry takes", [":", *"list membership"], [":", "list membership"]),
        Stop("What it printed", ["enter"], ["MEMBERSHIP", "Compute"]),
        Stop("Help, searched", ["escape", "?", *"power off"], ["Power off; the dialog also offers"]),
    ]


async def tour(write: Callable[[str], None]) -> list[str]:
    """Go round and print every screen; the complaints, none when all was as it should be."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory(prefix="quarry-tour-") as folder:
        fleet = open_demo(Settings(), frozen=True)
        try:
            app = QuarryApp(fleet, Settings(), history=History(Path(folder) / "history"))
            async with app.run_test(size=SIZE) as pilot:
                if not await _until(pilot, lambda: _known(fleet.snapshot())):
                    return ["the demo fleet did not come up"]
                for stop in plan_stops(fleet.snapshot()):
                    complaints += await _visit(pilot, stop, write)
        finally:
            fleet.close()
    return complaints


def screen_text(app: App[None]) -> str:
    """The whole screen as plain text, as a terminal would show it."""
    strips = app.screen._compositor.render_strips()
    lines = ("".join(segment.text for segment in strip).rstrip() for strip in strips)
    return "\n".join(lines).replace("\u00a0", " ")


async def _visit(pilot: Pilot[None], stop: Stop, write: Callable[[str], None]) -> list[str]:
    for key in stop.keys:
        await pilot.press(key)

    def wrong() -> list[str]:
        text = screen_text(pilot.app)
        return [f'"{one}" is missing' for one in stop.shows if one not in text] + [
            f'"{one}" should be gone' for one in stop.hides if one in text
        ]

    await _until(pilot, lambda: not wrong())
    found = wrong()
    write(f"\n== {stop.title}: {'ok' if not found else '; '.join(found)}\n{screen_text(pilot.app)}\n")
    return [f"{stop.title}: {one}" for one in found]


async def _until(pilot: Pilot[None], holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        await pilot.pause(0.05)
    return True


def _known(snapshot: InventorySnapshot) -> bool:
    return bool(snapshot.containers) and all(len(_running(one.vms)) >= 2 for one in snapshot.containers)


def _running(vms: Sequence[VmView]) -> list[VmView]:
    return [vm for vm in vms if vm.state is DomainState.RUNNING and vm.record is not None]


def _mac(vm: VmView) -> str:
    return vm.interfaces[0].mac


def main() -> int:
    """Print the tour; 0 only if every screen showed what it should."""
    complaints = asyncio.run(tour(lambda text: print(text, end="")))
    for one in complaints:
        print(f"error - {one}", file=sys.stderr)
    print(f"\nthe tour {'found ' + str(len(complaints)) + ' wrong' if complaints else 'is complete'}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
