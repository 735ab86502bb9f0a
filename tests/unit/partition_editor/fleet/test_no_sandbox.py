"""Where there is no sandbox no program is run, and the sentence says what to do about it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from core.install.source import AskOperator, PartitionQuestion
from partition_editor.schemes.source import SchemeSource

from .conftest import DIRECTIVES, Desk
from .reporting import disk, told

BROKEN = """#!/bin/sh
echo "bwrap: No permissions to create new namespace." >&2
exit 1
"""
MISSING = "cannot run partition programs: bubblewrap is not installed (install the package bubblewrap)"
OFF = (
    "cannot run partition programs: bwrap: No permissions to create new namespace "
    "(allow user namespaces (sysctl user.max_user_namespaces), or run quarry as root)"
)


@pytest.fixture(params=["missing", "namespaces are off"])
def sentence(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine on which bubblewrap is not there, or may not work; what is said then."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    if request.param == "missing":
        return MISSING
    (folder / "bwrap").write_text(BROKEN)
    (folder / "bwrap").chmod(0o755)
    return OFF


def attach(desk: Desk) -> Path:
    """A program for rack 0 that would leave a mark where it runs, directives for the others."""
    mark = desk.folder / "mark"
    program = desk.file("x.py", f"open({str(mark)!r}, 'w')\nopen('/tmp/user_partition_info', 'w').write('x')\n")
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    desk.out(f"set host partition scheme rack0 file={program}")
    return mark


def test_the_program_is_not_run_and_other_nodes_have_their_preview(desk: Desk, sentence: str) -> None:
    mark = attach(desk)
    found: list[dict[str, Any]] = json.loads(desk.out("report host partition compute format=json"))["nodes"]
    assert [one["trouble"] for one in found] == [sentence, sentence, None, "it never reported its disks"]
    assert found[2]["layout"]["ok"] and found[0]["layout"] is None
    assert desk.status("report host partition compute-0-0 fail-on=error") == 1
    assert not mark.exists() and not Path("/tmp/user_partition_info").exists()


def test_an_installing_node_waits_for_its_operator(desk: Desk, sentence: str) -> None:
    mark = attach(desk)
    with desk.store().reading() as rows:
        node = rows.nodes.find("compute-0-0")
        assert node is not None
    answer = SchemeSource(desk.store()).answer(PartitionQuestion(node, told(disk("sda", blank=True)).facts, (), {}))
    assert answer == AskOperator(sentence)
    assert not mark.exists()
