"""What is on the disks already: what clearpart leaves, what is reused, what lies in between."""

from __future__ import annotations

import pytest

from partition_editor.disks import Disk
from tests.unit.partition_editor.planner.asking import MIB_SECTORS, disk, existing, layout, part, refusal

NTFS = existing("sda1", 2048, 10_000 * MIB_SECTORS, "ntfs", mount="")
EXT4 = existing("sda2", 2048 + 20_000 * MIB_SECTORS, 20_000 * MIB_SECTORS, "ext4", mount="/data")
USED = disk("sda", 80, "msdos", NTFS, EXT4)


def names(text: str, *disks: Disk, release: str = "RHEL9") -> list[str]:
    return [one.name for one in layout(text, *disks, release=release).disks[0].partitions]


@pytest.mark.parametrize("release", ["RHEL5", "RHEL9"])
def test_clearpart_linux_keeps_what_is_not_linux(release: str) -> None:
    found = layout("clearpart --linux\npart / --size=8000\n", USED, release=release)
    assert part(found, "sda1").fstype == "ntfs"
    assert part(found, "sda1").kept
    assert part(found, "/").start > part(found, "sda1").start + part(found, "sda1").length - 1
    assert all(one.mountpoint != "/data" for one in found.disks[0].partitions)


def test_a_fixed_request_goes_into_the_smallest_gap_between_kept_partitions() -> None:
    found = layout("clearpart --none\npart / --size=8000\n", USED)
    assert part(found, "/").start == 2048 + 10_000 * MIB_SECTORS
    assert part(found, "/").number == 3
    assert [one.name for one in found.disks[0].partitions] == ["sda1", "sda3", "sda2"]


def test_growth_stays_between_its_neighbours() -> None:
    found = layout("clearpart --none\npart / --size=35000 --grow\n", USED)
    last = part(found, "sda2")
    assert part(found, "/").start == last.start + last.length


def test_a_logical_behind_a_growing_primary_pays_for_its_own_gap() -> None:
    found = layout("part / --size=8000 --grow --ondisk=sda\npart /x --size=9000\n", USED)
    assert (part(found, "/x").kind, part(found, "/x").length) == ("logical", 8999 * MIB_SECTORS)
    assert "lost 1 MiB to the gap" in part(found, "/x").why


def test_onpart_formats_unless_told_not_to() -> None:
    found = layout("part / --onpart=sda2\npart /win --onpart=/dev/sda1 --noformat\n", USED)
    assert (part(found, "/").name, part(found, "/").kept, part(found, "/").fstype) == ("sda2", False, "xfs")
    assert (part(found, "/win").name, part(found, "/win").kept, part(found, "/win").fstype) == ("sda1", True, "ntfs")


def test_onpart_of_a_cleared_partition_is_refused() -> None:
    assert refusal("clearpart --all\npart / --onpart=sda2\n", USED).error == (
        'Partition "sda2" given in part command does not exist.'
    )


def test_noformat_needs_onpart_from_rhel_6_on() -> None:
    text = "clearpart --all\npart / --size=1000 --noformat\n"
    assert refusal(text, USED).error == "part --noformat must also use the --onpart option."
    assert layout(text, USED, release="RHEL5").ok


def test_an_unformatted_root_is_an_error() -> None:
    found = layout("part / --onpart=sda2 --noformat\n", USED)
    assert "new file system on the root device" in found.checker_errors[0]


def test_resize_moves_the_end_and_frees_the_rest() -> None:
    found = layout("part / --onpart=sda2 --resize --size=10000\npart /home --size=5000\n", USED)
    assert part(found, "/").length == 10_000 * MIB_SECTORS
    assert not any(one.length <= 0 for one in found.disks[0].free)
    assert refusal("part / --onpart=sda2 --resize --size=90000\n", USED).error.endswith('"sda2" is invalid.')


def test_clearpart_list_clears_only_those() -> None:
    assert names("clearpart --list=sda2\npart / --size=1000\n", USED) == ["sda1", "sda2"]


