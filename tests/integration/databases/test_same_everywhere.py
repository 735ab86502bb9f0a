"""The store does the same on SQLite, MariaDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import StoreBusy, StoreConflict
from core.store.records import Scope
from core.store.store import Store
from tests.stores import add_vm

pytestmark = pytest.mark.real

RunSql = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def store(url: str) -> Store:
    store = Store.open(url, busy_timeout_s=5)
    with store.begin() as rows:
        rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
        rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
    return store


def test_a_vm_comes_back_as_it_was_put(store: Store) -> None:
    with store.begin() as rows:
        add_vm(rows)
    with store.reading() as rows:
        fleet = rows.fleet()
    (vm,) = fleet.vms
    assert (vm.name, vm.container, vm.slice_no) == ("compute-0-0-0", "vm-container-0-0", 0)
    assert (vm.interfaces[0].mac, vm.interfaces[0].ip) == ("00:16:3e:00:00:01", "10.255.255.254")
    assert vm.disks[0].path == "/state/partition1/xen/disks/compute-0-0-0.hda"
    assert fleet.frontend == "rocks"


def test_names_are_equal_whatever_their_case(store: Store) -> None:
    with store.reading() as rows:
        assert rows.nodes.find("ROCKS") is not None
        assert rows.memberships.find("vm container") is not None
    with pytest.raises(StoreConflict, match="the name is already taken"), store.begin() as rows:
        rows.nodes.add("Vm-Container-0-0", membership="compute")


def test_a_refused_change_leaves_nothing_behind(store: Store) -> None:
    before = store.revision()
    with pytest.raises(StoreConflict), store.begin() as rows:
        rows.nodes.add("one", membership="Compute")
        rows.nodes.add("one", membership="Compute")
    with store.reading() as rows:
        assert rows.nodes.find("one") is None
    assert store.revision() == before


def test_a_container_with_vms_stays(store: Store) -> None:
    with store.begin() as rows:
        add_vm(rows)
        house = rows.nodes.find("vm-container-0-0")
    assert house is not None
    with pytest.raises(StoreConflict), store.begin() as rows:
        rows.nodes.remove(house.id)


def test_the_revision_counts_write_transactions(store: Store) -> None:
    before = store.revision()
    with store.begin() as rows:
        rows.attributes.set(Scope.GLOBAL, None, "a", "1")
    with store.begin(counts=False) as rows:
        rows.log.add(who="ada", host="rocks", what="list host")
    with store.reading():
        pass
    assert store.revision() == before + 1


def test_rows_filled_in_by_hand_are_vms_too(store: Store, run_sql: RunSql) -> None:
    run_sql(
        "INSERT INTO nodes (id, name, membership, cpus, rack, rank) VALUES (50, 'compute-0-0-7', 6, 2, 0, 0)".replace(
            "rank)", "`rank`)" if "mysql" in store.url else "rank)"
        ),
        "INSERT INTO vm_nodes (id, physnode, node, mem, slice, virt_type) VALUES (9, 2, 50, 900, 7, NULL)",
        "INSERT INTO vm_disks (id, vm_node, vbd_type, prefix, name, device, mode, size)"
        " VALUES (1, 9, 'file', '/x', 'y.hda', 'hda', 'w', 36)",
        "INSERT INTO networks (id, node, mac, ip, device, subnet)"
        " VALUES (1, 50, '00:16:3E:00:00:0A', NULL, 'eth0', 1)",
    )
    with store.reading() as rows:
        (vm,) = rows.fleet().vms
    assert vm.uuid
    with store.begin() as rows:
        assert add_vm(rows) == "compute-0-0-8"
        found = rows.networks.find_by_mac("0:16:3e:0:0:b")
        assert found is not None and found.ip == "10.255.255.254"
    with store.reading() as rows:
        kept = rows.vms.find("compute-0-0-7")
    assert kept is not None and kept.uuid == vm.uuid
    assert run_sql("SELECT uuid FROM vm_nodes WHERE id = 9") == [(vm.uuid,)]


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(store: Store, url: str) -> None:
    with Store.open(url, busy_timeout_s=1) as other, store.begin() as rows:
        rows.attributes.set(Scope.GLOBAL, None, "a", "1")
        with pytest.raises(StoreBusy, match="try again"), other.begin():
            pass
        with other.reading() as reader:
            assert reader.attributes.resolved(1) == {}


def test_readers_see_one_moment(store: Store, url: str) -> None:
    with Store.open(url) as other, store.reading() as rows:
        before = len(rows.nodes.all())
        with other.begin() as writer:
            writer.nodes.add("late", membership="Compute")
        assert len(rows.nodes.all()) == before
    with store.reading() as rows:
        assert len(rows.nodes.all()) == before + 1


@pytest.mark.parametrize(
    ("name", "cpus"),
    [("x" * 129, 1), ("fine", 2**31), ("fine", 10**30), ("nul\0", 1), ("half\udc80", 1)],
    ids=["too long", "too large", "huge", "nul", "not UTF-8"],
)
def test_values_no_column_can_hold_are_refused(store: Store, name: str, cpus: int) -> None:
    before = store.revision()
    try:
        with store.begin() as rows:
            rows.nodes.add(name, membership="Compute", cpus=cpus)
    except StoreConflict as error:
        assert "the store refuses a value" in str(error)
        assert store.revision() == before
    else:
        assert name == "nul\0"  # SQLite and MariaDB can hold it
