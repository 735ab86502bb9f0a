"""What the inventory costs: events to snapshots, memory, calls, CPU. Prints numbers and asserts no time.

Run: ``python -m tests.bench.bench_inventory``, or ``pytest tests/bench/bench_inventory.py -s``. Each case runs in a
process of its own.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.demo.synthetic import SyntheticConnections, synthetic_fleet
from core.hypervisor.model import ContainerName, EventKind
from core.inventory.inventory import Inventory
from core.inventory.state import FleetRecords
from core.settings import ContainerSettings

RATE = 1000
SECONDS = 5.0


class MemoryFleet:
    """A store that never changes."""

    def __init__(self, fleet: FleetRecords) -> None:
        self._fleet = fleet

    def revision(self) -> int:
        return 1

    def fleet(self) -> FleetRecords:
        return self._fleet


class Bench:
    """An inventory over a synthetic fleet, everything known."""

    def __init__(self, containers: int, vms: int) -> None:
        self.fleet = synthetic_fleet(containers, vms)
        self.inventory = Inventory(MemoryFleet(self.fleet), ContainerSettings())
        self.pool = SyntheticConnections(
            self.fleet, event_sink=self.inventory.on_event, link_sink=self.inventory.on_link
        )
        self.names = [one.name for one in self.fleet.containers]
        began = time.monotonic()
        self.inventory.start(self.pool)
        while not self.known():
            time.sleep(0.005)
        self.ready_s = time.monotonic() - began

    def known(self) -> bool:
        views = self.inventory.snapshot().containers
        return len(views) == len(self.names) and all(view.host is not None for view in views)

    def close(self) -> None:
        self.inventory.close()
        self.pool.close()


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def measure_size(containers: int, vms: int) -> None:
    """Memory, time to know everything, calls of one refresh, CPU when nothing happens."""
    gc.collect()
    before = resident_mb()
    bench = Bench(containers, vms)
    gc.collect()
    label = f"{containers} x {vms}"
    print(f"{label:<12} all known after                    {bench.ready_s * 1000:8.0f} ms")
    print(f"{label:<12} memory of the process              {resident_mb():8.1f} MB ({before:.1f} MB before)")
    began = time.process_time()
    time.sleep(3.0)
    print(f"{label:<12} CPU when nothing happens           {(time.process_time() - began) / 3 * 100:8.2f} %")
    first = bench.pool.get(bench.names[0])
    first.calls.clear()
    bench.inventory.set_in_view(bench.names[:20])
    began = time.process_time()
    time.sleep(6.5)
    share = (time.process_time() - began) / 6.5 * 100
    print(f"{label:<12} CPU with 20 containers in view     {share:8.2f} %")
    print(f"{label:<12} calls per refresh of a container   {first.calls.count('statistics') / 3:8.1f} (3 intervals)")
    bench.close()


def measure_events(containers: int, vms: int) -> None:
    """From an event to the snapshot that has it, at 1,000 events a second over the fleet."""
    bench = Bench(containers, vms)
    sent: dict[str, float] = {}
    waits: list[float] = []
    lock = threading.Lock()
    snapshots = 0

    def arrived(serial: int) -> None:
        nonlocal snapshots
        snapshots += 1
        now = time.monotonic()
        with lock:
            if probe_name in sent:
                view = bench.inventory.snapshot().container(probe_name)
                if view is not None and view.vms[0].memory_kib == wanted:
                    waits.append(now - sent.pop(probe_name))

    chance = random.Random(1)
    by_container: dict[ContainerName, list[int]] = {}
    for at, record in enumerate(bench.fleet.vms):
        by_container.setdefault(record.container, []).append(at)
    probe_name = bench.names[0]
    probe = bench.fleet.vms[by_container[probe_name][0]].uuid
    wanted = 0
    end_subscription = bench.inventory.subscribe(arrived)
    began, cpu, count = time.monotonic(), time.process_time(), 0
    while (now := time.monotonic()) < began + SECONDS:
        due = int((now - began) * RATE)
        while count < due:
            record = bench.fleet.vms[chance.randrange(len(bench.fleet.vms))]
            if record.uuid != probe:
                bench.pool.get(record.container).change(record.uuid, EventKind.CHANGED, memory_kib=10_000 + count)
            count += 1
        with lock:
            idle = probe_name not in sent
            if idle:
                wanted = 20_000_000 + count
                sent[probe_name] = time.monotonic()
        if idle:
            bench.pool.get(probe_name).change(probe, EventKind.CHANGED, memory_kib=wanted)
        time.sleep(0.005)
    share = (time.process_time() - cpu) / SECONDS * 100
    end_subscription()
    label = f"{containers} x {vms}"
    middle, late = statistics.median(waits) * 1000, percentile(waits, 0.95) * 1000
    rate = f"{count / SECONDS:.0f}/s"
    print(f"{label:<12} event to snapshot at {rate:<8}      {middle:8.1f} ms median, {late:.1f} ms p95")
    calls = sum(len(bench.pool.get(name).calls) for name in bench.names) / SECONDS
    made = snapshots / SECONDS
    print(
        f"{label:<12} meanwhile                        {made:8.0f} snapshots/s, {calls:.0f} calls, CPU {share:.0f} %"
    )
    bench.close()


CASES: dict[str, Callable[[], None]] = {
    "size-1x2000": lambda: measure_size(1, 2000),
    "size-100x20": lambda: measure_size(100, 20),
    "size-500x20": lambda: measure_size(500, 20),
    "events-4x10": lambda: measure_events(4, 10),
    "events-1x2000": lambda: measure_events(1, 2000),
    "events-500x20": lambda: measure_events(500, 20),
}


@pytest.mark.bench
@pytest.mark.parametrize("case", CASES)
def test_measure(case: str) -> None:
    subprocess.run([sys.executable, "-m", "tests.bench.bench_inventory", case], check=True)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        if len(sys.argv) > 1:
            CASES[chosen]()
        else:
            subprocess.run([sys.executable, "-m", "tests.bench.bench_inventory", chosen], check=True)
