"""Each Rocks rule set decides as that version of Rocks was seen to decide, letter for letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.outcome import Refused
from partition_editor.decisions import NodeFacts, decide
from partition_editor.decisions.facts import read_facts
from partition_editor.decisions.found import find_partitions
from partition_editor.decisions.versions import VERSIONS

DATA = Path(__file__).parent / "data"
CASES = [json.loads(line) for line in (DATA / "decisions.jsonl").read_text().splitlines()]
PARTED = [json.loads(line) for line in (DATA / "parted.jsonl").read_text().splitlines()]
RULES = {"5.0": "rocks-5.0", "5.4.3": "rocks-5.4", "6.2": "rocks-6", "7.0": "rocks-7"}
RUNS = [(case, version) for case in CASES for version in case["expected"]]


def facts_of(asked: dict[str, Any]) -> NodeFacts:
    facts = read_facts(asked)
    assert not isinstance(facts, Refused)
    return facts


@pytest.mark.parametrize(("case", "version"), RUNS, ids=[f"{case['id']}-{version}" for case, version in RUNS])
def test_every_version_decides_as_it_did(case: dict[str, Any], version: str) -> None:
    expected = case["expected"][version]
    decision = decide(facts_of(case["input"]), RULES[version])
    lines, wanted = list(decision.lines), expected["lines"]
    if expected.get("disk_order_free"):
        lines, wanted = sorted(lines), sorted(wanted)
    assert lines == wanted
    assert decision.manual == expected.get("manual_flag", False)
    assert sorted(decision.lost_disks) == sorted(expected.get("lost_disks", []))


@pytest.mark.parametrize(("case", "version"), RUNS, ids=[f"{case['id']}-{version}" for case, version in RUNS])
def test_every_version_finds_the_partitions_it_found(case: dict[str, Any], version: str) -> None:
    wanted = case["expected"][version]["found"]
    facts = facts_of(case["input"])
    disks = [*facts.disk_order, *facts.raids]
    found = find_partitions(
        VERSIONS[RULES[version]], facts, [disk for disk in disks if disk in wanted or disk[:2] == "sd"]
    )
    assert {disk: [list(row) for row in rows] for disk, rows in found.items() if disk in wanted} == wanted


@pytest.mark.parametrize("case", PARTED, ids=[case["id"] for case in PARTED])
def test_every_version_reads_what_parted_printed(case: dict[str, Any]) -> None:
    disk = case["disk"]
    facts = facts_of(
        {
            "disks": {disk: {"parted_text": case["parted_text"]}},
            "disk_order": [disk],
            "labels": case["labels"],
            "fstab_files": {case["fstab_on"]: case["fstab"]} if case["fstab"] else {},
            "mdadm_detail": {disk: case["mdadm_detail"]} if case["mdadm_detail"] else {},
        }
    )
    for version, expected in case["expected"].items():
        found = find_partitions(VERSIONS[RULES[version]], facts, [disk])
        assert (disk in found) == expected["has_entry"], version
        assert [list(row) for row in found.get(disk, [])] == expected["rows"], version


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_quarry_loses_nothing_by_scheme_and_says_why(case: dict[str, Any]) -> None:
    facts = facts_of(case["input"])
    decision = decide(facts)
    assert not (decision.by_scheme and decision.lost_disks)
    assert set(decision.why) == set(facts.disk_order)
    assert all(sentence.endswith(".") for sentence in decision.why.values())
