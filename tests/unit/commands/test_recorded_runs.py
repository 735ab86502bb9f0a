"""Recorded runs of the original Rocks commands, replayed: same cells, same messages, same rows (by names)."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.commands.table import as_table
from tests.unit.commands.conftest import Console

DATA = Path(__file__).parent / "data"
FIRST = json.loads((DATA / "rocks_5_0.json").read_text())
LATER = json.loads((DATA / "rocks_5_4_3.json").read_text())

FIRST_NODES = (
    "SELECT 'nodes', n.name, m.name, n.cpus, n.rack, n.rank FROM nodes n JOIN memberships m ON m.id = n.membership"
)
LATER_NODES = FIRST_NODES.replace("n.rank FROM", "n.rank, n.runaction, n.installaction FROM")
FIRST_NETWORKS = (
    "SELECT 'networks', n.name, i.device, i.mac, i.ip, i.name, s.name, i.module FROM networks i "
    "JOIN nodes n ON n.id = i.node LEFT JOIN subnets s ON s.id = i.subnet"
)
LATER_NETWORKS = FIRST_NETWORKS.replace("i.module FROM", "i.module, i.vlanid FROM")
COMMON = (
    "SELECT 'vm_nodes', n.name, p.name, v.mem, v.slice, v.virt_type FROM vm_nodes v "
    "JOIN nodes n ON n.id = v.node JOIN nodes p ON p.id = v.physnode",
    "SELECT 'vm_disks', n.name, d.vbd_type, d.prefix, d.name, d.device, d.mode, d.size FROM vm_disks d "
    "JOIN vm_nodes v ON v.id = d.vm_node JOIN nodes n ON n.id = v.node",
    "SELECT 'partitions', n.name, t.device, t.mountpoint, t.partitionsize FROM partitions t "
    "JOIN nodes n ON n.id = t.node",
)
LATER_ONLY = (
    "SELECT 'boot', n.name, b.action FROM boot b JOIN nodes n ON n.id = b.node",
    "SELECT 'node_routes', n.name, r.network, r.netmask, r.gateway FROM node_routes r JOIN nodes n ON n.id = r.node",
)


def named_rows(console: Console, later: bool) -> Counter[str]:
    queries = (LATER_NODES, LATER_NETWORKS, *COMMON, *LATER_ONLY) if later else (FIRST_NODES, FIRST_NETWORKS, *COMMON)
    return Counter(json.dumps(row) for query in queries for row in console.rows(query))


def as_counter(rows: list[list[object]]) -> Counter[str]:
    return Counter(json.dumps(row) for row in rows)


@pytest.mark.parametrize("scenario", FIRST, ids=lambda one: one["id"])
def test_5_0(console: Console, scenario: dict[str, Any]) -> None:
    replay(console, scenario, later=False)


@pytest.mark.parametrize("scenario", LATER, ids=lambda one: one["id"])
def test_5_4_3(console: Console, scenario: dict[str, Any]) -> None:
    replay(console, scenario, later=True)


def replay(console: Console, scenario: dict[str, Any], *, later: bool) -> None:
    console.fill(scenario["initial"])
    for step in scenario["steps"]:
        before = named_rows(console, later)
        result = console.words(step["argv"])
        after = named_rows(console, later)
        where = f"{scenario['id']}: {' '.join(step['argv'])}: {result.err}"
        if step["exit"]:
            assert (result.status != 0, result.err.strip()) == (True, step["error"]), where
        else:
            assert result.status == 0, where
            check_output(result.out, step, where)
        assert after - before == as_counter(step.get("added", [])), where
        assert before - after == as_counter(step.get("removed", [])), where


def check_output(out: str, step: dict[str, Any], where: str) -> None:
    if "table" in step:
        header = step["table"]["header"]
        expected = as_table(header, [[*row] for row in step["table"]["rows"]], trim_owner=False)
        if not out.split()[0].startswith(header[0].split()[0]):
            raise AssertionError(where)
        owner = bool(re.match(r"\S*:", out.split("\n")[1]))
        printed = [line.split() for line in out.splitlines()]
        wanted = [line.split() for line in expected.splitlines()]
        if not owner:
            wanted = [wanted[0], *([line[0].rstrip(":"), *line[1:]] for line in wanted[1:])]
        assert printed == wanted, where
    elif "report" in step:
        assert parse_report(out) == {key: value for key, value in step["report"].items() if key != "mode"}, where
    else:
        assert out == step["stdout"].removesuffix("\n" if step["stdout"].endswith("\n\n") else ""), where


def parse_report(text: str) -> dict[str, Any]:
    """The plain settings of a Xen configuration and the sparse images it makes; it is Python and is not run here."""
    tree = ast.parse(text)
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            with suppress(ValueError):
                found[node.targets[0].id] = ast.literal_eval(node.value)
    shell = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    commands = [shlex.split(words) for words in shell if words.startswith("dd ")]
    values = [dict(word.split("=", 1) for word in words[1:]) for words in commands]
    found["sparse_images"] = [[value["of"], int(value["seek"])] for value in values]
    return found
