"""Disks are let go after a look: stamps over SSH, saved partitions, policies, the mark for the next install."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from core.commands.context import Question
from core.commands.refusal import Status
from core.errors import RemoteError
from core.remote.ssh import Completed
from partition_editor.fleet.releasing import Release, find_stamps, mounted_on, remove_stamps

from .conftest import Desk

MOUNTS = (
    "/dev/hda1 / ext3 rw 0 0\nproc /proc proc rw 0 0\n/dev/hda5 /state/partition1 ext3 rw 0 0\n"
    "/dev/hdb1 /with\\040blank ext3 rw 0 0\n/dev/hdaa1 /other ext3 rw 0 0\n"
)


@dataclass
class FakeNode:
    """A node's shell over a few files."""

    files: set[str]
    stubborn: bool = False
    ran: list[list[str]] = field(default_factory=list)

    def run(self, words: Sequence[str], timeout_s: float) -> Completed:
        """cat, find and rm, as far as they are used."""
        self.ran.append(list(words))
        if words[0] == "cat":
            return Completed(0, MOUNTS, "")
        if words[0] == "find":
            mounts = [word.rstrip("/") for word in words[1:] if word.startswith("/")]
            found = [f"{mount}/.rocks-release" for mount in mounts if f"{mount}/.rocks-release" in self.files]
            return Completed(0, "".join(f"{one}\0" for one in found), "")
        if self.stubborn:
            return Completed(1, "", "rm: Read-only file system")
        self.files -= set(words[3:])
        return Completed(0, "", "")

    def close(self) -> None:
        """Nothing to close."""


def test_only_the_stamps_of_the_released_disks_are_found_and_removed() -> None:
    node = FakeNode({"/.rocks-release", "/with blank/.rocks-release", "/other/.rocks-release"})
    (found,) = find_stamps([Release("n", ("hda",))], lambda _: node)
    assert found.stamps == ("/.rocks-release",)
    assert found.lines[-1] == "  ssh n rm -f -- /.rocks-release"
    (done,) = remove_stamps([found], lambda _: node)
    assert done.removed
    assert node.files == {"/with blank/.rocks-release", "/other/.rocks-release"}


def test_a_stamp_that_stays_and_a_node_that_is_down_are_said() -> None:
    node = FakeNode({"/.rocks-release"}, stubborn=True)
    (done,) = remove_stamps([Release("n", ("hda",), stamps=("/.rocks-release",))], lambda _: node)
    assert done.trouble == "/.rocks-release is still there: rm: Read-only file system"

    def down(name: str) -> FakeNode:
        raise RemoteError(f"could not reach {name}", "no route")

    (lost,) = find_stamps([Release("n", ("hda",))], down)
    assert lost.trouble == "could not reach n: no route"
    assert not remove_stamps([lost], down)[0].removed


def test_mount_points_with_blanks_are_read() -> None:
    assert mounted_on(MOUNTS, ["hdb"]) == ["/with blank"]


def test_a_released_disk_is_allowed_once_and_its_partitions_move_to_the_history(desk: Desk) -> None:
    desk.out("release host partition compute-0-0 disk=hdb stamps=no")
    (policy,) = json.loads(desk.out("list host partition policy output-format=json"))
    assert (policy["disk"], policy["policy"], policy["author"]) == ("hdb", "once", "anna")
    devices = {row["device"] for row in json.loads(desk.out("list host partition compute-0-0 output-format=json"))}
    assert devices == {"hda1", "hda2", "hda3", "hda4", "hda5"}
    history = json.loads(desk.out("list host partition history compute-0-0 output-format=json"))
    assert [row["device"] for row in history if row["ended"] == "released"][-1] == "hdb1"
    assert "install" in desk.out("list host boot compute-0-0")


def test_after_the_install_what_was_allowed_once_is_preserved_again(desk: Desk) -> None:
    desk.out("release host partition compute-0-0 stamps=no install=no")
    with desk.store().begin() as rows:
        node = rows.nodes.find("compute-0-0")
        assert node is not None
        rows.partitions.replace(node.id, [{"device": "hda1", "mountpoint": "/"}])
        assert rows.disk_policies.of_node(node.id) == {}


def test_what_would_be_lost_is_named_and_must_be_typed(desk: Desk) -> None:
    asked: list[Question] = []

    def refuse_it(question: Question) -> bool:
        asked.append(question)
        return False

    desk.context.ask = refuse_it
    assert desk.error("release host partition compute-0-0 stamps=no") == "not confirmed, nothing was done"
    assert asked[0].phrase == "compute-0-0"
    assert any(line.startswith("  lost: hda5 /state/partition1 (") for line in asked[0].lines)
    assert desk.out("list host partition policy") == ""


def test_a_dry_run_shows_and_does_nothing(desk: Desk) -> None:
    shown = desk.out("release host partition compute-0-0 compute-0-1 stamps=no --dry-run")
    assert "compute-0-0: release hda, hdb" in shown
    assert desk.out("list host partition policy") == ""


def test_a_preserved_disk_is_left_out(desk: Desk) -> None:
    desk.out("set host partition policy compute-0-0 disk=hdb policy=preserve")
    desk.out("release host partition compute-0-0 stamps=no")
    rows = json.loads(desk.out("list host partition policy output-format=json"))
    assert {row["disk"]: row["policy"] for row in rows} == {"hda": "once", "hdb": "preserve"}
    assert "is to be preserved" in desk.error("release host partition compute-0-0 disk=hdb stamps=no")
    desk.out("set host partition policy compute-0-0 disk=hda,hdb policy=default")
    assert desk.out("list host partition policy") == ""


def test_a_host_with_unknown_disks_is_left_out_of_many(desk: Desk) -> None:
    line = "release host partition compute-1-0 compute-1-1 stamps=no"
    shown = desk.out(f"{line} --dry-run").splitlines()
    assert shown[0] == "compute-1-0: release hda"
    assert shown[-2:] == [
        "  its stamps stay: nobody looks for them",
        "compute-1-1: left out: its disks are not known: it never reported its disks",
    ]
    assert desk.status(line) == Status.PARTLY
    assert [row["host"] for row in json.loads(desk.out("list host partition policy output-format=json"))] == [
        "compute-1-0"
    ]


def test_a_disk_named_twice_is_released_once(desk: Desk) -> None:
    shown = desk.out("release host partition compute-0-0 disk=hdb,hdb stamps=no --dry-run")
    assert shown.startswith("compute-0-0: release hdb\n")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("release host partition", "must supply host"),
        ("release host partition compute-1-1", "its disks are not known"),
        ("release host partition compute-0-0 disk=", 'has no disk ""; it has hda, hdb'),
        ("release host partition compute-0-0 disk=,", 'has no disk ","; it has hda, hdb'),
        ("release host partition compute-0-0 disk=sdz", 'has no disk "sdz"; it has hda, hdb'),
        ("set host partition policy compute-0-0 policy=once", "must supply a disk"),
        ("set host partition policy compute-0-0 disk=hda policy=x", '"policy" must be one of'),
        ("set host partition policy compute-0-0 disk=../x policy=once", "no disk name"),
        ("list host partition history", "must supply host"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, line: str, sentence: str) -> None:
    assert sentence in desk.error(line)
