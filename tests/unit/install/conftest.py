"""A store with a frontend, a container and two VMs that want to be installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.store.install_records import InstallRecord
from core.store.records import NewDisk, Scope
from core.store.repository import Repository
from core.store.store import Store

MACS = {"compute-0-0-0": "00:16:3e:00:00:01", "compute-0-0-1": "00:16:3e:00:00:02"}


def one_install(rows: Repository) -> InstallRecord:
    """The only node's last install."""
    (found,) = rows.installs.last_of_each().values()
    return found


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        with store.begin() as rows:
            rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
            house = rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
            rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", "test:///default")
            private = rows.subnets.find("private")
            assert private is not None
            for number, (name, mac) in enumerate(MACS.items()):
                node = rows.nodes.add(name, membership="Compute", rack=0, rank=number)
                vm = rows.vms.add(node.id, house.id, number, virt_type="hvm")
                rows.networks.add(
                    node.id, device="eth0", mac=mac, ip=f"10.1.255.{254 - number}", subnet_id=private.id, name=name
                )
                folder = "/state/partition1/kvm/disks"
                rows.vms.set_disks(vm, [NewDisk("file", folder, f"{name}.vda", "vda", "virtio", 36)])
        yield store
