"""Stores as most tests want them: made once, then copied, which takes a tenth of the time; and a VM in one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from core.store.records import NewDisk
from core.store.repository import Repository
from core.store.store import Store


def put_fresh_store(path: Path) -> None:
    """Put a store with Rocks' usual rows and nothing else at a path, as opening one there would make it."""
    path.write_bytes(_fresh())


@cache
def _fresh() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.sqlite"
        Store.open(f"sqlite:///{path}").close()
        return path.read_bytes()


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
