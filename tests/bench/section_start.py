"""The real `quarry` on a real terminal: one container of libvirt's test driver with 200 and with 2,000 VMs."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from core.demo.fleet import DemoFleet
from tests.bench.figures import Figure, emit
from tests.bench.installed import environment
from tests.bench.terminal import Terminal

RUNS = 5
PROGRAM = "import sys; from tui.main import main; sys.exit(main())"
SIZES = {200: 0.8, 2000: 1.5}
MEMORY_MB = {2000: 90.0}


def surroundings(folder: Path, store: Path) -> dict[str, str]:
    """Environment of a `quarry` with a store and settings of its own."""
    (folder / "config.toml").write_text("", encoding="utf-8")
    return {
        **environment(),
        "QUARRY_STORE": str(store),
        "QUARRY_CONFIG": str(folder / "config.toml"),
        "XDG_STATE_HOME": str(folder / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def measure() -> None:
    """Print the rows."""
    for vms, target_s in SIZES.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            DemoFleet(folder, containers=1, vms=vms, frozen=True).close()
            around = surroundings(folder, folder / "demo.sqlite")
            firsts, states, memory, busy = [], [], [], []
            for _ in range(RUNS):
                with Terminal([sys.executable, "-c", PROGRAM], around) as terminal:
                    firsts.append(terminal.until(b"compute-0-0-0"))
                    busy.append(terminal.cpu_s)
                    states.append(terminal.until("● running".encode()))
                    terminal.read(3.0)
                    memory.append(terminal.resident_mb)
            label = f"{vms:,} VMs on one container"
            note = f"best of {RUNS} {min(firsts):.2f} s; {statistics.median(busy):.2f} s of processor time"
            emit(Figure(f"`quarry` to first VM on screen, {label}", statistics.median(firsts), "s", target_s, note))
            note = f"best of {RUNS} {min(states):.2f} s"
            emit(
                Figure(
                    f"the same with its state from the container, {label}", statistics.median(states), "s", None, note
                )
            )
            emit(Figure(f"memory with libvirt's test driver inside, {label}", max(memory), "MB"))
            if vms in MEMORY_MB:
                # A remote container's domains live in its libvirtd; the test driver has them in this process.
                words = [sys.executable, "-m", "tests.bench.app_process", str(folder / "demo.sqlite")]
                with Terminal(words, around) as terminal:
                    terminal.until(b"compute-0-0-0")
                    terminal.read(10.0)
                    what = f"memory of the whole process, {label}"
                    emit(Figure(what, terminal.resident_mb, "MB", MEMORY_MB[vms], terminal.memory_parts))
