"""The program that is sent to containers: one text that needs nothing but an old Python."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.remote.agent import agent_text

MOST_BYTES = 128 * 1024
"""What Linux takes as one argument."""

MB = 1024 * 1024


def start(verb: str, order: Mapping[str, Any], **pipes: int) -> subprocess.Popen[bytes]:
    """As a container does, with an interpreter that finds nothing of Quarry."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", agent_text(), verb],
        stdin=subprocess.PIPE,
        stdout=pipes.get("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        cwd="/",
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    return process


def told(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Everything it says on its control line until it ends."""
    assert process.stdin is not None and process.stderr is not None
    values: dict[str, Any] = {}
    with process, process.stdin, process.stderr as said:
        # Its stdin stays open until then: an agent whose stdin ends takes the other side for gone.
        for line in said.read().decode().splitlines():
            values |= json.loads(line)
    return values


def test_it_is_one_text_for_an_old_python() -> None:
    text = agent_text()
    tree = ast.parse(text, feature_version=(3, 6))
    assert "core." not in "".join(line for line in text.splitlines() if "import" in line)
    assert len(text.encode()) < MOST_BYTES
    names = Counter(
        node.name if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else ast.unparse(node.targets[0])
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Assign))
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_it_looks_at_files(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    with image.open("wb") as stream:
        stream.truncate(8 * MB)
    answer = told(start("look", {"paths": [str(image), str(tmp_path / "none")]}))
    assert list(answer["files"]) == [str(image)]
    assert (answer["files"][str(image)]["size_bytes"], answer["files"][str(image)]["allocated_bytes"]) == (8 * MB, 0)


def test_what_one_sends_another_receives(tmp_path: Path) -> None:
    source, target = tmp_path / "disk.img", tmp_path / "there.img"
    data = os.urandom(MB + 17)
    with source.open("wb") as stream:
        stream.truncate(64 * MB)
        stream.seek(20 * MB)
        stream.write(data)
    facts = told(start("look", {"paths": [str(source)]}))["files"][str(source)]
    order = {"identity": facts["identity"], "size": facts["size_bytes"], "allocated": facts["allocated_bytes"]}
    receiver = start("receive", {"path": str(target), "owner": facts["owner"], **order})
    assert receiver.stdin is not None
    sender = start("send", {"path": str(source), "held": [], **order}, stdout=receiver.stdin.fileno())
    sent, received = told(sender), told(receiver)
    assert sent["complete"] and received["complete"] and sent["sum"] == received["sum"]
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_blocks * 512 < 4 * MB
    assert told(start("remove", {"notes": [str(target)]}))["complete"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["disk.img", "there.img"]


def test_a_device_is_known_by_what_it_is_not_by_its_number(tmp_path: Path) -> None:
    devices = [one for one in Path("/sys/dev/block").glob("*") if Path("/dev", one.resolve().name).is_block_device()]
    for one in devices[:8]:
        answer = told(start("look", {"paths": [f"/dev/{one.resolve().name}"]}))
        (facts,) = answer["files"].values()
        known = [(one / name).read_text().strip() for name in ("dm/uuid", "wwid") if (one / name).exists()]
        assert facts["image_format"] == "block"
        assert facts["identity"].startswith(known[0]) if known and known[0] else one.name not in facts["identity"]


def test_trouble_is_one_sentence(tmp_path: Path) -> None:
    answer = told(start("look", {"paths": [str(tmp_path)]}))
    assert answer["trouble"] == f"{tmp_path} is no file"
