"""What every node would get and lose, in groups; programs; versions compared; exit statuses."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from .conftest import DIRECTIVES, Desk

PROGRAMS = Path(__file__).parents[1] / "programs" / "data"
needs_sandbox = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


def report(desk: Desk, words: str = "compute") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(desk.out(f"report host partition {words} format=json"))
    return found


def test_saved_partitions_are_used_again_and_nothing_is_lost(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    found = report(desk)
    assert found["groups"] == [["compute-0-1", "compute-1-0"], ["compute-0-0"], ["compute-1-1"]]
    first = found["nodes"][0]
    assert first["lines"][-1] == "part /state/partition2 --noformat --onpart hdb1"
    assert first["lost"] == []
    assert "saved in the store" in first["why"]["hda"]
    assert found["nodes"][3]["trouble"] == "it never reported its disks"


def test_released_disks_get_the_scheme_and_the_losses_are_named(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    found = report(desk, "compute released=yes")
    first = found["nodes"][0]
    assert first["lines"] == DIRECTIVES.splitlines()
    assert [one.split(" (")[0] for one in first["lost"]] == ["hda1 /", "hda2 /var", "hda5 /state/partition1"]
    assert first["layout"]["ok"]
    text = desk.out("report host partition compute released=yes")
    assert text.splitlines()[0] == (
        "Partitions of 4 nodes, data lost on 3: 2 alike · 1 compute-0-0 · 1 unknown disks"
    )
    assert "data lost on 2 nodes, compute-0-1 compute-1-0: hda1 / (8001 MiB ext3): the disk is cleared" in text


def test_a_policy_of_one_disk_counts(desk: Desk) -> None:
    desk.out("set host partition scheme compute scheme=force-default")
    with desk.store().begin() as rows:
        node = rows.nodes.find("compute-0-0")
        assert node is not None
        rows.disk_policies.set(node.id, "hdb", "once", who="anna")
    first = report(desk)["nodes"][0]
    assert first["lost"] == ["hdb1 /state/partition2 (76293 MiB ext3): the disk is cleared"]
    assert "allowed it to be formatted once" in first["why"]["hdb"]


@needs_sandbox
def test_one_program_gives_each_node_its_layout(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute file={PROGRAMS / 'two.xml'}")
    found = report(desk, "compute released=yes")
    assert [node["layout"] and len(node["layout"]["disks"]) for node in found["nodes"]] == [2, 1, 1, None]
    assert [one["rule"] for one in found["findings"]] == ["FL001"]
    assert "md0=/bigdisk" in desk.out("report host partition compute-0-0 released=yes")


@needs_sandbox
def test_a_program_that_fails_is_a_refusal_with_its_line(desk: Desk) -> None:
    path = desk.file("x.py", "import rocks_partition\nd = rocks_partition.RocksPartition().getDisks()\nprint(d[1])\n")
    desk.out(f"set host partition scheme compute file={path}")
    found = report(desk)["nodes"][1]
    assert "line 3 of the program: IndexError" in found["trouble"]
    assert desk.status("report host partition compute-0-1 fail-on=error") == 1
    assert desk.status("report host partition compute-0-1 fail-on=loss") == 0


def test_manual_and_ask_wait_for_the_operator(desk: Desk) -> None:
    desk.out("set host partition scheme compute scheme=ask")
    assert report(desk)["nodes"][0]["waits"]
    assert "waits for the operator" in desk.out("report host partition compute")


def test_it_fails_on_loss_only_when_asked_to(desk: Desk) -> None:
    line = "report host partition compute-0-1 released=yes"
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    assert desk.status(line) == 0
    assert desk.status(f"{line} fail-on=loss") == 1
    assert desk.status("report host partition compute-1-1 fail-on=error") == 1
    assert desk.status("report host partition compute-1-1 fail-on=loss") == 0


def test_two_versions_are_compared_node_by_node(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES.replace('mydata', 'work'))}")
    line = "report host partition compute-0-1 released=yes"
    changes = json.loads(desk.out(f"{line} against=1 format=json"))["changes"]
    assert changes == [{"node": "compute-0-1", "change": "new /work on hda3; no /mydata any more"}]
    assert "nothing changes" in desk.out(f"{line} against=2")


def test_the_rules_of_rocks_can_be_asked_too(desk: Desk) -> None:
    found = json.loads(desk.out("report host partition compute-0-1 rules=rocks-5.0 format=json"))
    assert found["nodes"][0]["lines"][0] == "part / --fstype ext3 --onpart hda1"


def test_the_drawing_has_one_part_a_group(desk: Desk) -> None:
    root = ElementTree.fromstring(desk.out("report host partition compute format=svg"))
    assert len(root.findall("{http://www.w3.org/2000/svg}svg")) == 2


def test_an_array_is_used_again_with_its_members(desk: Desk) -> None:
    with desk.store().begin() as rows:
        node = rows.nodes.find("compute-1-1")
        assert node is not None
        for device, mount, start, size, flags, formatflags in (
            ("hda1", "/", "32.3kB", "8GB", "boot", ""),
            ("hda2", "raid.hda2", "8GB", "72GB", "raid", ""),
            ("hdb1", "raid.hdb1", "32.3kB", "72GB", "raid", ""),
            ("md0", "/mydata", "0.00kB", "72GB", "raid.hda2 raid.hdb1", "--level=1"),
        ):
            rows.partitions.add(
                node.id, device=device, mountpoint=mount, sectorstart=start, partitionsize=size, fstype="ext3",
                partitionflags=flags, formatflags=formatflags,
            )  # fmt: skip
    assert report(desk, "compute-1-1")["nodes"][0]["lines"] == [
        "part / --fstype ext3 --onpart hda1",
        "part raid.hda2 --noformat --size 1 --onpart hda2",
        "part raid.hdb1 --noformat --size 1 --onpart hdb1",
        "raid /mydata --noformat --device=md0 --useexisting --level=1",
    ]


def test_the_version_before_may_be_a_removal(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    line = "report host partition compute-0-1 released=yes against=previous"
    assert desk.error(line) == "no scheme has a version before its present one"
    desk.out("remove host partition scheme compute")
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    (change,) = json.loads(desk.out(f"{line} format=json"))["changes"]
    assert "new /mydata on hda3" in change["change"] and "no /var any more" in change["change"]


def test_what_an_install_would_change_of_today(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    today = desk.out("report host partition compute against=today").splitlines()
    assert today[1] == ("3 nodes, compute-0-0 … compute-1-0: / formatted anew on hda1; /var formatted anew on hda2")
    changes = json.loads(desk.out("report host partition compute-0-1 released=yes against=today format=json"))[
        "changes"
    ]
    sentences = changes[0]["change"].split("; ")
    assert "/ hda1 8001 MiB ext3 → hda1 8000 MiB xfs" in sentences
    assert "no /state/partition1 any more" in sentences and any(
        one.startswith("new /mydata hda3 ") for one in sentences
    )


@pytest.mark.parametrize("word", ["0", "-1", "x", "1.5", "9" * 40, "²"])
def test_against_nonsense_is_refused(desk: Desk, word: str) -> None:
    assert desk.error(f"report host partition compute against={word}").startswith('"against" must be a version, ')
