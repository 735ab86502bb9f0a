"""The programs of the slides, unchanged, on nodes with 0 to 4 disks of every naming."""

from __future__ import annotations

import pytest

from partition_editor.programs import run_programs

from .asking import DATA, program, question, run

NAMINGS = {
    "ide": ("hda", "hdb", "hdc", "hdd"),
    "scsi": ("sda", "sdb", "sdc", "sdd"),
    "xen": ("xvda", "xvdb", "xvdc", "xvdd"),
    "virtio": ("vda", "vdb", "vdc", "vdd"),
    "smart array": ("cciss/c0d0", "cciss/c0d1", "cciss/c0d2", "cciss/c0d3"),
    "nvme": ("nvme0n1", "nvme1n1", "nvme2n1", "nvme3n1"),
}


def one_disk(disk: str) -> str:
    return (
        f"clearpart --all --initlabel --drives={disk}\n"
        f"part / --size=6000 --fstype=ext3 --ondisk={disk}\n"
        f"part /var --size=2000 --fstype=ext3 --ondisk={disk}\n"
        f"part swap --size=2000 --ondisk={disk}\n"
        f"part /mydata --size=1 --grow --fstype=ext3 --ondisk={disk}\n"
    )


def two_disks(one: str, two: str) -> str:
    return (
        f"clearpart --all --initlabel --drives={one},{two}\n"
        f"part / --size=6000 --fstype=ext3 --ondisk={one}\n"
        f"part /var --size=2000 --fstype=ext3 --ondisk={one}\n"
        f"part raid.{one} --size=5000 --ondisk={one}\n"
        f"part raid.{two} --size=5000 --ondisk={two}\n"
        f"raid /bigdisk --fstype=ext3 --device=md0 --level=1 raid.{one} raid.{two}\n"
    )


def test_example_1_writes_its_four_lines() -> None:
    assert run(program("example1"), "hda").text == (
        "clearpart --all --initlabel --drives=hda\npart / --size 8000 --ondisk hda\n"
        "part swap --size 1000 --ondisk hda\npart /mydata --size 1 --grow --ondisk hda\n"
    )


def test_the_raid_example_keeps_its_blank_lines() -> None:
    lines = (run(program("raid"), "hda", "hdb").text or "").split("\n")
    assert lines[3] == lines[6] == ""
    assert lines[7] == "raid /mydata --level=1 --device=md0 raid.00 raid.01"


@pytest.mark.parametrize(("name", "text"), [("manual", "rocks manual\n"), ("force_default", "rocks force-default\n")])
def test_the_schemes_are_one_line(name: str, text: str) -> None:
    assert run(program(name)).text == text


@pytest.mark.parametrize("naming", NAMINGS)
def test_lets_write_a_program_acts_on_just_one_disk(naming: str) -> None:
    names = NAMINGS[naming]
    results = run_programs(program("one"), [question(*names[:count]) for count in range(5)])
    assert [one.text for one in results] == [None, one_disk(names[0]), None, None, None]
    assert [[found.rule for found in one.findings] for one in results] == [["RK008"], [], *[["RK008"]] * 3]


@pytest.mark.parametrize("naming", NAMINGS)
def test_one_or_two_disks_with_the_users_guides_indentation(naming: str) -> None:
    names = NAMINGS[naming]
    results = run_programs(program("two"), [question(*names[:count]) for count in range(5)])
    assert [one.text for one in results] == ["", one_disk(names[0]), two_disks(names[0], names[1]), "", ""]
    assert "an empty file" in results[0].findings[0].message


def test_the_full_listing_as_printed_makes_a_mirror_of_one() -> None:
    text = run(program("two_verbatim"), "hda", "hdb").text or ""
    assert text.endswith("raid /bigdisk --fstype=ext3 --device=md0 --level=1 raid.hda\n")


def test_the_program_by_name_as_printed_is_refused_with_its_line() -> None:
    result = run(program("node_verbatim"), "hda")
    assert result.failed
    lines = (DATA / "node_verbatim.xml").read_text().splitlines()
    wrong = lines.index("        if len(disks) == 2:") + 1
    assert f"line {wrong} of the program: the indentation is not even" in result.findings[0].message


def test_the_program_by_name_acts_on_its_node_only() -> None:
    asked = [question("hda", node="compute-0-0"), question("hda", node="compute-0-1")]
    assert [one.text for one in run_programs(program("node"), asked)] == [one_disk("hda"), None]
