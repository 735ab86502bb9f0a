"""The whole screen on 500 containers and 10,000 VMs: store, inventory, bridge, tree, terminal; no wire.

On a pseudo-terminal, as a process of its own: memory, processor time and bytes. In this process, with a driver that
notes when it is told to write: keys and events while a thousand events a second arrive.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import tui  # noqa: F401 - sets how often Textual may paint, before Textual is imported

# isort: split
from core.hypervisor.model import EventKind
from core.settings import Settings
from core.store.records import Scope
from core.store.store import Store
from tests.bench.app_process import open_synthetic
from tests.bench.bench_store import CONTAINERS, VMS_EACH, fill
from tests.bench.bench_tree import CountingDriver, first_write, key_to_frame
from tests.bench.figures import Figure, emit, p95
from tests.bench.section_start import surroundings
from tests.bench.storm import storm
from tests.bench.terminal import Terminal
from tui.app import QuarryApp
from tui.composition import ComposedFleet
from tui.history import History
from tui.screens.main import MainScreen

EVENTS_A_SECOND = 1000
STORM_S = 10.0
QUIET_S = 10.0
ALL = CONTAINERS * VMS_EACH


def measure() -> None:
    """Print the rows."""
    with tempfile.TemporaryDirectory() as name:
        store = Path(name) / "bench.sqlite"
        with Store.open(f"sqlite:///{store}") as opened:
            fill_with_containers(opened)
        on_a_terminal(Path(name), store)
        asyncio.run(in_a_storm(Path(name), store))
        asyncio.run(visible_rows(Path(name), store))


def fill_with_containers(store: Store) -> None:
    """500 containers with 20 VMs each, all with a URI."""
    fill(store)
    with store.begin() as rows:
        rows.attributes.set(Scope.GLOBAL, None, "libvirt_uri", "synthetic://{host}/")


def on_a_terminal(folder: Path, store: Path) -> None:
    """Memory, idle cost and bytes of the real thing."""
    words = [sys.executable, "-m", "tests.bench.app_process", str(store)]
    environment = surroundings(folder, store)
    with Terminal(words, environment) as terminal:
        terminal.until(b"compute-0-0-0")
        terminal.read(10.0)
        emit(
            Figure(
                f"memory of the whole process, {ALL:,} VMs", terminal.resident_mb, "MB", 250, terminal.memory_parts
            )
        )
    with Terminal([*words, "quiet"], environment) as terminal:
        terminal.until(b"compute-0-0-0")
        terminal.read(8.0)
        moves = []
        for key in b"jjjjjjjjjjkkkkkkkkkk":
            before = terminal.written
            terminal.send(bytes([key]))
            terminal.read(0.5)
            moves.append(terminal.written - before)
        note = f"most {max(moves):.0f} B; details pane included"
        emit(Figure("bytes to the terminal for a cursor move, 120x40", statistics.median(moves), "B", 2000, note))
        before, cpu = terminal.written, terminal.cpu_s
        terminal.read(QUIET_S)
        share = (terminal.cpu_s - cpu) / QUIET_S * 100
        emit(Figure("processor when nothing happens", share, "%", 1))
        emit(Figure("bytes to the terminal when nothing changes", (terminal.written - before) / QUIET_S, "B/s", 200))


async def in_a_storm(folder: Path, store: Path) -> None:
    """From keys and events to what the terminal is told."""
    fleet, connections = open_synthetic(Store.open(f"sqlite:///{store}"))
    await fleet_known(fleet)
    app = QuarryApp(fleet, Settings(), history=History(folder / "history"))
    app.driver_class = CountingDriver
    began = time.perf_counter()
    CountingDriver.watch = None
    running = asyncio.create_task(app.run_async(size=(120, 40)))
    shown = await first_write(lambda data: "compute-0-0-0" in data, began_now(began))
    emit(Figure(f"first full tree on screen once the inventory is known, {ALL:,} VMs", shown, "s", 1))
    await asyncio.sleep(3.0)
    probe = fleet.snapshot().containers[0].vms[3].key
    keys: list[float] = []
    events: list[float] = []
    others = [vm.key for container in fleet.snapshot().containers[1:] for vm in container.vms]
    chance = random.Random(1)

    def change_one(number: int) -> None:
        one = chance.choice(others)
        connections.get(one.container).change(one.uuid, EventKind.CHANGED, memory_kib=262_144 + number)

    with storm(EVENTS_A_SECOND, change_one):
        await asyncio.sleep(1.0)
        ends, number = time.perf_counter() + STORM_S, 0
        while time.perf_counter() < ends:
            number += 1
            keys.append(await key_to_frame(app, "j" if number % 2 else "k"))
            await asyncio.sleep(0.03)
            marker = f"{100 + number}M"

            async def change(size: int = 100 + number) -> float:
                at = time.perf_counter()
                connections.get(probe.container).change(probe.uuid, EventKind.CHANGED, memory_kib=size * 1024)
                return at

            events.append(await first_write(lambda data, marker=marker: marker in data, change))  # type: ignore[misc]
    label = f"at {EVENTS_A_SECOND:,} events/s on {ALL:,} VMs, p95"
    emit(Figure(f"key to painted frame {label}", p95(keys) * 1e3, "ms", 16, middle(keys)))
    emit(Figure(f"event to painted row {label}", p95(events) * 1e3, "ms", 100, middle(events)))
    app.exit()
    await running
    await asyncio.to_thread(fleet.close)


def middle(samples: list[float]) -> str:
    """The median as a note."""
    return f"median {statistics.median(samples) * 1e3:.0f} ms of {len(samples)}"


def began_now(began: float) -> Callable[[], Awaitable[float]]:
    """A cause that happened already, for `first_write`."""

    async def cause() -> float:
        return began

    return cause


async def fleet_known(fleet: ComposedFleet) -> None:
    """Wait until every container was listed."""
    while not (found := fleet.snapshot().containers) or any(one.host is None for one in found):
        await asyncio.sleep(0.02)


async def visible_rows(folder: Path, store: Path) -> None:
    """How many VMs the tree shows on the smallest usual terminal."""
    fleet, _ = open_synthetic(Store.open(f"sqlite:///{store}"))
    await fleet_known(fleet)
    app = QuarryApp(fleet, Settings(), history=History(folder / "history"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.main
        assert isinstance(screen, MainScreen)
        while not screen.fleet_tree.model.rows:
            await pilot.pause(0.02)
        # One container fills the window: its VMs, without its own row.
        await pilot.press("j")
        await pilot.pause(0.3)
        strips = app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip) for strip in strips]
        count = sum(" compute-" in line and ("●" in line or "‖" in line or "○" in line) for line in lines)
        emit(Figure("VMs visible at 80x24", count, "VMs", 18, at_least=True))
    await asyncio.to_thread(fleet.close)
