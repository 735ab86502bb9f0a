"""On two real containers in namespaces: calls counted at libvirtd's socket, and a long way and a hung container."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tui  # noqa: F401 - sets how often Textual may paint, before Textual is imported

# isort: split
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainUuid
from core.settings import Settings, StoreSettings
from core.store.records import Scope
from core.store.store import Store
from tests.bench.bench_tree import CountingDriver, first_write
from tests.bench.figures import Figure, emit
from tests.integration.hypervisor.conftest import guest_record, guest_xml
from tests.lab.netns.lab import NAMES, Lab
from tests.lab.netns.needs import missing
from tests.lab.rpcproxy import GET_ALL_DOMAIN_STATS, RpcProxy
from tui.app import QuarryApp
from tui.composition import ComposedFleet, open_fleet
from tui.history import History

FIRST, SECOND = NAMES
ROUND_TRIP_S = 0.05
REFRESH_S = 3.0
SIZES = (10, 200)
CHANGES = 20


def measure() -> None:
    """Print the rows, or why there are none."""
    why = missing()
    if why:
        emit(Figure("calls per container per refresh; outside changes", None, "", note=why))
        return
    lab = Lab.up()
    try:
        with tempfile.TemporaryDirectory() as name:
            for size in SIZES:
                asyncio.run(count_calls(lab, Path(name) / str(size), size))
            asyncio.run(outside_changes(lab, Path(name) / "far"))
    finally:
        lab.close()


@contextmanager
def guests(lab: Lab, container: str, count: int, *, running: bool = False) -> Iterator[list[DomainUuid]]:
    """VMs on a container of the lab, and gone again."""
    direct = connect(lab, container)
    host = direct.host()
    made = [direct.define(guest_xml(lab, host, guest_record(f"bench-{number}"))) for number in range(count)]
    try:
        for uuid in made if running else ():
            direct.start(uuid)
        yield made
    finally:
        for uuid in made:
            if running:
                direct.destroy(uuid)
            direct.undefine(uuid)
        direct.close()


def connect(lab: Lab, container: str) -> LibvirtHypervisor:
    """A connection of its own, past the proxy: another program that changes things."""
    made = LibvirtHypervisor(
        ContainerName(container), lab.containers[container].uri, lab.settings(), on_event=lambda event: None
    )
    made.open()
    return made


def open_on(folder: Path, lab: Lab, uris: dict[str, str]) -> ComposedFleet:
    """The composed fleet with a store that has these containers."""
    folder.mkdir()
    url = f"sqlite:///{folder}/quarry.sqlite"
    with Store.open(url) as store, store.begin() as rows:
        for rank, (name, uri) in enumerate(uris.items()):
            node = rows.nodes.add(name, membership="VM Container", rack=0, rank=rank)
            rows.attributes.set(Scope.HOST, node.id, "libvirt_uri", uri)
    return open_fleet(Settings(store=StoreSettings(url), containers=lab.settings(refresh_s=REFRESH_S)))


async def up(fleet: ComposedFleet) -> None:
    """Wait until every container was listed."""
    while not (found := fleet.snapshot().containers) or any(one.host is None for one in found):
        await asyncio.sleep(0.02)


@contextmanager
def screen(fleet: ComposedFleet, folder: Path) -> Iterator[QuarryApp]:
    """An app that writes to a driver that looks."""
    app = QuarryApp(fleet, fleet_settings(), history=History(folder / "history"))
    app.driver_class = CountingDriver
    CountingDriver.watch = None
    yield app


def fleet_settings() -> Settings:
    """The screen's own."""
    return Settings()


async def count_calls(lab: Lab, folder: Path, size: int) -> None:
    """What goes through the socket in some intervals in which nothing happens."""
    with (
        guests(lab, FIRST, size),
        RpcProxy(lab.base / f"count-{size}", lab.containers[FIRST].socket) as proxy,
    ):
        fleet = open_on(folder, lab, {FIRST: proxy.uri})
        with screen(fleet, folder) as app:
            running = asyncio.create_task(app.run_async(size=(120, 40)))
            await up(fleet)
            await asyncio.sleep(2 * REFRESH_S)
            proxy.calls.clear()
            intervals = 4
            await asyncio.sleep(intervals * REFRESH_S)
            calls, samples = sum(proxy.calls.values()), proxy.calls[GET_ALL_DOMAIN_STATS]
            app.exit()
            await running
        await asyncio.to_thread(fleet.close)
    note = f"{calls} calls in {intervals} intervals, {samples} of them bulk statistics"
    emit(Figure(f"calls per container per refresh, {size} VMs, at the socket", calls / max(1, samples), "", 1, note))


async def outside_changes(lab: Lab, folder: Path) -> None:
    """From another program's change to the row that shows it, near, far away, and beside a hung container."""
    with (
        guests(lab, FIRST, 1, running=True) as (uuid,),
        RpcProxy(lab.base / "far", lab.containers[FIRST].socket, round_trip_s=ROUND_TRIP_S) as proxy,
    ):
        other = connect(lab, FIRST)
        fleet = open_on(folder, lab, {FIRST: proxy.uri, SECOND: lab.containers[SECOND].uri})
        with screen(fleet, folder) as app:
            running = asyncio.create_task(app.run_async(size=(120, 40)))
            await up(fleet)
            await asyncio.sleep(2.0)
            alone = await changes(other, uuid)
            lab.freeze(SECOND)
            try:
                beside = await changes(other, uuid)
            finally:
                lab.thaw(SECOND)
            app.exit()
            await running
        await asyncio.to_thread(fleet.close)
        other.close()
    label = f"an outside change shown at {ROUND_TRIP_S * 1000:.0f} ms round trip"
    emit(Figure(f"{label}, median of {CHANGES}", statistics.median(alone), "s", 0.3, f"worst {max(alone):.2f} s"))
    note = f"worst {max(beside):.2f} s"
    emit(Figure(f"{label}, the other container hung", statistics.median(beside), "s", 0.3, note))


async def changes(other: LibvirtHypervisor, uuid: DomainUuid) -> list[float]:
    """Pause and resume in turn, each timed from the end of the other program's call to the painted word."""
    found = []
    for number in range(CHANGES):
        word = "resume" if number % 2 else "suspend"
        sign = "● running" if number % 2 else "‖ paused"

        async def change(word: str = word) -> float:
            await asyncio.to_thread(other.resume if word == "resume" else other.suspend, uuid)
            return time.perf_counter()

        found.append(max(0.0, await first_write(lambda data, sign=sign: sign in data, change)))  # type: ignore[misc]
        await asyncio.sleep(0.3)
    return found
