"""A VM's whole life from the command line, each command a real process, compared with virsh throughout."""

from __future__ import annotations

import pytest

from core.hypervisor.model import DomainState
from tests.integration.fleet.house import FIRST, NOT_DEFINED, SECOND, House
from tests.integration.hypervisor.helping import eventually
from tests.lab.netns.guest import READY

pytestmark = pytest.mark.real

VM, OTHER = "compute-0-0-0", "compute-0-1-0"
IMAGE = f"/state/partition1/xen/disks/{VM}.hda"


def boots(house: House) -> str:
    """What the VM's disk says of how often it was booted."""
    return house.lab.containers[FIRST].run("head", "-c", "20", IMAGE, check=False)


def test_a_whole_life_of_two_vms(house: House) -> None:
    house.fill(FIRST, SECOND)
    assert house.check_agreement() == {VM: NOT_DEFINED, OTHER: NOT_DEFINED}

    house.quarry("start", "host", "vm", VM, OTHER)
    assert house.check_agreement() == {VM: "active", OTHER: "active"}
    blocks = house.lab.containers[FIRST].run("stat", "-c", "%s %b", IMAGE).split()
    assert int(blocks[0]) == 10**9
    assert int(blocks[1]) * 512 < 10**7, "the image is not sparse"
    eventually(lambda: boots(house).startswith("boots 1"), 60)

    house.quarry("pause", "host", "vm", VM)
    assert house.check_agreement()[VM] == "paused"
    house.quarry("resume", "host", "vm", VM)
    assert house.check_agreement()[VM] == "active"

    house.quarry("save", "host", "vm", VM)
    assert house.check_agreement()[VM] == "saved"
    refused = house.quarry("start", "host", "vm", VM, status=1)
    assert refused.err.count("\n") == 1
    assert "restore it" in refused.err
    house.quarry("restore", "host", "vm", VM)
    assert house.check_agreement()[VM] == "active"
    assert boots(house).startswith("boots 1"), "a restored VM goes on, it does not boot"

    house.quarry("stop", "host", "vm", VM)
    assert house.check_agreement() == {VM: "shutoff", OTHER: "active"}
    refused = house.quarry("remove", "host", "vm", OTHER, status=1)
    assert "stop it first" in refused.err
    house.quarry("remove", "host", "vm", VM, "images=yes", "node=yes")
    assert house.check_agreement() == {OTHER: "active"}
    assert house.lab.containers[FIRST].run("ls", "/state/partition1/xen/disks") == ""

    log = house.quarry("list", "log").out
    for verb in ("start", "pause", "resume", "save", "restore", "stop", "remove"):
        assert f"{verb} host vm {VM}" in log


def test_every_way_to_stop(house: House) -> None:
    house.fill(FIRST)
    house.quarry("start", "host", "vm", VM)
    eventually(lambda: boots(house).startswith("boots 1"), 60)
    eventually(lambda: console_ready(house, 1), 60)
    house.quarry("stop", "host", "vm", VM, "action=reset")
    eventually(lambda: boots(house).startswith("boots 2"), 60)
    eventually(lambda: console_ready(house, 2), 60)
    assert house.check_agreement()[VM] == "active"
    house.quarry("stop", "host", "vm", VM, "action=shutdown")
    eventually(lambda: house.virsh_states()[VM] == "shut off", 60)
    assert house.check_agreement()[VM] == "shutoff"
    refused = house.quarry("stop", "host", "vm", VM, "action=reboot", status=1)
    assert "only a running VM" in refused.err
    refused = house.quarry("stop", "host", "vm", VM, "action=explode", status=1)
    assert "poweroff, shutdown, reset, reboot" in refused.err
    house.quarry("start", "host", "vm", VM)
    house.quarry("stop", "host", "vm", VM, "action=poweroff")
    assert house.check_agreement()[VM] == "shutoff"


def console_ready(house: House, times: int) -> bool:
    """The guest's shell came up this many times."""
    log = house.lab.containers[FIRST].base / f"log-libvirt/qemu/{VM}.console.log"
    return log.exists() and log.read_text(encoding="utf-8", errors="replace").count(READY) >= times


def test_a_uri_given_later_and_a_dry_run(house: House) -> None:
    container = house.lab.containers[FIRST]
    house.quarry("add", "host", FIRST)
    refused = house.quarry("start", "host", "vm", FIRST)
    assert refused.out == "", "a container is no VM and passed over, as in Rocks"
    house.quarry("set", "host", "attr", FIRST, "libvirt_uri", container.uri)
    house.quarry("add", "host", "vm", FIRST, "Compute", "mem=96", "disksize=1")
    printed = house.quarry("start", "host", "vm", VM, "--dry-run").out
    assert IMAGE in printed
    assert house.virsh_states() == {}
    assert house.check_agreement() == {VM: NOT_DEFINED}


def test_a_slow_way_in_is_waited_for(house: House) -> None:
    """A login that takes longer than a list waits must not fail an action."""
    house.fill(FIRST)
    house.quarry("start", "host", "vm", VM)
    container = house.lab.containers[FIRST]
    house.lab.freeze(FIRST)
    thaw = container.run("bash", "-c", "(sleep 13; kill -CONT $(cat /run/libvirtd.pid)) >/dev/null 2>&1 & echo set")
    assert thaw == "set\n"
    ended = house.quarry("pause", "host", "vm", VM)
    assert ended.took_s > 8, "a list would have given up"
    assert house.check_agreement()[VM] == DomainState.PAUSED.value
