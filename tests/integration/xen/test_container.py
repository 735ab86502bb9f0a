"""A dom0 as a container: what it says of itself and its domains, also of those that others made."""

from __future__ import annotations

import json

import pytest

from core.commands.refusal import Status
from core.hypervisor.model import DomainState, EventKind
from tests.integration.xen.house import DISKS, FIRST, XenHouse, eventually
from tests.lab.xen.guest import ARGUMENTS, INITRD, KERNEL

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]

BY_HAND = f"""\
name = "by-hand"
kernel = "{KERNEL}"
ramdisk = "{INITRD}"
extra = "{ARGUMENTS} console=hvc0 name=by-hand"
memory = 96
vcpus = 1
vif = ["mac=00:16:3e:00:77:01, bridge=xenbr0"]
disk = ["file:{DISKS}/by-hand.hda,hda,w"]
"""


def test_facts_of_a_dom0(house: XenHouse) -> None:
    host = house.hypervisor().host()
    assert (host.driver, host.hostname, host.arch) == ("xen", FIRST, "x86_64")
    assert {guest.os_type for guest in host.guests} == {"xen", "xenpvh", "hvm"}
    assert host.free_memory_kib is not None and 0 < host.free_memory_kib < host.memory_kib


def test_domain_0_is_the_container_and_no_slice(house: XenHouse) -> None:
    assert "Domain-0" in house.machines[FIRST].virsh("list")
    assert house.hypervisor().domains() == []
    assert house.hypervisor().statistics() == []
    assert house.run("list host unknown") == ""


def test_listing_counters_and_events_agree_with_virsh(house: XenHouse) -> None:
    names = [house.add_vm() for _ in range(3)]
    for name in names[:2]:
        house.run(f"start host vm {name}")
    house.run(f"pause host vm {names[1]}")
    rows = json.loads(house.run("list host vm status=yes output-format=json"))
    assert {row["vm-host"]: row["status"] for row in rows} == dict(
        zip(names, ("active", "paused", None), strict=True)
    )
    # A slow container's listing comes before the definitions are read.
    eventually(lambda: all(facts.disks for facts in house.hypervisor().domains()))
    seen = {facts.name: facts for facts in house.hypervisor().domains()}
    listed = house.machines[FIRST].virsh("list", "--all", "--name").split()
    assert set(seen) == set(listed) - {"Domain-0"}
    for facts in seen.values():
        assert house.hypervisor().domain(facts.uuid) == facts
        assert [disk.source for disk in facts.disks] == [f"{DISKS}/{facts.name}.hda"]
        assert [card.source for card in facts.interfaces] == ["xenbr0"]

    counted = {one.uuid: one for one in house.hypervisor().statistics()}
    assert set(counted) == {facts.uuid for facts in seen.values()}
    counters = counted[seen[names[0]].uuid]
    assert (counters.vcpus, counters.balloon_kib, counters.state) == (1, 96 * 1024, DomainState.RUNNING)
    assert counters.cpu_time_ns
    assert counters.disk_read_bytes is None and counters.net_sent_bytes is None, "libxl has no bulk statistics"

    house.events.clear()
    house.machines[FIRST].virsh("suspend", names[0])
    eventually(lambda: house.told() == [EventKind.SUSPENDED])
    house.machines[FIRST].virsh("destroy", names[0])
    eventually(lambda: house.told() == [EventKind.SUSPENDED, EventKind.STOPPED])
    assert {event.name for event in house.events} == {names[0]}


def test_a_domain_of_xl_is_adopted_after_libvirt_got_to_know_it(house: XenHouse) -> None:
    """libvirt does not see what xl made. Its configuration becomes a definition, and that is adopted."""
    machine = house.machines[FIRST]
    machine.ssh(f"truncate -s 100M {DISKS}/by-hand.hda; cat > /tmp/by-hand.cfg <<'EOF'\n{BY_HAND}EOF")
    try:
        machine.ssh("xl create -q /tmp/by-hand.cfg", timeout_s=600)
        house.boots("by-hand", 1)
        assert house.facts("by-hand") is None
        assert "by-hand" in house.run("adopt host vm by-hand", Status.REFUSED)
        machine.ssh("xl shutdown -w by-hand", timeout_s=600)
        eventually(lambda: "by-hand" not in machine.ssh("xl list"))
    finally:
        machine.ssh("xl destroy by-hand 2> /dev/null", check=False)
    machine.ssh("virsh domxml-from-native xen-xl /tmp/by-hand.cfg > /tmp/by-hand.xml; virsh define /tmp/by-hand.xml")
    assert "by-hand" in house.run("list host unknown")
    house.run("adopt host vm by-hand")
    (row,) = json.loads(house.run("list host vm by-hand showdisks=yes output-format=json"))
    assert (row["mem"], row["cpus"], row["mac"]) == (96, 1, "00:16:3e:00:77:01")
    assert row["disk"] == f"file:{DISKS}/by-hand.hda,hda,w"
    house.run("start host vm by-hand")
    house.boots("by-hand", 2)


def test_an_hvm_domain_of_virsh_is_adopted_as_one(house: XenHouse) -> None:
    machine = house.machines[FIRST]
    machine.ssh(
        "cat > /tmp/stray.cfg <<'EOF'\nname = 'stray'\nbuilder = 'hvm'\nmemory = 128\nvcpus = 2\n"
        f"disk = ['file:{DISKS}/stray.hda,hda,w']\nEOF\n"
        "virsh domxml-from-native xen-xl /tmp/stray.cfg > /tmp/stray.xml; virsh define /tmp/stray.xml"
    )
    house.run("adopt host vm stray")
    assert "virt-type='hvm'" in house.run("dump host vm stray")
