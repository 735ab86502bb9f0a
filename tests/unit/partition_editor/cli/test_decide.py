"""``quarry partition decide``: recorded questions in, decisions out."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from partition_editor.cli import main

BLANK = "Disk /dev/sda: 80.0GB\nPartition Table: msdos\n\nNumber  Start  End  Size  Type  File system  Flags\n"
QUESTION = {
    "id": "one",
    "user_partition_info": "rocks force-default\n",
    "disk_order": ["sda"],
    "disks": {"sda": {"parted_text": BLANK, "label": "msdos"}},
}


def decide(tmp_path: Path, text: str, *words: str) -> tuple[int, list[dict[str, Any]], str]:
    file = tmp_path / "asked.jsonl"
    file.write_text(text)
    out, err = io.StringIO(), io.StringIO()
    code = main(["decide", "--requests", str(file), *words], out, err)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_each_line_is_answered(tmp_path: Path) -> None:
    wrapped = {"id": 2, "input": {**QUESTION, "disks_with_user_data": ["sda"]}}
    code, answers, _ = decide(tmp_path, f"{json.dumps(QUESTION)}\n\n{json.dumps(wrapped)}\n", "--rules", "rocks-7")
    assert code == 0
    assert [answer["id"] for answer in answers] == ["one", 2]
    assert answers[0]["lines"][0] == "clearpart --all --initlabel --drives=sda"
    assert answers[0]["manual"] is False
    assert [answer["lost_disks"] for answer in answers] == [[], ["sda"]]
    assert list(answers[0]["why"]) == ["sda"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "no JSON object"),
        ("[1]", "no JSON object"),
        ('{"id": 1}', "no disks"),
        ('{"disks": {}, "disk_order": ["../x"]}', "no disk name"),
        ('{"disks": {}, "disk_order": ["sda", "sda"]}', "twice"),
        ('{"disks": {}, "disk_order": "sda"}', "list of names"),
        ('{"disks": {}, "db_rows": {"sda": [["sda1"]]}}', "eight texts"),
        ('{"disks": {}, "db_rows": 3}', "object or null"),
        ('{"disks": {}, "policies": {"sda": "perhaps"}}', "perhaps"),
        ('{"disks": {}, "user_partition_info": 7}', "texts or null"),
    ],
)
def test_what_is_no_question_is_said_so_and_the_rest_goes_on(tmp_path: Path, line: str, sentence: str) -> None:
    code, answers, _ = decide(tmp_path, f"{line}\n{json.dumps(QUESTION)}\n")
    assert code == 3
    assert sentence in answers[0]["error"]
    assert answers[1]["lines"]


def test_a_rule_set_nobody_has_is_wrong_usage(tmp_path: Path) -> None:
    code, _, error = decide(tmp_path, "", "--rules", "rocks-4")
    assert code == 3
    assert "rocks-5.0" in error
