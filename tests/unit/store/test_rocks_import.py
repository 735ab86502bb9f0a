"""`import rocks` from dumps: what is taken, changed and refused, and that a second run changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StoreError
from core.store.check import Gravity, check_store
from core.store.records import Scope
from core.store.rocks_import import import_rocks
from core.store.store import Store

DATA = Path(__file__).parent / "data"


@pytest.fixture
def empty(path: Path) -> Store:
    return Store.open(f"sqlite:///{path}")


def test_rocks_5_0(empty: Store) -> None:
    report = import_rocks(empty, str(DATA / "rocks_5_0.sql"))
    with empty.reading() as rows:
        fleet = rows.fleet()
        assert [node.name for node in rows.nodes.all()] == [
            "espresso",
            "vm-container-0-0",
            "compute-0-0-0",
            "compute-0-0-1",
            "compute-0-9",
        ]
        container = rows.nodes.find("vm-container-0-0")
        assert container is not None and container.comment == 'it\'s "new"; really'
        assert [one.size_bytes for one in rows.partitions.of_node(container.id)] == [16_800_000_000, 66_400_000_000]
        assert rows.attributes.resolved(container.id)["Info_ClusterName"] == "Ca'f\\e"
        private = rows.subnets.find("private")
        assert private is not None and (private.subnet, private.netmask) == ("10.1.0.0", "255.255.0.0")
        assert [rule.command for rule in rows.boot.pxe_rules()] == ["kernel vmlinuz", "localboot 0"]
    first, second = fleet.vms
    assert (first.name, first.slice_no, first.memory_mib, first.interfaces[0].ip) == (
        "compute-0-0-0",
        0,
        900,
        "10.1.255.253",
    )
    assert (second.slice_no, second.virt_type, second.interfaces[0].mac) == (1, None, None)
    assert second.disks[0].vbd_type == "tap:aio"
    changed, refused = ({note.sentence for note in notes} for notes in (report.changed, report.refused))
    assert 'vm_nodes: "compute-0-0-1": another VM of its container has slice 0; now 1' in changed
    assert 'networks: compute-0-9 eth0: the ip "None" is not an address and was left out' in changed
    assert "nodes: id 5: it has no name" in refused
    assert 'nodes: "COMPUTE-0-0-1" (id 6): an earlier node has the same name' in refused
    assert "vm_disks: id 3 (y): its VM 9 does not exist" in refused
    assert report.skipped_tables == {"sites": 1}


def test_rocks_7_0(empty: Store) -> None:
    import_rocks(empty, str(DATA / "rocks_7_0.sql"))
    with empty.reading() as rows:
        (cluster,) = rows.clusters.all()
        assert (cluster.name, cluster.vlanid, len(cluster.members)) == ("frontend-0-0-0", 2, 2)
        frontend = rows.vms.find("frontend-0-0-0")
        assert frontend is not None and frontend.cdrom_path == "/isos/a.iso"
        assert rows.attributes.resolved(frontend.node)["cdrom_path"] == "/isos/a.iso", "no CD in its definition"
        assert rows.boot.action(frontend.node) == "install"
        # Rocks' unpadded MACs are stored padded, so the pool goes on where it stood.
        assert rows.allocation.next_mac() == "0a:64:33:80:00:03"
        container = rows.nodes.find("vm-container-0-0")
        assert container is not None
        assert rows.attributes.find(Scope.HOST, container.id, "cpu_mode") == "host-passthrough"
        (route,) = rows.routes.all(Scope.HOST)
        assert (route.target, route.gateway) == ("frontend-0-0-0", "198.51.100.1")


def test_rocks_6_2(empty: Store) -> None:
    report = import_rocks(empty, str(DATA / "rocks_6_2.sql"))
    with empty.reading() as rows:
        (cluster,) = rows.clusters.all()
        assert (cluster.frontend, cluster.vlanid) == ("frontend-0-0-0", 2)
        assert [(one.scope, one.target, one.attr) for one in rows.attributes.all()][2:] == [
            (Scope.GLOBAL, "", "Kickstart_PrivateHostname"),
            (Scope.APPLIANCE, "vm-container", "managed"),
            (Scope.HOST, "vm-container-0-0", "x11"),
        ]
        assert [one.subnet for one in rows.routes.all(Scope.GLOBAL)] == ["private", None]
        assert [one.target for one in rows.routes.all(Scope.APPLIANCE)] == ["compute"]
        homeless = rows.vms.find("hosted-vm-0-0-2")
        assert homeless is not None and homeless.physnode is None
    assert {note.sentence for note in report.changed} == {
        'vm_nodes: "frontend-0-0-1": it had 0 MB of memory; now 1024',
        'vm_nodes: "hosted-vm-0-0-2": its container 0 does not exist; the VM has none now',
        "networks: hosted-vm-0-0-2 eth1: VLAN 9999 is not from 0 to 4095 and was left out",
    }
    assert {note.sentence for note in report.refused} == {
        "boot: action os: its node 77 does not exist",
        "os_attributes: linux HttpRoot: there is no scope of operating systems here",
        "appliance_attributes: managed: its appliance 44 does not exist",
        "node_attributes: x11: its node 78 does not exist",
        "global_routes: odd/0.0.0.0: it is not an address and a mask",
        "appliance_routes: 192.0.2.0: its appliance gone does not exist",
        "node_routes: 0.0.0.0: its node 79 does not exist",
        'clusters: "frontend-0-0-1": another cluster uses its VLAN 2',
    }
    assert report.skipped_tables == {"aliases": 1}


@pytest.mark.parametrize("name", ["rocks_5_0.sql", "rocks_6_2.sql", "rocks_7_0.sql"])
def test_twice_is_once(empty: Store, name: str) -> None:
    first = import_rocks(empty, str(DATA / name))
    second = import_rocks(empty, str(DATA / name))
    assert first.wrote_anything and not second.wrote_anything
    assert second.refused == first.refused
    errors = [finding.what for finding in check_store(empty) if finding.gravity is Gravity.ERROR]
    assert set(errors) <= {"it is on no container"}


def test_a_dry_run_reports_the_same_and_keeps_nothing(empty: Store) -> None:
    before = empty.revision()
    dry = import_rocks(empty, str(DATA / "rocks_5_0.sql"), dry_run=True)
    assert empty.revision() == before
    with empty.reading() as rows:
        assert rows.nodes.all() == []
    real = import_rocks(empty, str(DATA / "rocks_5_0.sql"))
    assert dry.lines() == [*real.lines(), "nothing was written: this was a dry run"]


def test_a_change_in_rocks_comes_over_with_the_next_import(empty: Store, tmp_path: Path) -> None:
    text = (DATA / "rocks_7_0.sql").read_text()
    import_rocks(empty, str(DATA / "rocks_7_0.sql"))
    later = tmp_path / "later.sql"
    later.write_text(text.replace("'vm-container-0-0',3,24", "'vm-container-0-0',3,48"))
    report = import_rocks(empty, str(later))
    assert dict(report.updated) == {"nodes": 1}
    with empty.reading() as rows:
        node = rows.nodes.find("vm-container-0-0")
    assert node is not None and node.cpus == 48


def test_a_cd_taken_out_in_rocks_is_taken_out_here(empty: Store, tmp_path: Path) -> None:
    text = (DATA / "rocks_7_0.sql").read_text()
    import_rocks(empty, str(DATA / "rocks_7_0.sql"))
    later = tmp_path / "later.sql"
    later.write_text(text.replace("'/isos/a.iso'", "''"))
    assert dict(import_rocks(empty, str(later)).updated) == {"vm_nodes": 1, "node_attributes": 1}
    with empty.reading() as rows:
        frontend = rows.vms.find("frontend-0-0-0")
        assert frontend is not None and frontend.cdrom_path is None
        assert "cdrom_path" not in rows.attributes.resolved(frontend.node)
    assert dict(import_rocks(empty, str(later)).updated) == {}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no Rocks database"),
        (b"CREATE TABLE songs (title text);", "no Rocks database"),
        (b"\x1f\x8b\x08rest", "gunzip it first"),
    ],
)
def test_what_is_no_rocks_dump(empty: Store, tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "dump"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=why):
        import_rocks(empty, str(path))


def test_latin_1_is_read_too(empty: Store, tmp_path: Path) -> None:
    path = tmp_path / "dump"
    path.write_bytes((DATA / "rocks_5_0.sql").read_text().replace("it''s", "gro\xdf").encode("latin-1"))
    import_rocks(empty, str(path))
    with empty.reading() as rows:
        node = rows.nodes.find("vm-container-0-0")
    assert node is not None and node.comment is not None and node.comment.startswith("gro\xdf")


@pytest.mark.parametrize("source", ["/no/such/file", "oracle://host/x", "mysql://host"])
def test_sources_that_are_not_there(empty: Store, source: str) -> None:
    with pytest.raises(StoreError):
        import_rocks(empty, source)
