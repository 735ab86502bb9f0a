"""After an install, what the node reports is held against what was planned for it."""

from __future__ import annotations

import json

import pytest

from .conftest import Desk
from .reporting import SECTORS, disk, keep

NODE = "compute-1-1"
TEXT = (
    "clearpart --all --initlabel --drives=sda\npart / --size=2000 --fstype=ext4 --ondisk=sda\n"
    "part swap --size=500 --ondisk=sda\npart /data --size=1 --grow --fstype=ext4 --ondisk=sda\n"
)
ROOT = "1 1049kB 2098MB 2097MB primary ext4 boot"
SWAP = "2 2098MB 2622MB 524MB primary linux-swap(v1)"
DATA = "3 2622MB 8590MB 5968MB primary ext4"
FSTAB = "= fstab installed\n /dev/sda1 / ext4 defaults 1 1\n /dev/sda3 /data ext4 defaults 1 2\n"


def installed(desk: Desk, *rows: str, fstab: str = FSTAB, text: str = TEXT, blank: bool = True) -> list[str]:
    before = disk("sda", blank=True) if blank else disk("sda", ROOT)
    keep(desk, NODE, before, text=text)
    keep(desk, NODE, disk("sda", *rows), fstab, after=True)
    (found,) = json.loads(desk.out(f"report host partition installed {NODE} format=json"))
    differences: list[str] = found["differences"]
    return differences


def test_an_install_as_planned_has_no_differences(desk: Desk) -> None:
    assert installed(desk, ROOT, SWAP, DATA) == []
    assert desk.out(f"report host partition installed {NODE}").startswith(f"{NODE}: as planned (installed 20")
    assert desk.status(f"report host partition installed {NODE} fail-on=difference") == 0


@pytest.mark.parametrize(
    ("rows", "fstab", "sentence"),
    [
        ((ROOT, SWAP), FSTAB, "/data was planned on sda3 and is not there"),
        ((ROOT, SWAP, DATA.replace("5968MB", "3000MB")), FSTAB, "/data has 2861 MiB, planned were 5691"),
        ((ROOT, SWAP, DATA.replace("ext4", "xfs")), FSTAB, "/data is xfs, planned was ext4"),
        ((ROOT, SWAP, DATA), FSTAB.replace("/data", "/other"), "/other is on sda3, and nobody planned it"),
        ((ROOT, DATA.replace("3 ", "2 ", 1)), FSTAB.replace("sda3", "sda2"), "/data is on sda2, planned was sda3"),
    ],
)
def test_each_difference_is_a_sentence(desk: Desk, rows: tuple[str, ...], fstab: str, sentence: str) -> None:
    assert sentence in installed(desk, *rows, fstab=fstab)
    assert desk.status(f"report host partition installed {NODE} fail-on=difference") == 1
    assert f"  {sentence}\n" in desk.out(f"report host partition installed {NODE}")


def test_a_kept_volume_has_the_file_system_that_it_had(desk: Desk) -> None:
    text = (
        "part / --fstype ext4 --onpart sda1\nvolgroup rocks --useexisting\n"
        "logvol /data --noformat --vgname=rocks --name=data --useexisting\n"
    )
    fstab = FSTAB.replace("/dev/sda3", "/dev/mapper/rocks-data")
    assert installed(desk, ROOT, DATA.replace("ext4", "lvm"), fstab=fstab, text=text, blank=False) == []


def test_nothing_to_compare_is_said(desk: Desk) -> None:
    assert desk.out(f"report host partition installed {NODE}") == f"{NODE}: no install of it has ended yet\n"
    assert installed(desk, ROOT, text="rocks manual\n") == []
    assert "partitioned it by hand" in desk.out(f"report host partition installed {NODE}")
    assert desk.error("report host partition installed") == "must supply host"
    assert '"format" must be one of' in desk.error(f"report host partition installed {NODE} format=svg")


def test_an_install_that_should_have_stopped_is_told(desk: Desk) -> None:
    text = f"clearpart --all --drives=sda\npart / --size={SECTORS} --ondisk=sda\n"
    (sentence,) = installed(desk, ROOT, text=text)
    assert sentence.startswith("the plan was that the installer stops (")


def test_partitions_that_are_kept_are_compared_too(desk: Desk) -> None:
    text = "part / --fstype=ext4 --onpart sda1\n"
    assert installed(desk, ROOT, text=text, blank=False, fstab="= fstab installed\n /dev/sda1 / ext4 x 1 1\n") == []
