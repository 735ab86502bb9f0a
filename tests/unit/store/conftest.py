"""A store with a frontend and two containers, and the commands to look past it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.records import NewDisk
from core.store.repository import Repository
from core.store.store import Store
from tests.stores import put_fresh_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quarry.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    put_fresh_store(path)
    with Store.open(f"sqlite:///{path}", busy_timeout_s=2) as store:
        with store.begin() as rows:
            rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
            rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
            rows.nodes.add("vm-container-1-0", membership="VM Container", rack=1, rank=0)
        yield store


def add_vm(rows: Repository, container: str = "vm-container-0-0") -> str:
    """Add a VM the way `add host vm` does; return its name."""
    house = rows.nodes.find(container)
    subnet = rows.subnets.find("private")
    assert house is not None and subnet is not None
    name, slice_no = rows.allocation.next_vm_name("compute", house)
    node = rows.nodes.add(name, membership="Compute", rack=house.rack, rank=house.rank)
    vm_id = rows.vms.add(node.id, house.id, slice_no)
    rows.networks.add(
        node.id,
        device="eth0",
        mac=rows.allocation.next_mac(),
        ip=rows.allocation.next_ip(subnet),
        subnet_id=subnet.id,
        name=name,
    )
    rows.vms.set_disks(vm_id, [NewDisk("file", "/state/partition1/xen/disks", f"{name}.hda", "hda", "w", 36)])
    return name
