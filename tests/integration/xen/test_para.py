"""The whole life of a para VM on real Xen, by Quarry's commands."""

from __future__ import annotations

import pytest

from core.commands.refusal import Status
from core.hypervisor.model import EventKind
from tests.integration.xen.house import DISKS, FIRST, XenHouse, eventually
from tests.lab.xen.guest import KERNEL

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]


def test_a_whole_life(house: XenHouse) -> None:
    name = house.add_vm(mem=128)
    machine = house.machines[FIRST]
    assert house.status(name) is None
    house.run(f"start host vm {name}")
    assert house.status(name) == "active"
    first_id = house.domain_id(name)
    assert first_id
    assert house.ticks_on(name)[0] == 1, "the guest writes on its disk"
    assert machine.ssh(f"ls /sys/class/net/xenbr0/brif | grep -cx vif{first_id}.0").strip() == "1"
    assert int(machine.ssh(f"stat -c %b {DISKS}/{name}.hda")) * 512 < 64 * 1024**2, "the image is sparse"

    house.run(f"pause host vm {name}")
    assert house.status(name) == "paused"
    ticks = house.disk_says(name)
    assert house.disk_says(name) == ticks
    house.run(f"resume host vm {name}")
    assert house.status(name) == "active"
    house.ticks_on(name)

    house.run(f"save host vm {name}")
    assert house.status(name) == "saved"
    assert machine.ssh(f"ls {DISKS}/{name}.saved").strip() == f"{DISKS}/{name}.saved"
    assert "has saved memory" in house.run(f"start host vm {name}", Status.REFUSED)
    house.run(f"restore host vm {name}")
    assert house.status(name) == "active"
    restored_id = house.domain_id(name)
    assert restored_id and restored_id > first_id, "Xen gives a new id"
    assert house.ticks_on(name)[0] == 1, "it went on where it was"
    assert f"{name}.saved" not in machine.ssh(f"ls {DISKS}")

    house.run(f"set host vm {name} mem=112")
    eventually(lambda: (one := house.facts(name)) and one.memory_kib < 120 * 1024)
    house.ticks_on(name)

    before = house.domain_id(name)
    house.events.clear()
    house.run(f"stop host vm {name} action=reboot")
    assert eventually(lambda: (now := house.domain_id(name)) and now != before), "it comes back with a new id"
    house.boots(name, 2)
    eventually(lambda: set(house.told()) == {EventKind.STARTED, EventKind.STOPPED})
    assert house.status(name) == "active"

    before = house.domain_id(name)
    house.run(f"stop host vm {name} action=reset")
    assert house.status(name) == "active"
    assert house.domain_id(name) != before, "off and on: Xen has no reset button"
    house.boots(name, 3)
    house.ticks_on(name)

    house.run(f"stop host vm {name} action=shutdown")
    eventually(lambda: house.status(name) == "shutoff")
    house.run(f"start host vm {name}")
    assert house.status(name) == "active", "although libxl still cleans up"
    house.run(f"stop host vm {name}")
    assert house.status(name) == "shutoff"
    house.run(f"remove host vm {name} images=yes node=yes")
    assert house.facts(name) is None
    assert name not in machine.ssh(f"ls {DISKS}")
    assert house.run("list host vm") == ""


def test_what_cannot_be_done_says_why(house: XenHouse) -> None:
    name = house.add_vm()
    complaint = house.run(f"stop host vm {name}", Status.REFUSED)
    assert name in complaint and complaint.count("\n") == 1
    house.run(f"set host attr {name} vm_kernel /boot/none")
    assert "kernel" in house.run(f"start host vm {name}", Status.CONTAINER)
    assert house.status(name) == "shutoff"
    house.run(f"set host attr {name} vm_kernel {KERNEL}")
    house.run(f"set host vm {name} mem=90000")
    complaint = house.run(f"start host vm {name}", Status.REFUSED)
    assert "give it less" in complaint
