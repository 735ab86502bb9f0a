"""The parts of the repository, each by what a caller does with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import StoreConflict, StoreError
from core.store.check import check_store
from core.store.records import NewDisk, Scope
from core.store.store import Store
from tests.stores import add_vm


def test_nodes_are_changed_by_name_of_their_membership(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.add("nas-0-0", membership="nas appliance", rack=0, rank=0, comment="big")
        assert (node.membership, node.appliance) == ("NAS Appliance", "nas")
        rows.nodes.update(node.id, membership="Compute", rack=None, comment=None)
        changed = rows.nodes.get(node.id)
        assert changed is not None
        assert (changed.membership, changed.rack, changed.comment) == ("Compute", None, None)
        with pytest.raises(StoreConflict, match='there is no membership "nonsense"'):
            rows.nodes.update(node.id, membership="nonsense")


def test_racks_of_an_empty_and_a_filled_store(path: Path, store: Store) -> None:
    with store.reading() as rows:
        assert rows.nodes.racks() == (0, 1)
    with Store.open("sqlite://") as empty, empty.reading() as rows:
        assert rows.nodes.racks() is None


def test_removing_a_node_takes_its_rows_along(store: Store) -> None:
    with store.begin() as rows:
        name = add_vm(rows)
        node = rows.nodes.find(name)
        assert node is not None
        rows.attributes.set(Scope.HOST, node.id, "a", "1")
        rows.boot.set_action(node.id, "install")
        rows.boot.set_pxe_action(node.id, "install")
        rows.boot.add_pxe_rule(node.id, "install", "kernel", "args")
        rows.partitions.add(node.id, device="hda1", mountpoint="/")
        rows.routes.add(Scope.HOST, node.id, "0.0.0.0", "0.0.0.0", gateway="10.0.0.1")
        rows.locks.take(node.id, owner="ada", reason="move", pid=1, host="rocks")
        rows.nodes.remove(node.id)
    assert check_store(store) == []
    with store.reading() as rows:
        assert rows.vms.all() == [] and rows.vms.disks() == {} and rows.networks.all() == []
        assert rows.locks.all() == [] and rows.boot.actions() == {} and rows.routes.all(Scope.HOST) == []


def test_disks_are_replaced_as_a_whole(store: Store) -> None:
    with store.begin() as rows:
        add_vm(rows)
        vm = rows.vms.find("compute-0-0-0")
        assert vm is not None
        rows.vms.set_disks(
            vm.id,
            [
                NewDisk("phy", "/dev/vg0", "lv1", "hda", "w", 10),
                NewDisk("phy", "", "/dev/vg0/lv2", "hdb", "w", 20),
            ],
        )
        disks = rows.vms.disks([vm.id, 99])
        assert [disk.path for disk in disks[vm.id]] == ["/dev/vg0/lv1", "/dev/vg0/lv2"]
        assert disks[99] == []
        rows.vms.update_disk(disks[vm.id][0].id, size=11)
        assert [disk.size for disk in rows.vms.disks()[vm.id]] == [11, 20]


def test_a_vm_moves_to_another_container(store: Store) -> None:
    with store.begin() as rows:
        add_vm(rows)
        add_vm(rows, "vm-container-1-0")
        vm, house = rows.vms.find("compute-0-0-0"), rows.nodes.find("vm-container-1-0")
        assert vm is not None and house is not None
        rows.vms.update(vm.id, physnode_id=house.id, slice=rows.allocation.next_slice(house.id), mem=4096)
        assert [(one.name, one.slice) for one in rows.vms.on(house.id)] == [
            ("compute-1-0-0", 0),
            ("compute-0-0-0", 1),
        ]
    with pytest.raises(StoreConflict, match="already has a VM with this slice"), store.begin() as rows:
        rows.vms.update(vm.id, slice=0)


def test_a_host_attribute_beats_its_appliance_s_and_the_global_one(store: Store) -> None:
    with store.begin() as rows:
        house, appliance = rows.nodes.find("vm-container-0-0"), rows.memberships.find_appliance("vm-container")
        other = rows.nodes.find("vm-container-1-0")
        assert house is not None and appliance is not None and other is not None
        rows.attributes.set(Scope.GLOBAL, None, "cpu_mode", "custom")
        rows.attributes.set(Scope.GLOBAL, None, "only_global", "1")
        rows.attributes.set(Scope.APPLIANCE, appliance.id, "CPU_mode", "host-model")
        rows.attributes.set(Scope.APPLIANCE, appliance.id, "libvirt_uri", "qemu+ssh://{host}/system")
        rows.attributes.set(Scope.HOST, house.id, "cpu_mode", "old")
        rows.attributes.set(Scope.HOST, house.id, "cpu_mode", "host-passthrough")
        resolved = rows.attributes.resolved(house.id)
        assert {name.lower(): value for name, value in resolved.items()} == {
            "cpu_mode": "host-passthrough",
            "only_global": "1",
            "libvirt_uri": "qemu+ssh://{host}/system",
        }
        fleet = rows.fleet()
        assert [one.uri for one in fleet.containers] == [
            "qemu+ssh://vm-container-0-0/system",
            "qemu+ssh://vm-container-1-0/system",
        ]
        assert fleet.containers[0].attributes == resolved
        assert rows.attributes.remove(Scope.HOST, house.id, "CPU_MODE")
        assert not rows.attributes.remove(Scope.HOST, house.id, "cpu_mode")


def test_a_host_with_a_uri_of_its_own_is_a_container(store: Store) -> None:
    with store.begin() as rows:
        frontend = rows.nodes.find("rocks")
        assert frontend is not None
        assert "rocks" not in [one.name for one in rows.fleet().containers]
        rows.attributes.set(Scope.HOST, frontend.id, "libvirt_uri", "xen:///")
        (first, *_) = rows.fleet().containers
        assert (first.name, first.uri, first.is_frontend) == ("rocks", "xen:///", True)


def test_clusters_know_their_members(store: Store) -> None:
    with store.begin() as rows:
        names = [add_vm(rows) for _ in range(3)]
        ids = [node.id for node in rows.nodes.all() if node.name in names]
        cluster = rows.clusters.add("blue", ids[0], 7)
        rows.clusters.add_member(cluster, ids[1])
        found = rows.clusters.find("BLUE")
        assert found is not None and found == rows.clusters.find(names[0])
        assert (found.frontend, found.vlanid, found.members) == (names[0], 7, (ids[0], ids[1]))
        assert [vm.cluster for vm in rows.fleet().vms] == ["blue", "blue", None]
    with pytest.raises(StoreConflict, match="another cluster already uses this VLAN"), store.begin() as rows:
        rows.clusters.add("green", ids[2], 7)
    with store.begin() as rows:
        rows.clusters.remove(found.id)
        assert rows.clusters.all() == [] and len(rows.vms.all()) == 3


def test_a_lock_is_taken_once(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find("rocks")
        assert node is not None
        assert (
            rows.locks.take(node.id, owner="ada", reason="move to vm-container-1-0", pid=7, host="rocks", job=3)
            is None
        )
        held = rows.locks.take(node.id, owner="bob", reason="stop", pid=8, host="rocks")
        assert held is not None and (held.owner, held.name, held.job) == ("ada", "rocks", 3)
        assert not rows.locks.release(node.id, job=4)
        assert rows.locks.release(node.id, job=3)
        assert rows.locks.holder(node.id) is None


def test_sessions_that_fall_silent_are_gone(store: Store) -> None:
    with store.begin(counts=False) as rows:
        first = rows.sessions.start(who="ada", host="rocks", tty="pts/1", pid=7)
        assert [one.who for one in rows.sessions.alive(within_s=60)] == ["ada"]
        assert rows.sessions.alive(within_s=-1) == []
        assert rows.sessions.beat(first)
        assert rows.sessions.forget_silent(within_s=-1) == 1
        assert not rows.sessions.beat(first)


def test_the_log_is_read_newest_first(store: Store) -> None:
    with store.begin(counts=False) as rows:
        rows.log.add(who="ada", host="rocks", what="stop host vm a", target="a")
        rows.log.add(who="bob", host="rocks", what="stop host vm b", target="b", result="failed", detail="locked")
        assert [entry.who for entry in rows.log.recent()] == ["bob", "ada"]
        (entry,) = rows.log.recent(who="bob")
        assert (entry.result, entry.detail, entry.at.utcoffset()) == ("failed", "locked", timedelta(0))
        assert [one.what for one in rows.log.recent(target="a")] == ["stop host vm a"]


def test_boot_rows_and_named_actions(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find("rocks")
        assert node is not None and rows.boot.action(node.id) is None
        rows.boot.set_action(node.id, "install")
        rows.boot.set_action(node.id, "os")
        assert rows.boot.actions() == {node.id: "os"}
        rows.boot.set_bootaction("install", "vmlinuz", "initrd.img", "ks")
        rows.boot.set_bootaction("INSTALL", "vmlinuz-2", "initrd.img", "ks")
        assert [one.kernel for one in rows.boot.bootactions()] == ["vmlinuz-2"]


def test_partitions_are_replaced_by_a_report(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find("vm-container-0-0")
        assert node is not None
        rows.partitions.replace(node.id, [{"device": "sda1", "mountpoint": "/", "partitionsize": "16.8GB"}])
        rows.partitions.replace(
            node.id,
            [
                {"device": "sda1", "mountpoint": "/"},
                {"device": "sda2", "mountpoint": "swap", "partitionsize": "1045MB"},
            ],
        )
        assert [one.size_bytes for one in rows.partitions.of_node(node.id)] == [None, 1_045_000_000]
        assert rows.partitions.remove(node.id, mountpoint="swap") == 1
        assert rows.partitions.remove(node.id, device="sda1") == 1
        assert rows.partitions.all() == {}


def test_subnets_and_appliances_stay_while_used(store: Store) -> None:
    with store.begin() as rows:
        add_vm(rows)
        subnet, appliance = rows.subnets.find("private"), rows.memberships.find_appliance("compute")
        assert subnet is not None and appliance is not None
    with pytest.raises(StoreConflict), store.begin() as rows:
        rows.subnets.remove(subnet.id)
    with pytest.raises(StoreConflict), store.begin() as rows:
        rows.memberships.remove_appliance(appliance.id)


def test_nothing_is_written_while_reading(store: Store) -> None:
    with store.reading() as rows, pytest.raises(StoreError, match="only reading"):
        rows.nodes.add("one", membership="Compute")


@pytest.mark.parametrize("url", ["file", "sqlite://"])
def test_threads_share_a_store(store: Store, url: str) -> None:
    shared = store if url == "file" else Store.open(url)
    if shared is not store:
        with shared.begin() as rows:
            rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)

    def work(_: int) -> tuple[str, int]:
        name = shared.transact(add_vm)
        with shared.reading() as rows:
            return name, len(rows.fleet().vms)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(40)))
    assert {name for name, _ in results} == {f"compute-0-0-{number}" for number in range(40)}
    assert check_store(shared) == []


KILLED = """
import os, signal, sys
from core.store.store import Store
from tests.stores import add_vm
store = Store.open(sys.argv[1])
with store.begin() as rows:
    add_vm(rows)
    rows.nodes.add("half", membership="Compute")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_in_the_middle_nothing_is_kept(store: Store, path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, f"sqlite:///{path}"],
        cwd=Path(__file__).parents[3],
        check=False,
        env=os.environ,
    )
    assert done.returncode == -signal.SIGKILL
    with store.begin() as rows:
        assert rows.nodes.find("half") is None and rows.vms.all() == []
        assert add_vm(rows) == "compute-0-0-0"
    assert check_store(store) == []


@pytest.mark.parametrize(
    "name", ["a'b; DROP TABLE nodes", "<b>&amp;", "$(reboot)", "[red]x[/red]", "naïve", "x" * 128, "a\nb", "%"]
)
def test_names_are_only_data(store: Store, name: str) -> None:
    with store.begin() as rows:
        rows.nodes.add(name, membership="Compute", comment=name)
    with store.reading() as rows:
        found = rows.nodes.find(name)
    assert found is not None and found.comment == found.name == name
