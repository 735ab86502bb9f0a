"""Reports of disks: whatever a node sends is data, and odd data is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.install.partitions import disagreements, partition_rows
from core.install.reports import MOST_BYTES, DiskReport, from_json, read_report
from core.outcome import Refused
from tests.unit.install.talking import BLANK_DISK, INSTALLED, OLD_DISK, report


def taken(*sections: str) -> DiskReport:
    found = read_report(report(*sections))
    assert isinstance(found, DiskReport), found
    return found


def test_the_facts_of_a_disk() -> None:
    facts = taken(OLD_DISK).facts
    assert facts["disk_order"] == ["vda"]
    assert facts["sizes"] == {"vda": 8388608}
    assert facts["labels"] == {"vda3": "/state/partition1"}
    disks = facts["disks"]
    assert isinstance(disks, dict)
    assert (disks["vda"]["label"], disks["vda"]["blank"]) == ("msdos", False)
    assert disks["vda"]["parted_text"].splitlines()[-1].split() == [
        "3",
        "2685MB",
        "4295MB",
        "1610MB",
        "primary",
        "ext4",
    ]


def test_a_blank_disk_has_one_row_without_partitions() -> None:
    found = taken(BLANK_DISK)
    assert found.facts["disks"]["vda"]["blank"] is True  # type: ignore[index]
    assert [row["device"] for row in partition_rows(found)] == ["vda"]


def test_what_stands_on_a_disk_cannot_pass_for_a_section() -> None:
    evil = "= fstab vda1\n = stamp vda2\n = disk sda 99\n"
    facts = taken(BLANK_DISK, evil).facts
    assert facts["fstab_files"] == {"vda1": "= stamp vda2\n= disk sda 99"}
    assert facts["stamped_partitions"] == [] and facts["disk_order"] == ["vda"]


def test_the_mark_changes_with_the_disks_only() -> None:
    assert taken(OLD_DISK).mark == taken(OLD_DISK).mark != taken(BLANK_DISK).mark
    again = from_json(taken(OLD_DISK).to_json())
    assert again == taken(OLD_DISK) and again.mark == taken(OLD_DISK).mark


def test_rows_of_arrays_name_their_members_and_level() -> None:
    array = """\
= disk md0 2000000
 Model: Linux Software RAID Array (md)
 Partition Table: loop
 Number  Start  End     Size    File system  Flags
  1      0.00B  1024MB  1024MB  ext4
= array md0
 /dev/md0:
      Raid Level : raid1
     Number   Major   Minor   RaidDevice State
        0     252        1        0      active sync   /dev/vda1
        1     252       17        1      active sync   /dev/vdb1
= fstab installed
 /dev/md0 /mydata ext4 defaults 0 0
"""
    (row,) = partition_rows(taken(array))
    assert (row["device"], row["mountpoint"], row["fstype"]) == ("md0", "/mydata", "ext4")
    assert (row["partitionflags"], row["formatflags"]) == ("raid.vda1 raid.vdb1", "--level=1")


def test_members_of_arrays_are_named_for_them() -> None:
    disk = """\
= disk vda 99999
 Partition Table: msdos
 Number  Start   End    Size   Type     File system  Flags
  1      1049kB  500MB  499MB  primary  ext4         boot
  2      500MB   999MB  499MB  primary               raid
= fstab installed
 /dev/vda1 / ext4 defaults 1 1
"""
    assert [row["mountpoint"] for row in partition_rows(taken(disk))] == ["/", "raid.vda2"]


def test_gpt_rows_and_disks_with_numbers() -> None:
    disk = """\
= disk nvme0n1 99999
 Partition Table: gpt
 Number  Start   End    Size   File system  Name  Flags
  1      1049kB  500MB  499MB  fat32        efi   boot, esp
= fstab installed
 /dev/nvme0n1p1 /boot/efi vfat defaults 0 0
"""
    (row,) = partition_rows(taken(disk))
    assert (row["device"], row["mountpoint"], row["partitionflags"]) == ("nvme0n1p1", "/boot/efi", "efi boot esp")


VOLUMES = """\
= disk vda 8388608
 Partition Table: msdos
 Number  Start   End     Size    Type     File system  Flags
  1      1049kB  1050MB  1049MB  primary  ext4
  2      1050MB  4295MB  3245MB  primary               lvm
= uuid vda1
 aa-1
= group rocks
 vda2
 vdb
= volume rocks/data 524288000
 ext4
