"""`check`: each broken rule is found, a whole store is whole, and a killed writer leaves one."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.store.check import check_store
from core.store.store import Store
from tests.stores import add_vm


@pytest.fixture
def breaking(path: Path) -> Callable[[str], None]:
    """Run SQL with the foreign keys off, as SQLite's own shell has them."""

    def run(statement: str) -> None:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(statement)
        connection.commit()
        connection.close()

    return run


def test_a_whole_store(store: Store) -> None:
    with store.begin() as rows:
        add_vm(rows)
        add_vm(rows, "vm-container-1-0")
    assert check_store(store) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM nodes WHERE name = 'vm-container-0-0'", "its physnode 2 is not in nodes"),
        ("UPDATE networks SET node = 99", "its node 99 is not in nodes"),
        ("UPDATE vm_disks SET vm_node = 99", "its vm_node 99 is not in vm_nodes"),
        ("INSERT INTO pxeaction (node, action) VALUES (99, 'os')", "its node 99 is not in nodes"),
        ("UPDATE vm_nodes SET physnode = NULL", "it is on no container"),
        ("UPDATE vm_nodes SET physnode = node", "it is its own container"),
        ("UPDATE vm_nodes SET slice = -1", "slice -1 is negative"),
        ("UPDATE vm_nodes SET mem = 0", "it has 0 MB of memory"),
        ("UPDATE vm_disks SET size = 0", "its size is 0 GB"),
        ("UPDATE vm_disks SET name = ''", "it has no file or device"),
        ("UPDATE networks SET mac = 'rubbish'", '"rubbish" is not a MAC address'),
        ("UPDATE networks SET ip = 'None'", '"None" is not an IP address'),
        ("UPDATE networks SET ip = '192.0.2.1'", 'outside its network "private"'),
        ("UPDATE networks SET vlanid = 5000", "VLAN 5000 is not from 0 to 4095"),
        ("INSERT INTO networks (node, mac) VALUES (1, '0:16:3e:0:0:1')", "has the same MAC address"),
        ("UPDATE subnets SET netmask = '255.0.255.0'", "is not an address and a mask"),
        ("UPDATE nodes SET membership = NULL WHERE id = 1", "it has no membership"),
        ("UPDATE nodes SET cpus = 0 WHERE id = 1", "it has 0 CPUs"),
        ("INSERT INTO nodes (name, membership) VALUES (' ', 6)", "it has no name"),
        ("INSERT INTO clusters (name, frontend, vlanid) VALUES ('c', 1, 1)", "VLAN 1 is not from 2 to 4095"),
        ("INSERT INTO clusters (name, frontend, vlanid) VALUES ('c', 1, 2)", "its frontend is not a member"),
        (
            "INSERT INTO vm_disks (vm_node, name, device, size) VALUES (1, 'x', 'hda', 1)",
            "another disk of the VM has the same device",
        ),
    ],
)
def test_what_is_broken_is_found(store: Store, breaking: Callable[[str], None], statement: str, what: str) -> None:
    with store.begin() as rows:
        add_vm(rows)
    breaking(statement)
    findings = check_store(store)
    assert any(what in finding.sentence for finding in findings), findings
    assert all(finding.remedy for finding in findings)


def test_two_clusters_on_one_vlan(store: Store, breaking: Callable[[str], None]) -> None:
    breaking("DROP TABLE clusters")
    breaking("CREATE TABLE clusters (id INTEGER PRIMARY KEY, name TEXT, frontend INTEGER, vlanid INTEGER)")
    breaking("INSERT INTO clusters (name, frontend, vlanid) VALUES ('a', 1, 2), ('b', 2, 2)")
    assert any('VLAN 2 is also that of "a"' in finding.sentence for finding in check_store(store))


WRITER = """
import sys
from core.store.store import Store
from tests.stores import add_vm
store = Store.open(sys.argv[1])
while True:
    with store.begin() as rows:
        name = add_vm(rows)
        add_vm(rows, "vm-container-1-0")
    print(name, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 3, 7])
def test_a_killed_writer_leaves_a_whole_store(store: Store, path: Path, lines: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, f"sqlite:///{path}"],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert check_store(store) == []
    with store.begin() as rows:
        names = [vm.name for vm in rows.vms.all()]
        assert set(told) <= set(names)
        # Both VMs of a transaction are there, or neither.
        assert len(names) % 2 == 0
        add_vm(rows)
