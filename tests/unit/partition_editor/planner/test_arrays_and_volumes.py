"""Arrays, volume groups, thin pools, btrfs; and the requests the installer adds by itself."""

from __future__ import annotations

import pytest

from partition_editor.disks import Firmware, Profile
from partition_editor.document.reading import read_document, read_spec
from partition_editor.layout import Layout, PlanRefusal
from partition_editor.planner import plan
from partition_editor.planner.rhel5.lvm import usable_mib
from tests.unit.partition_editor.planner.asking import answer, disk, layout, part, refusal

MIB = 1024 * 1024
TWO = (disk("sda"), disk("sdb"))
FOUR = tuple(disk(f"sd{letter}") for letter in "abcd")


def raid_text(level: str, count: int, options: str = "") -> str:
    parts = "".join(f"part raid.{n} --size=10000 --ondisk=sd{'abcd'[n]}\n" for n in range(count))
    members = " ".join(f"raid.{n}" for n in range(count))
    return f"clearpart --all\npart / --size=1000\n{parts}raid /a --level={level} --device=md0 {options} {members}\n"


@pytest.mark.parametrize(
    ("level", "mib"),
    [("0", 4 * 9992), ("1", 9992), ("4", 3 * 9992), ("5", 3 * 9992), ("6", 2 * 9992), ("10", 2 * 9992)],
)
def test_usable_size_by_level(level: str, mib: int) -> None:
    (array,) = layout(raid_text(level, 4), *FOUR).arrays
    assert array.size_bytes == mib * MIB
    assert array.name == "0"
    assert array.chunk_bytes == (0 if level == "1" else 512 * 1024)


def test_rhel_5_shows_arrays_without_headroom() -> None:
    (array,) = layout(raid_text("1", 2), *TWO, release="RHEL5").arrays
    smallest = min(part(layout(raid_text("1", 2), *TWO, release="RHEL5"), f"raid.{n}").length for n in (0, 1))
    assert (array.name, array.size_bytes) == ("md0", smallest * 512)


@pytest.mark.parametrize(("level", "count", "needed"), [("1", 1, 2), ("5", 2, 3), ("6", 3, 4), ("10", 3, 4)])
def test_too_few_members(level: str, count: int, needed: int) -> None:
    assert refusal(raid_text(level, count), *FOUR).error == (
        f"RAID level raid{level} requires that device have at least {needed} members."
    )


def test_raid_10_of_two_was_fine_until_rhel_6() -> None:
    assert layout(raid_text("10", 2), *TWO, release="RHEL6").arrays[0].level == 10
    assert "at least 4" in refusal(raid_text("10", 2), *TWO, release="RHEL7").error


def test_spares_count_against_the_minimum() -> None:
    assert layout(raid_text("5", 4, "--spares=1"), *FOUR).arrays[0].size_bytes == 2 * 9992 * MIB
    assert "at least 3" in refusal(raid_text("5", 3, "--spares=1"), *FOUR).error
    assert "maximum of 0 spares" in refusal(raid_text("5", 3, "--spares=1"), *FOUR, release="RHEL5").error


OLD_GROUP = "clearpart --all\npart /boot --size=100\npart pv.1 --size=20000\nvolgroup v {} pv.1\n"


