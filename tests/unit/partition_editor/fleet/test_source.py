"""What a node that reports its disks is told, by its scheme."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from core.install.source import Answer, AskOperator, PartitionQuestion, Told
from partition_editor.schemes.source import SchemeSource

from .conftest import DIRECTIVES, Desk

PROGRAMS = Path(__file__).parents[1] / "programs" / "data"
TABLE = "Partition Table: msdos\n\nNumber  Start   End     Size    Type      File system     Flags\n"
WINDOWS = TABLE + " 1 1049kB 80GB 80GB primary ntfs boot\n"
LSBLK = '{"blockdevices": [{"name": "hda", "type": "disk", "size": 2000000000}]}'


def ask(desk: Desk, text: str = TABLE, **more: object) -> Answer:
    facts = {"disks": {"hda": {"parted_text": text, "label": "msdos"}}, "disk_order": ["hda"], **more}
    with desk.store().reading() as rows:
        node = rows.nodes.find("compute-1-1")
        assert node is not None
        saved, attributes = tuple(rows.partitions.of_node(node.id)), rows.attributes.resolved(node.id)
    return SchemeSource(desk.store()).answer(PartitionQuestion(node, facts, saved, attributes))


def test_directives_are_told_as_they_are(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    assert ask(desk) == Told(DIRECTIVES, ("hda: free: it is blank; the text decides.",))


def test_without_a_scheme_a_blank_disk_gets_rocks_default(desk: Desk) -> None:
    answer = ask(desk)
    assert isinstance(answer, Told)
    assert answer.text.startswith("clearpart --all --initlabel --drives=hda\npart / --size=16384")


def test_manual_and_ask_are_two_things(desk: Desk) -> None:
    desk.out("set host partition scheme compute scheme=manual")
    told = ask(desk)
    assert isinstance(told, Told)
    assert told.text == "rocks manual\n"
    desk.out("set host partition scheme compute scheme=ask")
    assert ask(desk) == AskOperator()


def test_somebody_elses_data_is_the_operators_business(desk: Desk) -> None:
    answer = ask(desk, WINDOWS)
    assert isinstance(answer, AskOperator)
    assert "neither stamped nor saved" in answer.why
    with desk.store().begin() as rows:
        node = rows.nodes.find("compute-1-1")
        assert node is not None
        rows.disk_policies.set(node.id, "hda", "once", who="anna")
    assert isinstance(ask(desk, WINDOWS), Told)


def test_what_the_installer_would_stop_on_is_asked_about(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    answer = ask(desk, lsblk=LSBLK)
    assert isinstance(answer, AskOperator)
    assert "the installer would stop" in answer.why


def test_a_report_that_makes_no_sense_is_asked_about(desk: Desk) -> None:
    answer = ask(desk, disk_order=["../x"])
    assert isinstance(answer, AskOperator)
    assert "no disk name" in answer.why


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_program_runs_on_the_reported_disks(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute file={PROGRAMS / 'one.xml'}")
    answer = ask(desk)
    assert isinstance(answer, Told)
    assert "part /mydata --size=1 --grow --fstype=ext3 --ondisk=hda" in answer.text
    desk.out("set host partition scheme compute interpreter=python text='raise ValueError(1)'")
    failed = ask(desk)
    assert isinstance(failed, AskOperator)
    assert "line 1 of the program: ValueError: 1" in failed.why
