"""How long whole `quarry` processes take on 500 containers and 10,000 VMs. Prints, asserts no time.

Run: ``python -m tests.bench.bench_commands``, or ``pytest tests/bench/bench_commands.py -s``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from core.store.store import Store
from tests.bench.bench_store import CONTAINERS, VMS_EACH, fill
from tests.bench.installed import environment

RUNS = 7
PROGRAM = "import sys; from core.commands.cli import main; sys.exit(main(sys.argv[1:]))"
LISTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("list", "host", "vm"), "0.5 s"),
    (("list", "host", "vm", "showdisks=yes"), "-"),
    (("list", "host", "vm", "rack3"), "-"),
    (("list", "host"), "-"),
    (("list", "membership"), "-"),
    (("__complete", "quarry list host vm compute-3-1"), "-"),
    (("--version",), "-"),
)


def seconds(store: Path, *words: str) -> float:
    """One process from start to finish, output discarded."""
    around = {**environment(), "QUARRY_STORE": str(store)}
    before = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], env=around, stdout=subprocess.DEVNULL, check=True, timeout=300
    )
    return time.perf_counter() - before


def measure(folder: Path) -> list[tuple[str, str, str]]:
    """Rows of command, measured time, target."""
    path = folder / "bench.sqlite"
    with Store.open(f"sqlite:///{path}") as store:
        fill(store)
    rows = []
    for words, target in LISTS:
        runs = [seconds(path, *words) for _ in range(RUNS)]
        rows.append((" ".join(words), f"{statistics.median(runs):.2f} s (best {min(runs):.2f})", target))
    took = seconds(path, "add", "host", "vm", "vm-container", "Compute", "disk=phy:/dev/vg/x,hda,w")
    rows.append((f"add host vm, {CONTAINERS} VMs in one command", f"{took:.2f} s", "5 s"))
    return rows


def report(rows: list[tuple[str, str, str]]) -> str:
    """The table as text."""
    lines = [f"{CONTAINERS} containers, {CONTAINERS * VMS_EACH} VMs, SQLite; whole processes, median of {RUNS}"]
    lines += [f"{what:45} {took:24} target {target}" for what, took, target in rows]
    return "\n".join(lines)


@pytest.mark.bench
def test_print_how_long_commands_take(tmp_path: Path) -> None:
    print("\n" + report(measure(tmp_path)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(report(measure(Path(folder))))
