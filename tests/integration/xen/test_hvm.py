"""Fully virtualized VMs on real Xen, by Quarry's commands."""

from __future__ import annotations

import pytest

from tests.integration.xen.house import FIRST, XenHouse, eventually

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]


def test_a_whole_life(house: XenHouse) -> None:
    name = house.hvm()
    house.run(f"start host vm {name}")
    assert house.status(name) == "active"
    xml = house.run(f"report host vm config {name}")
    assert ">hvm</type>" in xml and "<emulator>" not in xml, "Debian's libxl names a device model that is not there"
    first_id = house.domain_id(name)
    assert house.ticks_on(name)[0] == 1
    assert house.machines[FIRST].ssh(f"brctl show xenbr0 | grep -cw vif{first_id}.0").strip() == "1"

    house.run(f"pause host vm {name}")
    assert house.status(name) == "paused"
    house.run(f"resume host vm {name}")
    house.ticks_on(name)
    house.run(f"save host vm {name}")
    assert house.status(name) == "saved"
    house.run(f"restore host vm {name}")
    assert house.status(name) == "active"
    assert house.ticks_on(name)[0] == 1, "it went on where it was"

    before = house.domain_id(name)
    house.run(f"stop host vm {name} action=reboot")
    eventually(lambda: (now := house.domain_id(name)) and now != before)
    eventually(lambda: house.disk_says(name)[0] == 2)
    house.run(f"stop host vm {name} action=shutdown")
    eventually(lambda: house.status(name) == "shutoff")
    house.run(f"remove host vm {name} images=yes node=yes")
    assert house.facts(name) is None
    assert house.run("list host vm") == ""
