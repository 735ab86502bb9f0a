"""A para VM moves with its memory and disk between two dom0s, Rocks' way: save, copy, restore."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.commands.refusal import Status
from tests.integration.xen.house import DISKS, FIRST, SECOND, XenHouse
from tests.lab.xen.machine import Dom0

pytestmark = [pytest.mark.real, pytest.mark.timeout(2400)]

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from tui.main import main; sys.exit(main())"


@pytest.fixture
def pair(dom0: Dom0, second_dom0: Dom0, tmp_path: Path) -> Iterator[XenHouse]:
    """Two containers that see the same network."""
    made = XenHouse([dom0, second_dom0], tmp_path)
    made.settle()
    yield made
    made.close()


def test_a_running_para_vm_moves_with_its_disk(pair: XenHouse) -> None:
    name = pair.add_vm()
    pair.run(f"start host vm {name}")
    boots, ticks = pair.ticks_on(name)
    assert "does not move disks live" in pair.run(f"move host vm {name} {SECOND} live=yes", Status.REFUSED)
    environment = {**os.environ, "QUARRY_CONFIG": str(pair.config), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "move", "host", "vm", name, SECOND],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        "Saving the VM's current state.",
        f"Copying the VM's current state to {SECOND}.",
        f"Copying VM disk file to {SECOND}.",
        f"Moving virtual disk ({DISKS}/{name}.hda) to {SECOND}",
        f"Restarting the VM on {SECOND}.",
    ]
    assert pair.facts(name, FIRST) is None
    facts = pair.facts(name, SECOND)
    assert facts is not None and facts.persistent
    assert pair.status(name) == "active"
    boots_there, ticks_there = pair.ticks_on(name, SECOND)
    assert boots_there == boots == 1 and ticks_there > ticks, "it went on where it was"
    assert name not in pair.machines[FIRST].ssh(f"ls {DISKS}")
    assert pair.machines[SECOND].ssh(f"ls {DISKS}").split() == [f"{name}.hda"]
