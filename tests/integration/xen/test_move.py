"""A para VM moves with its memory and disk between two dom0s, Rocks' way: save, copy, restore."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.commands.refusal import Status
from tests.integration.xen.consoles import PROGRAM, environment
from tests.integration.xen.house import DISKS, FIRST, SECOND, Lines, XenHouse
from tests.lab.xen.machine import Dom0

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]

ELSEWHERE = "/srv/xen/disks"


@pytest.fixture
def pair(lines: Lines, dom0: Dom0, second_dom0: Dom0, tmp_path: Path) -> Iterator[XenHouse]:
    """Two containers that see the same network."""
    made = XenHouse(lines, [dom0, second_dom0], tmp_path)
    made.settle()
    yield made
    made.close()
    dom0.ssh("rm -rf /srv/xen")
    lines.reach([dom0])


def moved(house: XenHouse, name: str, target: str) -> list[str]:
    """Move it by a command of its own, whose job runs in a worker; what it says."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "move", "host", "vm", name, target],
        env=environment(house), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    return done.stdout.splitlines()


def test_a_running_para_vm_moves_with_its_disk_and_back(pair: XenHouse) -> None:
    """There its disk gets another path, which libxl cannot tell saved memory of; back it keeps its path."""
    here, there = pair.machines[FIRST], pair.machines[SECOND]
    name = "compute-0-0-0"
    pair.add_vm(f"disk=file:{ELSEWHERE}/{name}.hda,hda,w")
    pair.run(f"start host vm {name}")
    boots, ticks = pair.ticks_on(name, folder=ELSEWHERE)
    assert "does not move disks live" in pair.run(f"move host vm {name} {SECOND} live=yes", Status.REFUSED)

    assert moved(pair, name, SECOND) == [
        "Saving the VM's current state.",
        f"Copying the VM's current state to {SECOND}.",
        f"Copying VM disk file to {SECOND}.",
        f"Moving virtual disk ({ELSEWHERE}/{name}.hda) to {SECOND}",
        f"Restarting the VM on {SECOND}.",
    ]
    assert pair.facts(name, FIRST) is None
    facts = pair.facts(name, SECOND)
    assert facts is not None and facts.persistent
    assert pair.status(name) == "active"
    boots_there, ticks_there = pair.ticks_on(name, SECOND)
    assert boots_there == boots == 1 and ticks_there > ticks, "it went on where it was"
    assert name not in here.ssh(f"ls {ELSEWHERE} {DISKS}")
    assert there.ssh(f"ls {DISKS}").split() == [f"{name}.hda"]
    for flags in ("", "--inactive"):
        assert f"<source file='{DISKS}/{name}.hda'/>" in there.virsh("dumpxml", flags, name)

    moved(pair, name, FIRST)
    assert pair.facts(name, SECOND) is None
    boots_here, ticks_here = pair.ticks_on(name)
    assert boots_here == 1 and ticks_here > ticks_there
    assert there.ssh(f"ls {DISKS}") == ""