@pytest.mark.parametrize(
    ("pesize", "options", "mib"),
    [
        ("", "--size=32", 32),
        ("", "--size=63", 32),
        ("", "--size=1 --grow", 20000),
        ("", "--percent=50", 9984),
        ("--pesize=4096", "--size=4", 4),
    ],
)
def test_a_volume_of_an_extent_or_more_is_placed_by_rhel_5(pesize: str, options: str, mib: int) -> None:
    found = layout(f"{OLD_GROUP.format(pesize)}logvol / --vgname=v --name=r {options}\n", release="RHEL5")
    assert [one.size_bytes // MIB for one in found.volumes] == [mib]


@pytest.mark.parametrize(("pesize", "size"), [("", 31), ("", 1), ("--pesize=4096", 3), ("--pesize=65536", 63)])
@pytest.mark.parametrize("release", ["RHEL5", "RHEL6"])
def test_a_volume_smaller_than_an_extent_is_refused(release: str, pesize: str, size: int) -> None:
    found = refusal(f"{OLD_GROUP.format(pesize)}logvol / --vgname=v --name=r --size={size}\n", release=release)
    assert found.line == 5 and "must be larger than the volume group" in found.error


@pytest.mark.parametrize(
    ("mib", "usable"), [(31, 0), (32, 0), (32.9, 0), (33, 32), (64, 32), (64.9, 32), (65, 64), (100, 96)]
)
def test_rhel_5_keeps_a_mebibyte_of_a_physical_volume_for_itself(mib: float, usable: int) -> None:
    assert usable_mib(mib, 32768) == usable


@pytest.mark.parametrize("options", ["", "--grow"])
def test_rhel_5_wants_a_size_of_every_volume(options: str) -> None:
    text = f"{OLD_GROUP.format('')}logvol / --vgname=v --name=r {options}\n"
    assert (refusal(text, release="RHEL5").error, refusal(text, release="RHEL5").line) == ("Size required", 5)


def test_rhel_5_lets_recommended_swap_grow_in_its_group() -> None:
    text = f"{OLD_GROUP.format('')}logvol swap --vgname=v --name=s --recommended\n"
    (swap,) = layout(text, release="RHEL5").volumes
    # 8192 MiB of memory count as 8208; the limit is 2000 more, in whole extents of 32 MiB.
    assert swap.size_bytes == 10208 // 32 * 32 * MIB


def test_comma_joined_members_are_one_undefined_member() -> None:
    text = "clearpart --all\npart raid.1 --size=1000\npart raid.2 --size=1000\n"
    found = refusal(f"{text}raid /a --level=1 --device=md0 raid.1,raid.2\n")
    assert found.error == 'Tried to use undefined partition "raid.1,raid.2" in RAID specification.'
    assert found.line == 4


def test_groups_count_whole_extents() -> None:
    text = "clearpart --all\npart / --size=1000\npart pv.1 --size=10000\nvolgroup v {} pv.1\n"
    assert layout(text.format("")).groups[0].extents == 2499
    assert layout(text.format("--pesize=65536")).groups[0].extents == 156
    assert layout(text.format(""), release="RHEL6").groups[0].pe_bytes == 32 * MIB


LVM = "clearpart --all\npart /boot --size=1000\npart pv.1 --size=10000\nvolgroup v pv.1\n"


def test_volumes_grow_in_extents_up_to_their_limits() -> None:
    text = (
        "logvol / --vgname=v --name=r --size=1000 --grow\n"
        "logvol /x --vgname=v --name=x --size=1000 --grow --maxsize=1502\n"
    )
    found = layout(LVM + text)
    sizes = {one.name: one.size_bytes // MIB for one in found.volumes}
    assert sizes == {"r": 9996 - 1500, "x": 1500}
    assert found.groups[0].free_extents == 0
    assert next(one.why for one in found.volumes if one.name == "r").startswith("grew by")


def test_percent_is_of_what_is_free() -> None:
    found = layout(f"{LVM}logvol / --vgname=v --name=r --percent=50\n")
    assert found.volumes[0].size_bytes == 2499 * 50 // 100 * 4 * MIB
    both = LVM + "logvol / --vgname=v --name=r --percent=60\nlogvol /x --vgname=v --name=x --percent=60\n"
    assert "cannot exceed 100" in refusal(both).error


def test_reserved_space_is_withheld() -> None:
    text = (
        LVM.replace("volgroup v", "volgroup v --reserved-percent=10")
        + "logvol / --vgname=v --name=r --size=10 --grow\n"
    )
    found = layout(text)
    assert found.groups[0].free_extents == 250


def test_too_large_a_volume_says_how_much_is_missing() -> None:
    found = refusal(f"{LVM}logvol / --vgname=v --name=r --size=20000\n")
    assert (found.error, found.short_mib, found.line) == ("new lv is too large to fit in free space", 10004, 5)


def test_a_group_must_exist_and_names_must_differ() -> None:
    assert "No volume group exists" in refusal(f"{LVM}logvol / --vgname=w --name=r --size=100\n").error
    twice = LVM + "logvol / --vgname=v --name=r --size=100\nlogvol /x --vgname=v --name=r --size=100\n"
    assert "already in use" in refusal(twice).error
    assert "already in use" in refusal(f"{LVM}volgroup v pv.1\n").error
    assert "already used" in refusal(f"{LVM}volgroup w pv.1\n").error


def test_rhel_6_wants_lines_in_order_rhel_7_does_not_care() -> None:
    text = (
        "clearpart --all\n"
        "part /boot --size=500\n"
        "logvol / --vgname=v --name=r --size=1000\n"
        "volgroup v pv.1\n"
        "part pv.1 --size=9000\n"
    )
    assert layout(text, release="RHEL7").volumes[0].name == "r"
    assert refusal(text, release="RHEL6").line == 3


def test_lvm_on_raid_loses_two_mib_per_array() -> None:
    text = (
        raid_text("1", 2).replace("raid /a", "raid pv.01")
        + "volgroup v pv.01\nlogvol /x --vgname=v --name=x --size=100\n"
    )
    found = layout(text, *TWO)
    assert found.groups[0].pvs == ("0",)
    assert found.groups[0].extents == (9992 - 2) // 4


@pytest.mark.parametrize("release", ["RHEL5", "RHEL6"])
def test_rocks_5_and_6_print_raid_lines_last_so_lvm_on_raid_fails(release: str) -> None:
    text = raid_text("1", 2).replace("raid /a", "raid pv.01") + "volgroup v pv.01\n"
    text += "logvol /x --vgname=v --name=x --size=100\n"
    assert layout(text, *TWO, release=release).groups[0].name == "v"
    on_rocks = Profile(release, rocks=int(release[-1]))
    found = plan(read_spec(read_document(text), on_rocks), TWO, on_rocks)
    assert isinstance(found, PlanRefusal)
    assert "Volume Group" in found.error
    on_seven = Profile("RHEL7", rocks=7)
    assert isinstance(plan(read_spec(read_document(text), on_seven), TWO, on_seven), Layout)


def test_circles_of_arrays_and_groups_are_refused() -> None:
    loop = "clearpart --all\nraid pv.1 --level=1 --device=md0 pv.1 pv.1\nvolgroup v pv.1\n"
    for release in ("RHEL5", "RHEL6", "RHEL9"):
        assert refusal(loop, release=release).line in (2, 3)


def test_a_thin_pool_pays_for_its_metadata_twice() -> None:
    text = (
        "logvol none --thinpool --vgname=v --name=pool --size=8000 --grow\n"
        "logvol / --thin --poolname=pool --vgname=v --name=r --size=1000 --grow\n"
    )
    found = layout(LVM + text)
    pool, root = found.volumes
    assert (pool.kind, root.kind) == ("lvmthinpool", "lvmthinlv")
    assert root.size_bytes == pool.size_bytes
    assert found.groups[0].free_extents == 0
    assert "No thin pool" in refusal(LVM + text.replace("--poolname=pool", "--poolname=pond")).error


def test_root_on_lvm_without_boot_cannot_be_booted() -> None:
    text = "clearpart --all\npart pv.1 --size=10000\nvolgroup v pv.1\nlogvol / --vgname=v --name=r --size=1000\n"
    assert layout(text).checker_errors == ("/boot file system cannot be of type lvmlv.",)
    assert layout(text, release="RHEL5").checker_errors == ("Bootable partitions cannot be on a logical volume.",)


def test_boot_must_be_on_something_the_boot_loader_reads() -> None:
    text = "clearpart --all\npart / --size=1000\npart /boot --size=1000 --fstype=vfat\n"
    assert layout(text).checker_errors == ("/boot file system cannot be of type vfat.",)
    array = raid_text("0", 2).replace("raid /a", "raid /boot")
    assert "following raid levels: raid1" in layout(array, *TWO).checker_errors[0]


def test_an_efi_system_partition_wants_a_gpt_disk() -> None:
    text = "clearpart --all --disklabel=msdos\npart / --size=1000\npart /boot/efi --size=500\n"
    found = layout(text, firmware=Firmware.UEFI)
    assert "sda1 must have one of the following disklabel types: gpt." in found.bootloader_error


def test_candidates_for_booting_are_named_in_the_order_of_device_names() -> None:
    text = "clearpart --all\n" + "".join(f"part /p{n} --size={2000 - n}\n" for n in range(9)) + "part swap --size=9\n"
    complaints = layout(text, firmware=Firmware.UEFI).bootloader_error.split("; ")
    # sda10, the swap, comes right after sda1.
    assert complaints[2] == "EFI System Partition cannot be of type swap."


def test_btrfs_is_of_rhel_7_and_fedora() -> None:
    text = "clearpart --all\npart /boot --size=500\npart btrfs.1 --size=9000\nbtrfs / btrfs.1\n"
    assert layout(text, release="RHEL7").volumes[0].kind == "btrfsvol"
    assert layout(text.replace("btrfs / btrfs.1", "btrfs / --label=x btrfs.1"), release="F45").volumes[0].name == "x"


def test_reqpart_adds_what_the_firmware_needs() -> None:
    text = "clearpart --all\nreqpart --add-boot\npart / --size=9000\n"
    assert part(layout(text, release="RHEL10"), "sda1").fstype == "biosboot"
    uefi = layout(text, firmware=Firmware.UEFI)
    assert uefi.ok
    assert part(uefi, "/boot").length == 1024 * 2048
    assert part(uefi, "/boot/efi").length == 600 * 2048


@pytest.mark.parametrize("scheme", ["plain", "lvm", "thinp"])
def test_autopart_makes_a_bootable_layout(scheme: str) -> None:
    found = layout(f"clearpart --all\nautopart --type={scheme}\n", disk("sda", 200), release="RHEL10")
    assert found.ok, (found.checker_errors, found.bootloader_error)
    mounts = {one.mountpoint for one in found.disks[0].partitions} | {one.mountpoint for one in found.volumes}
    assert {"/", "/boot", "/home"} <= mounts


def test_rhel_5_lets_part_override_what_autopart_would_do() -> None:
    found = layout("clearpart --all\nautopart\npart / --size=8000\n", release="RHEL5")
    assert part(found, "/").asked_mib == 8000
    assert part(found, "/boot").asked_mib == 100
    assert [one.name for one in found.volumes] == ["LogVol01"]
    assert found.ok


def test_autopart_and_part_exclude_each_other() -> None:
    assert refusal("clearpart --all\nautopart\npart / --size=1000\n").stage == "parse"


def test_little_memory_without_swap_is_an_error() -> None:
    found = answer("clearpart --all\npart / --size=8000\n", disk(), ram_mib=400)
    assert isinstance(found, Layout)
    assert "400 MiB" in found.checker_errors[0]
