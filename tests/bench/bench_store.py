"""How long the store takes: the fleet, the lists' queries, and 500 VMs in one transaction. Prints, asserts no time.

Run: ``python -m tests.bench.bench_store``, or ``pytest tests/bench/bench_store.py -s``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from core.store import schema
from core.store.addresses import mac_text
from core.store.records import NewDisk
from core.store.repository import Repository
from core.store.store import Store

CONTAINERS = 500
VMS_EACH = 20
RUNS = 5


def fill(store: Store) -> None:
    """500 containers with 20 VMs each."""
    nodes: list[dict[str, object]] = [{"id": 1, "name": "rocks", "membership": 1, "rack": 0, "rank": 0}]
    networks, vms, disks = [], [], []
    for number in range(CONTAINERS):
        rack, rank = divmod(number, 40)
        house = len(nodes) + 1
        nodes.append(
            {"id": house, "name": f"vm-container-{rack}-{rank}", "membership": 7, "rack": rack, "rank": rank}
        )
        for slice_no in range(VMS_EACH):
            node = len(nodes) + 1
            name = f"compute-{rack}-{rank}-{slice_no}"
            nodes.append({"id": node, "name": name, "membership": 6, "rack": rack, "rank": rank})
            networks.append(
                {
                    "node": node,
                    "device": "eth0",
                    "mac": mac_text(0x00163E000000 + node),
                    "ip": f"10.{node >> 16}.{node >> 8 & 255}.{node & 255}",
                    "name": name,
                    "subnet": 1,
                }
            )
            vms.append({"physnode": house, "node": node, "mem": 1024, "slice": slice_no})
            disks.append({"vm_node": len(vms), "prefix": "/state/partition1/xen/disks", "name": name, "size": 36})
    with store.begin() as rows:
        connection = rows.shared_rows.connection
        for table, values in (
            (schema.nodes, nodes),
            (schema.networks, networks),
            (schema.vm_nodes, vms),
            (schema.vm_disks, disks),
        ):
            connection.execute(insert(table), values)


def add_many(rows: Repository, count: int) -> None:
    """Add VMs one by one to one container, as one command with a VM list would."""
    house, subnet = rows.nodes.find("vm-container-0-0"), rows.subnets.find("private")
    assert house is not None and subnet is not None
    for _ in range(count):
        name, slice_no = rows.allocation.next_vm_name("compute", house)
        node = rows.nodes.add(name, membership="Compute", rack=house.rack, rank=house.rank)
        vm_id = rows.vms.add(node.id, house.id, slice_no)
        mac, ip = rows.allocation.next_mac(), rows.allocation.next_ip(subnet)
        rows.networks.add(node.id, device="eth0", mac=mac, ip=ip, subnet_id=subnet.id, name=name)
        rows.vms.set_disks(vm_id, [NewDisk("file", "/state/partition1/xen/disks", f"{name}.hda", "hda", "w", 36)])


def timed(what: str, work: Callable[[], object], runs: int = RUNS) -> None:
    """Run and print one line of the table."""
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    print(f"{what:<58} {statistics.median(took):8.3f} s  (best {min(took):.3f}, worst {max(took):.3f})")


def measure(folder: Path) -> None:
    """Fill a store and print the table."""
    url = f"sqlite:///{folder / 'store.sqlite'}"
    print(f"\n{CONTAINERS} containers, {CONTAINERS * VMS_EACH} VMs, SQLite")
    timed("open a store that is not there yet", lambda: Store.open(url).close(), runs=1)
    with Store.open(url) as store:
        timed("fill it", lambda: fill(store), runs=1)
        timed("open", lambda: Store.open(url).close())
        timed("revision()", store.revision)

        def fleet() -> None:
            with store.reading() as rows:
                rows.fleet()

        def listing() -> None:
            with store.reading() as rows:
                rows.vms.all()

        def listing_with_disks() -> None:
            with store.reading() as rows:
                rows.vms.all()
                rows.networks.all()
                rows.vms.disks()

        timed("fleet()", fleet)
        timed("vms.all()", listing)
        timed("vms, interfaces and disks", listing_with_disks)
        script = (
            "import sys; from core.store.store import Store\n"
            "with Store.open(sys.argv[1], read_only=True) as store, store.reading() as rows: rows.vms.all()\n"
        )
        timed(
            "a process of its own: start, open, vms.all(), end",
            lambda: subprocess.run([sys.executable, "-c", script, url], check=True),
        )

        def add_500() -> None:
            with store.begin() as rows:
                add_many(rows, 500)

        timed("add 500 VMs in one transaction", add_500, runs=1)


@pytest.mark.bench
def test_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        measure(tmp_path)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name))