def test_an_empty_extended_partition_goes_with_its_logicals() -> None:
    extended = existing("sda2", 4096 * MIB_SECTORS, 20_000 * MIB_SECTORS, "", kind="extended")
    logical = existing("sda5", 4097 * MIB_SECTORS, 1_000 * MIB_SECTORS, "ext4", kind="logical")
    used = disk("sda", 80, "msdos", existing("sda1", 2048, 1000 * MIB_SECTORS, "ntfs"), extended, logical)
    assert names("clearpart --linux\npart / --size=40000\n", used) == ["sda1", "sda2"]


def test_logicals_join_a_kept_extended_partition() -> None:
    extended = existing("sda2", 4096 * MIB_SECTORS, 60_000 * MIB_SECTORS, "", kind="extended")
    logical = existing("sda5", 4097 * MIB_SECTORS, 1_000 * MIB_SECTORS, "ntfs", kind="logical")
    others = [existing(f"sda{n}", (n - 2) * 1000 * MIB_SECTORS, 900 * MIB_SECTORS, "ntfs") for n in (3, 4)]
    used = disk("sda", 80, "msdos", existing("sda1", 2048, 900 * MIB_SECTORS, "ntfs"), extended, logical, *others)
    found = layout("part / --size=8000 --grow\n", used)
    root = part(found, "/")
    assert (root.kind, root.number) == ("logical", 6)
    assert root.start == 5098 * MIB_SECTORS
    assert root.start + root.length <= 64_096 * MIB_SECTORS


def test_a_blank_disk_nobody_clears_has_no_label() -> None:
    blank = disk("sda")
    nowhere = refusal("part / --size=1000\n", blank)
    assert (nowhere.error, nowhere.short_mib) == ("Unable to allocate requested partition scheme.", None)
    assert "is not partitioned" in refusal("part / --size=1000 --ondisk=sda\n", blank).error
    assert layout("zerombr\npart / --size=1000\n", blank).ok
    assert layout("clearpart --none --initlabel\npart / --size=1000\n", blank).ok


def test_initlabel_relabels_an_empty_disk_but_not_one_in_use() -> None:
    text = "clearpart --none --initlabel\npart / --size=1000\n"
    assert layout(text, disk("sda", 80, "gpt")).disks[0].label == "msdos"
    kept = layout(text, disk("sda", 80, "gpt", existing("sda1", 2048, 2048, "ntfs")))
    assert kept.disks[0].label == "gpt"


def test_drives_limit_what_is_cleared() -> None:
    found = layout("clearpart --all --drives=sdb\npart / --size=1000 --ondisk=sdb\n", USED, disk("sdb"))
    assert [one.name for one in found.disks[0].partitions] == ["sda1", "sda2"]
    assert not found.disks[0].cleared
    assert found.disks[1].cleared


def test_an_unknown_drive_stops_the_install() -> None:
    found = refusal("clearpart --all --drives=sda,sdz\npart / --size=1000\n", USED)
    assert (found.stage, found.error) == ("clearpart", 'Disk "sdz" given in clearpart command does not exist.')
    assert "sdz" in refusal("clearpart --all --drives=sdz\npart / --size=1\n", USED, release="RHEL5").error


def test_ignored_disks_are_not_there() -> None:
    text = "ignoredisk --only-use=sdb\nclearpart --all\npart / --size=1000\n"
    assert [one.name for one in layout(text, USED, disk("sdb")).disks] == ["sdb"]
    assert refusal("ignoredisk --drives=sdz\npart / --size=1000\n", USED).stage == "ignoredisk"


def test_lost_data_is_noted() -> None:
    notes = layout("clearpart --all\npart / --size=1000\n", USED).notes
    assert [note.text for note in notes] == ["sda1 would be erased.", "sda2 (/data) would be erased."]


def test_device_names_follow_the_kernel() -> None:
    text = "clearpart --all\npart / --size=1000\n"
    assert layout(text, disk("nvme0n1")).disks[0].partitions[0].name == "nvme0n1p1"
    assert layout(text, disk("cciss/c0d0")).disks[0].partitions[0].name == "cciss/c0d0p1"
