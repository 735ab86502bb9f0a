"""The planner answers as the installers did that were run on the same disks with the same text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from partition_editor.document.reading import read_document, read_spec
from partition_editor.planner import plan
from partition_editor.planner.answers import as_result, read_disks, read_profile

RECORDED = Path(__file__).parent / "data" / "recorded.jsonl"
CASES = [json.loads(line) for line in RECORDED.read_text().splitlines()]


def compact(result: dict[str, Any]) -> dict[str, Any]:
    """The shape of the recorded file: one string a partition, empty lists left out."""
    if not result["ok"]:
        return {"stage": result["stage"], "error": result["error"]}
    found = {key: value for key, value in result.items() if key not in ("ok", "stage", "checker", "disks") and value}
    checker = [result["checker"]["errors"], result["checker"]["warnings"]]
    if checker != [[], []]:
        found["checker"] = checker
    found["disks"] = {
        name: {"label": disk["label"], "partitions": [_row(name, one) for one in disk["partitions"]]}
        for name, disk in result["disks"].items()
    }
    return found


def _row(disk: str, one: dict[str, Any]) -> str:
    assert one["name"] == f"{disk}{one['number']}"
    words = [str(one["number"]), one["type"], f"{one['start']}+{one['length']}"]
    words += [one.get("fstype", "-").replace(" ", "_"), one.get("mountpoint", "-"), one.get("req", "-")]
    if "startcyl" in one:
        words.append(f"{one['startcyl']}-{one['endcyl']}")
    return " ".join(words)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_planner_answers_as_the_installer_did(case: dict[str, Any]) -> None:
    question = case["request"]
    profile = read_profile(question)
    answer = plan(read_spec(read_document(question["ks"]), profile), read_disks(question), profile)
    # Through JSON, as a reader of the command's output would see it.
    assert compact(json.loads(json.dumps(as_result(answer)))) == case["result"]


def test_every_kind_of_answer_was_recorded() -> None:
    versions = {case["request"].get("version", "RHEL5") for case in CASES}
    assert {"RHEL5", "RHEL6", "RHEL7", "RHEL9", "RHEL10"} <= versions
    assert sum("error" in case["result"] for case in CASES) > 60
    assert sum("lv" in case["result"] for case in CASES) > 40
    assert sum("md" in case["result"] for case in CASES) > 40
