"""How fast the tree is, in numbers: ``python -m tests.bench.bench_tree [containers] [slices]``.

Prints event to painted row, key to painted frame while events arrive, bytes to the terminal for a cursor move and
when nothing happens, and the cost of folding, filtering, sorting and removing. The app runs whole, in this process,
with a driver that counts what it is told to write instead of a terminal.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import tui  # noqa: F401 - sets how often Textual may paint, before Textual is imported

# isort: split
from textual import events
from textual.drivers.headless_driver import HeadlessDriver

from core.hypervisor.model import DomainState
from core.inventory.snapshot import ContainerView, InventorySnapshot
from core.settings import Settings
from tests.bench.storm import storm
from tests.builders import make_fleet
from tests.tui.fleets import ScriptedFleet
from tui.app import QuarryApp
from tui.filter import Filter, parse_filter
from tui.history import History
from tui.screens.main import MainScreen

SIZES = ((80, 24), (120, 40))
SECONDS = 8.0
EVENTS_A_SECOND = 1_000


class CountingDriver(HeadlessDriver):
    """Counts what would go to the terminal, and remembers when it was last told anything."""

    written = 0
    last_at_s = 0.0
    watch: Callable[[str], None] | None = None

    @property
    def is_headless(self) -> bool:
        """Have the app write as it does to a terminal."""
        return False

    def write(self, data: str) -> None:
        """Count instead of writing."""
        CountingDriver.written += len(data.encode())
        CountingDriver.last_at_s = time.perf_counter()
        if CountingDriver.watch is not None:
            CountingDriver.watch(data)


class BenchFleet(ScriptedFleet):
    """A scripted fleet whose slices change state on demand, as cheaply as the inventory does it."""

    def __init__(self, snapshot: InventorySnapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._lock = threading.Lock()

    def flip(self, box: int, at: int, marker: str | None = None) -> None:
        """Change one slice: its state, or its name to a marker."""
        with self._lock:
            before = self._snapshot
            container = before.containers[box]
            vm = container.vms[at]
            running = vm.state is DomainState.RUNNING
            changed = replace(vm, state=DomainState.PAUSED if running else DomainState.RUNNING)
            if marker is not None:
                changed = replace(vm, name=marker)
            fresh: ContainerView = replace(container, vms=(*container.vms[:at], changed, *container.vms[at + 1 :]))
            boxes = (*before.containers[:box], fresh, *before.containers[box + 1 :])
            self._snapshot = replace(before, serial=before.serial + 1, containers=boxes)
            serial = self._snapshot.serial
        for callback in list(self._subscribers):
            callback(serial)


def show(what: str, value: float, unit: str, target: str = "") -> None:
    """One line of the table."""
    print(f"{what:<58} {value:>10.1f} {unit:<6} {target}", flush=True, file=sys.__stdout__)


def p95(samples: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return statistics.quantiles(samples, n=20)[-1] * 1e3 if len(samples) > 1 else float("nan")


async def until_written(since: int, seconds: float = 2.0) -> float:
    """Wait until the driver was told something; returns when."""
    deadline = time.perf_counter() + seconds
    while CountingDriver.written == since and time.perf_counter() < deadline:
        await asyncio.sleep(0.0005)
    return CountingDriver.last_at_s


async def press(app: QuarryApp, key: str) -> float:
    """Press a key as the driver does; returns when."""
    pressed = time.perf_counter()
    app.post_message(events.Key(key, key if len(key) == 1 else None))
    return pressed


async def quiet_numbers(app: QuarryApp, fleet: BenchFleet, size: tuple[int, int]) -> None:
    """Bytes and keys while nothing else happens."""
    label = f"{size[0]}x{size[1]}"
    await asyncio.sleep(1.0)
    moves: list[int] = []
    frames: list[float] = []
    for key in ["j"] * 12 + ["k"] * 8:
        before = CountingDriver.written
        pressed = await press(app, key)
        frames.append(await until_written(before) - pressed)
        await asyncio.sleep(0.4)
        moves.append(CountingDriver.written - before)
    show(f"bytes per cursor move, {label}, details included", statistics.mean(moves), "B", "<= 2000")
    show(f"key to painted frame, {label}, quiet, p95", p95(frames), "ms", "<= 16")
    before, cpu = CountingDriver.written, time.process_time()
    await asyncio.sleep(5.0)
    show(f"bytes a second when nothing changes, {label}", (CountingDriver.written - before) / 5.0, "B/s", "<= 200")
    show(f"CPU when nothing happens, {label}", (time.process_time() - cpu) / 5.0 * 100, "%", "<= 1")


async def stormy_numbers(app: QuarryApp, fleet: BenchFleet) -> None:
    """Keys and events while a thousand events a second arrive."""
    frames: list[float] = []
    painted: list[float] = []
    boxes, slices = len(fleet.snapshot().containers), len(fleet.snapshot().containers[0].vms)
    with storm(EVENTS_A_SECOND, lambda number: fleet.flip(number * 7 % boxes, number * 13 % slices)):
        await asyncio.sleep(0.5)
        began = time.perf_counter()
        number = 0
        while time.perf_counter() - began < SECONDS:
            number += 1
            frames.append(await key_to_frame(app, "j" if number % 2 else "k"))
            await asyncio.sleep(0.03)
            painted.append(await event_to_row(fleet, f"marker-{number}"))
    show(f"key to painted frame at {EVENTS_A_SECOND} events/s, p95", p95(frames), "ms", "<= 16")
    show(f"key to painted frame at {EVENTS_A_SECOND} events/s, median", statistics.median(frames) * 1e3, "ms")
    show(f"event to painted row at {EVENTS_A_SECOND} events/s, p95", p95(painted), "ms", "<= 100")
    show(f"event to painted row at {EVENTS_A_SECOND} events/s, median", statistics.median(painted) * 1e3, "ms")


async def key_to_frame(app: QuarryApp, key: str) -> float:
    """From a key to the frame in which the cursor is on another row."""
    screen = app.screen
    assert isinstance(screen, MainScreen)
    tree = screen.fleet_tree
    row = tree.cursor_row
    return await first_write(lambda _data: tree.cursor_row != row, lambda: press(app, key))


async def event_to_row(fleet: BenchFleet, marker: str) -> float:
    """From an event on a slice in the window to the frame with its new name."""

    async def flip() -> float:
        began = time.perf_counter()
        fleet.flip(0, 3, marker)
        return began

    return await first_write(lambda data: marker in data, flip)


async def first_write(counts: Callable[[str], bool], cause: Callable[[], Awaitable[float]]) -> float:
    """Seconds from a cause to the first thing told to the driver that counts."""
    seen: list[float] = []

    def look(data: str) -> None:
        if not seen and counts(data):
            seen.append(time.perf_counter())

    CountingDriver.watch = look
    began = await cause()
    while not seen and time.perf_counter() - began < 2.0:
        await asyncio.sleep(0.0005)
    CountingDriver.watch = None
    return (seen[0] if seen else time.perf_counter()) - began


def work_numbers(screen: MainScreen, fleet: BenchFleet) -> None:
    """The tree's own work, without painting."""
    tree = screen.fleet_tree

    def timed(what: str, work: Callable[[], object]) -> None:
        samples = []
        for _ in range(5):
            began = time.perf_counter()
            work()
            samples.append(time.perf_counter() - began)
        show(what, statistics.median(samples) * 1e3, "ms", "<= 16")

    middle = tree.model.groups()[len(tree.model.groups()) // 2].key
    timed("fold one container", lambda: tree.fold(middle))
    timed("unfold one container", lambda: tree.unfold(middle))
    timed("fold all", tree.fold_all)
    timed("unfold all", tree.unfold_all)
    for text in ("compute-3", "state:running cpu>40", "~0-1$"):
        made = parse_filter(text)
        assert isinstance(made, Filter)
        timed(f"filter {text}", partial(tree.set_filter, made))
    timed("filter cleared", lambda: tree.set_filter(None))
    timed("sort by cpu", lambda: tree.sort_by("cpu"))
    timed("sort by name", lambda: tree.sort_by("name"))
    picture = fleet.snapshot()
    boxes = list(picture.containers)
    boxes[0] = replace(boxes[0], vms=boxes[0].vms[1:])
    pictures = iter(range(100))
    timed(
        "a slice removed",
        lambda: tree.show_snapshot(replace(picture, serial=10_000_000 + next(pictures), containers=tuple(boxes))),
    )


async def measure(containers: int, slices: int, size: tuple[int, int]) -> None:
    """One size of terminal."""
    fleet = BenchFleet(make_fleet(containers, slices))
    with tempfile.TemporaryDirectory() as folder:
        app = QuarryApp(fleet, Settings(), history=History(Path(folder) / "history"))
        app.driver_class = CountingDriver
        began = time.perf_counter()
        running = asyncio.create_task(app.run_async(size=(size[0], size[1])))
        while not (app.is_running and isinstance(app.screen, MainScreen) and app.screen.fleet_tree.model.rows):
            await asyncio.sleep(0.001)
        before = CountingDriver.written
        show(f"app made to full tree, {size[0]}x{size[1]}", (await until_written(before) - began) * 1e3, "ms")
        await quiet_numbers(app, fleet, size)
        if size == SIZES[-1]:
            await stormy_numbers(app, fleet)
            screen = app.screen
            assert isinstance(screen, MainScreen)
            work_numbers(screen, fleet)
        app.exit()
        await running


def main() -> None:
    """Measure at both sizes."""
    containers = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    slices = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    print(f"{containers} containers, {containers * slices} slices")
    for size in SIZES:
        asyncio.run(measure(containers, slices, size))
    show("peak memory, fleet included", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB", "<= 250")


if __name__ == "__main__":
    main()
