"""Whole `quarry` processes on 500 containers and 10,000 VMs."""

from __future__ import annotations

import resource
import statistics
import tempfile
from pathlib import Path

from core.store.store import Store
from tests.bench.bench_commands import seconds
from tests.bench.bench_store import CONTAINERS, VMS_EACH, fill
from tests.bench.figures import Figure, emit

RUNS = 7


def processor_s() -> float:
    """What this process's children have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def note_of(runs: list[float], busy_s: float) -> str:
    """The best run, and the processor time, which a busy machine changes less."""
    return f"best of {len(runs)} {min(runs):.2f} s; {busy_s:.2f} s of processor time"


def measure() -> None:
    """Print the rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite"
        with Store.open(f"sqlite:///{path}") as store:
            fill(store)
        seconds(path, "list", "membership")
        before = processor_s()
        runs = [seconds(path, "list", "host", "vm") for _ in range(RUNS)]
        busy = (processor_s() - before) / RUNS
        what = f"`quarry list host vm`, {CONTAINERS * VMS_EACH:,} VMs, start to finish"
        emit(Figure(what, statistics.median(runs), "s", 0.5, note_of(runs, busy)))
        took = seconds(path, "add", "host", "vm", "vm-container", "Compute", "disk=phy:/dev/vg/x,hda,w")
        emit(Figure("`quarry add host vm`, 500 VMs in one command", took, "s", 5))
