"""Nonsense is refused in words, never with an exception."""

from __future__ import annotations

import pytest

from partition_editor.disks import Disk
from partition_editor.layout import PlanRefusal
from tests.unit.partition_editor.planner.asking import answer, disk, existing, layout, refusal

RELEASES = ["RHEL5", "RHEL6", "RHEL9", "RHEL10", "F45"]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("sectors", [0, 1, 62, 63, 64, 2048, 4096, 16065])
def test_a_tiny_disk_has_no_room(release: str, sectors: int) -> None:
    text = "clearpart --all\npart / --size=1000\npart /home --size=1 --grow\n"
    assert isinstance(answer(text, Disk("sda", sectors), release=release), PlanRefusal)


@pytest.mark.parametrize("release", RELEASES)
def test_no_disk_at_all(release: str) -> None:
    assert isinstance(answer("part / --size=1000\n", Disk("sda", 0), release=release), PlanRefusal)


@pytest.mark.parametrize("release", RELEASES)
def test_two_drives_of_one_name(release: str) -> None:
    found = refusal("clearpart --all\npart / --size=1000\n", disk("sda"), disk("sda"), release=release)
    assert (found.stage, found.disk) == ("disks", "sda")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "line",
    [
        "part / --size=-5",
        "part / --size=1000 --ondisk=sdz",
        "part / --size=1000 --ondisk=sda,sdb",
        "part / --onpart=sda9",
        "part / --size=1000 --fstype=zfs",
        "part / --size=99999999999",
        "raid / --level=1 --device=md0 raid.1 raid.2",
        "volgroup v pv.9",
        "logvol / --vgname=v --name=r --size=100",
        "part raid.1 --size=100\npart raid.1 --size=100",
    ],
)
def test_impossible_lines_are_refused_with_their_line(release: str, line: str) -> None:
    found = refusal(f"clearpart --all\n{line}\n", release=release)
    assert found.line in (2, 3)
    assert found.error


@pytest.mark.parametrize("release", ["RHEL9", "RHEL10", "F45"])
def test_200_partitions_on_gpt_are_too_many_and_120_are_not(release: str) -> None:
    many = "clearpart --all --disklabel=gpt\npart biosboot --size=1\n"
    lines = [f"part /p{n} --size=100\n" for n in range(200)]
    assert "slots" in refusal(many + "".join(lines), disk(), release=release).error
    assert len(layout(many + "".join(lines[:120]), disk(), release=release).disks[0].partitions) == 121


def test_logical_names_run_out() -> None:
    text = "clearpart --all\n" + "".join(f"part /p{n} --size=100\n" for n in range(20))
    assert "no free partition slots" in refusal(text).error
    assert "Not enough space" in refusal(text, release="RHEL5").error
    assert len(layout(text, disk("hda"), release="RHEL5").disks[0].partitions) == 21


def test_overlapping_and_out_of_range_partitions_on_the_disk_do_no_harm() -> None:
    wrong = disk("sda", 10, "msdos", existing("sda1", 2048, 10**9), existing("sda2", 4096, 4096))
    for release in RELEASES:
        assert isinstance(answer("part / --size=1000\n", wrong, release=release), PlanRefusal)


def test_relative_and_very_long_mount_points() -> None:
    assert "is invalid" in refusal("clearpart --all\npart data --size=100\n", release="RHEL5").error
    long = "/" + "x" * 200
    assert layout(f"clearpart --all\npart {long} --size=100\n").disks[0].partitions[0].mountpoint == long


def test_sizes_beyond_what_a_format_takes() -> None:
    found = refusal("clearpart --all\npart biosboot --size=5\npart / --size=100\n", release="RHEL10")
    assert found.error == "partition is too large for BIOS Boot formatting (allowable size is 512 KiB to 2 MiB)"
