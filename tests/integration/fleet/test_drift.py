"""Store and containers disagree: unknown domains, VMs elsewhere, and twice."""

from __future__ import annotations

import re

import pytest

from tests.integration.fleet.house import FIRST, NOT_DEFINED, SECOND, House

pytestmark = pytest.mark.real

VM = "compute-0-0-0"


def define_stray(house: House, name: str, container: str) -> None:
    """A domain that somebody makes with virsh alone."""
    guest = house.lab.guest
    xml = (
        f"<domain type='qemu'><name>{name}</name><memory unit='MiB'>96</memory><vcpu>1</vcpu><os>"
        f"<type arch='x86_64'>hvm</type><kernel>{guest.kernel}</kernel><initrd>{guest.initrd}</initrd></os>"
        "<devices><interface type='bridge'><mac address='52:54:00:77:01:01'/><source bridge='br0'/></interface>"
        "</devices></domain>"
    )
    path = house.lab.containers[container].base / "stray.xml"
    path.write_text(xml, encoding="utf-8")
    house.lab.virsh(container, "define", str(path))


def copy_definition(house: House, name: str, source: str, target: str) -> None:
    """The same domain, UUID and all, on another container."""
    path = house.lab.containers[target].base / "copied.xml"
    path.write_text(house.lab.virsh(source, "dumpxml", name), encoding="utf-8")
    house.lab.virsh(target, "define", str(path))


def test_a_domain_nobody_knows_is_listed_and_adopted(house: House) -> None:
    house.fill()
    define_stray(house, "stray-vm", SECOND)
    house.lab.virsh(SECOND, "start", "stray-vm")
    assert "stray-vm" in house.quarry("list", "host", "unknown").out
    assert house.states() == {}
    house.quarry("adopt", "host", "vm", "stray-vm", "membership=Compute")
    assert house.check_agreement() == {"stray-vm": "active"}
    assert "52:54:00:77:01:01" in house.quarry("list", "host", "interface", "stray-vm").out
    house.quarry("stop", "host", "vm", "stray-vm")
    assert house.check_agreement() == {"stray-vm": "shutoff"}
    assert "stray-vm" not in house.quarry("list", "host", "unknown").out
    refused = house.quarry("adopt", "host", "vm", "stray-vm", status=1)
    assert "in the store already" in refused.err


def test_a_vm_that_was_undefined_behind_our_back(house: House) -> None:
    house.fill(FIRST)
    house.quarry("start", "host", "vm", VM)
    house.lab.virsh(FIRST, "destroy", VM)
    house.lab.virsh(FIRST, "undefine", VM)
    assert house.check_agreement() == {VM: NOT_DEFINED}
    house.quarry("start", "host", "vm", VM)
    assert house.check_agreement() == {VM: "active"}


def test_a_vm_that_runs_elsewhere_is_not_started_twice(house: House) -> None:
    house.fill(FIRST)
    house.quarry("start", "host", "vm", VM)
    house.quarry("stop", "host", "vm", VM)
    copy_definition(house, VM, FIRST, SECOND)
    twice = house.quarry("start", "host", "vm", VM, status=1)
    assert re.search(r"same UUID|also .*vm-container-0-1", twice.err)
    house.lab.virsh(FIRST, "undefine", VM)
    refused = house.quarry("start", "host", "vm", VM, status=1)
    assert SECOND in refused.err
    assert "physnode" in refused.err
    assert house.lab.virsh(FIRST, "list", "--name").strip() == ""