= uuid rocks/data
 dd-4
= volume rocks/swap 104857600
 swap
= volume rocks/web-log 104857600
 ext4
= fstab installed
 UUID=aa-1 / ext4 defaults 1 1
 UUID=dd-4 /data ext4 defaults 1 2
 /dev/mapper/rocks-swap none swap defaults 0 0
 /dev/mapper/rocks-web--log /var/log/web ext4 defaults 1 2
"""


def test_volumes_have_rows_of_their_own() -> None:
    rows = partition_rows(taken(VOLUMES))
    assert [(row["device"], row["mountpoint"]) for row in rows] == [
        ("vda1", "/"),
        ("vda2", ""),
        ("mapper/rocks-data", "/data"),
        ("mapper/rocks-swap", "swap"),
        ("mapper/rocks-web--log", "/var/log/web"),
    ]
    assert rows[2]["partitionsize"] == "524MB" and rows[3]["fstype"] == "linux-swap"


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ("part / --size=1\nlogvol /data --vgname=rocks --name=data --size=500\n", []),
        (
            "part / --size=1\nlogvol /more --vgname=rocks --name=more --size=500\n",
            ["/more was asked for and is not there"],
        ),
    ],
)
def test_volumes_that_were_not_made_are_noticed(told: str, missing: list[str]) -> None:
    assert disagreements(partition_rows(taken(VOLUMES)), told) == missing
    without = VOLUMES[: VOLUMES.index("= group")] + VOLUMES[VOLUMES.index("= fstab") :]
    assert disagreements(partition_rows(taken(without)), told) == [], "a node that cannot tell accuses nobody"


def test_a_stamp_on_a_volume_is_one_on_everything_its_group_lies_on() -> None:
    facts = taken(VOLUMES, "= stamp rocks/data\n= stamp vda1\n").facts
    assert facts["stamped_partitions"] == ["vda2", "vdb", "vda1"]


def test_what_a_volume_holds_is_a_word_and_what_a_group_lies_on_is_a_device() -> None:
    odd = """\
= group rocks
 vda2 ../../etc --force
= volume rocks/data 5
 ext4
 clearpart --all
= stamp rocks/data
"""
    facts = taken(BLANK_DISK, odd).facts
    assert facts["volumes"] == {"rocks/data": ""} and facts["stamped_partitions"] == ["vda2"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"= disk vda 1\n",
        b"= report 2\n",
        b"= report 1\nno blank before this\n",
        b"= report 1\n= disk ../../etc/passwd 1\n",
        b"= report 1\n= disk vda many\n",
        b"= report 1\n= disk vda 99999999999999999999\n",
        b"= report 1\n= disk vda 1\n= disk vda 1\n",
        b"= report 1\n= blank vda\n",
        b"= report 1\n= uuid\n",
        b"= report 1\n= rm -rf\n",
        b"= report 1\n= group ../etc\n",
        b"= report 1\n= group -f\n",
        b"= report 1\n= volume rocks/data 5\n",
        b"= report 1\n= group rocks\n= volume rocks/data\n",
        b"= report 1\n= group rocks\n= volume rocks/.. 5\n",
        b"= report 1\n= group rocks\n= volume rocks/data 5\n= volume rocks/data 5\n",
        b"= report 1\n= group rocks\n" + b"".join(b"= volume rocks/v%d 1\n" % number for number in range(300)),
        b"= report 1\n" + b"= stamp vda1\n" * 5000,
        b"= report 1\n" + b"".join(b"= disk d%d 1\n" % number for number in range(300)),
        b"= report 1\n= lsblk\n " + b"x" * MOST_BYTES,
        b"{}",
    ],
)
def test_refused(body: bytes) -> None:
    assert isinstance(read_report(body), Refused)


@given(st.binary(max_size=300), st.sampled_from([b"", b"= report 1\n", b"= report 1\n= disk vda 5\n "]))
def test_no_bytes_do_harm(body: bytes, head: bytes) -> None:
    found = read_report(head + body)
    if isinstance(found, DiskReport):
        json.loads(found.to_json())
        for row in partition_rows(found):
            assert all(isinstance(value, str) and len(value) <= 128 for value in row.values())


def test_an_installed_disk_has_its_mount_points_by_uuid_device_and_label() -> None:
    assert [row["mountpoint"] for row in partition_rows(taken(INSTALLED))] == ["/", "swap", "/state/partition1"]
