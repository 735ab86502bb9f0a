"""A dump, replayed into an empty store, gives the same rows (by names)."""

from __future__ import annotations

import shlex
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from core.commands.context import Context
from core.settings import Settings, StoreSettings
from core.store.store import Store
from tests.unit.commands.conftest import Console
from tests.unit.commands.test_recorded_runs import FIRST, LATER

IDS = {
    "nodes": "SELECT id, name FROM nodes",
    "subnets": "SELECT id, name FROM subnets",
    "memberships": "SELECT id, name FROM memberships",
    "appliances": "SELECT id, name FROM appliances",
    "vm_nodes": "SELECT v.id, n.name FROM vm_nodes v JOIN nodes n ON n.id = v.node",
    "clusters": "SELECT id, name FROM clusters",
}
LINKS = {
    "memberships": {"appliance": "appliances"},
    "nodes": {"membership": "memberships"},
    "networks": {"node": "nodes", "subnet": "subnets"},
    "vm_nodes": {"node": "nodes", "physnode": "nodes"},
    "vm_disks": {"vm_node": "vm_nodes"},
    "partitions": {"node": "nodes"},
    "boot": {"node": "nodes"},
    "pxeboot": {"node": "nodes"},
    "pxeaction": {"node": "nodes"},
    "node_routes": {"node": "nodes", "subnet": "subnets"},
    "global_routes": {"subnet": "subnets"},
    "appliance_routes": {"appliance": "appliances", "subnet": "subnets"},
    "node_attributes": {"node": "nodes"},
    "appliance_attributes": {"appliance": "appliances"},
    "clusters": {"frontend": "nodes"},
    "cluster_members": {"cluster": "clusters", "node": "nodes"},
    "global_attributes": {},
    "appliances": {},
    "subnets": {},
    "bootaction": {},
}


def everything(path: Path) -> dict[str, Counter[tuple[tuple[str, object], ...]]]:
    """Every row of every table a dump is about, with names in place of ids."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = {table: dict(connection.execute(query).fetchall()) for table, query in IDS.items()}
        found = {}
        for table, links in LINKS.items():
            rows = []
            for row in connection.execute(f"SELECT * FROM {table}"):
                values = {key: row[key] for key in row.keys() if key != "id"}  # noqa: SIM118
                for column, target in links.items():
                    values[column] = names[target].get(values[column], values[column])
                rows.append(tuple(values.items()))
            found[table] = Counter(rows)
        return found


def replayed(console: Console, folder: Path) -> Path:
    """Run the dump's lines against a fresh store, as `sh` would."""
    path = folder / "copy.sqlite"
    url = f"sqlite:///{path}"
    context = Context(Settings(store=StoreSettings(url=url)), who="operator", store=Store.open(url))
    copy = Console(path, context)
    for line in console.out("dump").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["quarry"]:
            result = copy.words(words[1:])
            assert result.status == 0, (line, result.err)
    context.close()
    return path


@pytest.mark.parametrize("scenario", FIRST + LATER, ids=lambda one: str(one["id"]))
def test_a_dump_replayed_gives_the_same_rows(console: Console, tmp_path: Path, scenario: dict[str, object]) -> None:
    console.fill(scenario["initial"])  # type: ignore[arg-type]
    for step in scenario["steps"]:  # type: ignore[attr-defined]
        console.words(step["argv"])
    console.out("set attr any change")  # a first change also gives rows put in by hand their UUIDs
    assert everything(replayed(console, tmp_path)) == everything(console.path)


def test_hostile_values_survive_a_dump(cluster: Console, tmp_path: Path) -> None:
    hostile = "a'b\"c $(touch x) `id` ; <b>&amp; %n"
    for words in (
        ["add", "host", "vm", "vm-container-0-0", "Compute", "num-macs=2"],
        ["set", "host", "attr", "compute-0-0-0", "note", hostile],
        ["set", "attr", "motto", hostile],
        ["set", "bootaction", "install vm", f"args={hostile}"],
        ["add", "host", "route", "compute-0-0-0", "10.9.0.0", "255.255.0.0", "10.1.1.1"],
        ["add", "appliance", "route", "compute", "10.8.0.0", "255.255.0.0", "private"],
        ["set", "host", "boot", "compute-0-0-0", "action=install"],
        ["add", "host", "pxeaction", "global", "action=install", f"args={hostile}"],
        ["set", "host", "vm", "compute-0-0-0", "cdrom=/iso/a'b.iso", "virt-type=hvm"],
    ):
        assert cluster.words(words).err == ""
    assert everything(replayed(cluster, tmp_path)) == everything(cluster.path)


def test_dump_host_vm_is_one_line_of_rocks_a_vm(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute mem=4096")
    cluster.out("set host vm compute-0-0-0 disk='file:/a/b.hda,hda,w file:/a/c.hdb,hdb,w' disksize='10 20' slice=5")
    assert cluster.out("dump host vm") == (
        "quarry set host vm compute-0-0-0 physnode='vm-container-0-0' "
        "disk='file:/a/b.hda,hda,w file:/a/c.hdb,hdb,w' disksize='10 20' mem='4096' slice='5' virt-type='None'\n"
    )
