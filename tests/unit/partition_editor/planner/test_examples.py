"""One example per rule of placing and growing."""

from __future__ import annotations

import pytest

from partition_editor.disks import Disk, Firmware
from tests.unit.partition_editor.planner.asking import GIB_SECTORS, MIB_SECTORS, disk, layout, part, refusal, rows

SCREENSHOT = """\
clearpart --all --initlabel --drives=hda
part / --size=8000 --fstype=ext3 --ondisk=hda
part /var --size=4000 --fstype=ext3 --ondisk=hda
part swap --size=1000 --fstype=swap --ondisk=hda
part /state/partition1 --size=1 --fstype=ext3 --grow --ondisk=hda
"""


def test_the_disk_setup_screen_of_rocks_5_comes_out_to_the_cylinder() -> None:
    found = layout(SCREENSHOT, Disk("hda", 156_301_488), release="RHEL5")
    shown = [
        (one.name, one.start_cylinder, one.end_cylinder, one.length // 2048) for one in found.disks[0].partitions
    ]
    assert shown == [
        ("hda1", 1, 1020, 8001),
        ("hda2", 1021, 1530, 4000),
        ("hda3", 1531, 1657, 996),
        ("hda4", 1658, 9729, 63318),
        ("hda5", 1658, 9729, 63318),
    ]
    assert part(found, "hda3").asked_mib == 1000


def test_file_order_does_not_matter_larger_ones_go_first() -> None:
    text = "clearpart --all\npart / --size=8000\npart /data --size=10000\n"
    found = layout(text)
    assert rows(found.disks[0])[0] == ("sda1", "/data", 2048, 10000 * MIB_SECTORS)
    assert "Larger than /, so placed first" in part(found, "/data").why


def test_ties_are_broken_by_the_installers_own_names() -> None:
    lines = [f"part /p{n:02} --size={3000 - n}\n" for n in range(10)]
    found = layout("clearpart --all --disklabel=gpt\n" + "".join(lines) + "part swap --size=2992\n")
    # The swap is the installer's req10 and /p08 its req8; neither has a reason to go first.
    assert part(found, "req10").number < part(found, "/p08").number


def test_boot_goes_first_whatever_its_size() -> None:
    found = layout("clearpart --all\npart / --size=8000\npart /boot --size=500\n")
    assert part(found, "/boot").number == 1
    assert "eeded for booting" in part(found, "/boot").why


def test_the_fourth_primary_becomes_logical_with_one_mib_before_it() -> None:
    text = "clearpart --all\n" + "".join(f"part /p{n} --size={4000 - n}\n" for n in range(4))
    found = layout(text)
    kinds = [(one.number, one.kind) for one in found.disks[0].partitions]
    assert kinds == [(1, "primary"), (2, "primary"), (3, "primary"), (4, "extended"), (5, "logical")]
    assert "4th primary became logical" in part(found, "/p3").why
    assert (part(found, "/p3").start - part(found, "sda4").start) % MIB_SECTORS == 0


def test_growth_is_in_proportion_to_the_sizes() -> None:
    found = layout("clearpart --all\npart / --size=1000 --grow\npart /home --size=3000 --grow\n")
    ratio = part(found, "/home").length / part(found, "/").length
    assert 2.99 < ratio < 3.01
    assert "rew by" in part(found, "/home").why


def test_a_limit_stops_growth_and_the_rest_goes_to_others() -> None:
    found = layout("clearpart --all\npart / --size=1000 --grow --maxsize=2000\npart /home --size=1000 --grow\n")
    assert part(found, "/").length == 2000 * MIB_SECTORS
    assert part(found, "/home").length > 70 * GIB_SECTORS
    assert "to its limit" in part(found, "/").why


def test_a_growing_request_goes_where_most_can_grow() -> None:
    found = layout(
        "clearpart --all\npart / --size=1000\npart /home --size=1 --grow\n", disk("sda", 50), disk("sdb", 60)
    )
    assert part(found, "/home").name.startswith("sdb")
    assert "where most can grow" in part(found, "/home").why


def test_a_fixed_request_takes_the_smallest_gap_of_all_disks() -> None:
    found = layout("clearpart --all\npart /data --size=1000\n", disk("sda", 50), disk("sdb", 10))
    assert part(found, "/data").name == "sdb1"


def test_disks_are_sorted_as_the_installer_does() -> None:
    text = "clearpart --all\npart /boot --size=100\n"
    found = layout(text, disk("sdb"), disk("sdaa"), disk("hdc"), disk("vda"))
    assert part(found, "/boot").name == "vda1"
    assert [one.name for one in found.disks] == ["sdb", "sdaa", "hdc", "vda"]


@pytest.mark.parametrize(
    ("release", "label"), [("RHEL7", "msdos"), ("RHEL9", "msdos"), ("RHEL10", "gpt"), ("F45", "gpt")]
)
def test_the_label_is_the_releases_own(release: str, label: str) -> None:
    assert layout("clearpart --all\npart / --size=1000\n", release=release).disks[0].label == label


def test_beyond_two_tib_the_label_is_gpt_and_root_ends_before() -> None:
    found = layout("clearpart --all --disklabel=msdos\npart / --size=1 --grow\n", disk("sda", 4000))
    assert found.disks[0].label == "gpt"
    assert part(found, "/").start + part(found, "/").length == 2**32


def test_the_same_text_fares_differently_by_release_and_firmware() -> None:
    text = "clearpart --all --initlabel\npart / --size=8000 --fstype=ext3\npart swap --size=1000\n"
    assert layout(text, release="RHEL5").ok
    assert layout(text, release="RHEL9").ok
    assert "biosboot" in layout(text, release="RHEL10").checker_errors[0]
    uefi = layout(text, firmware=Firmware.UEFI)
    assert "/boot/efi" in uefi.checker_errors[-1]
    assert uefi.bootloader_error.startswith("Failed to find a suitable stage1 device: ")


def test_a_small_request_is_raised_to_its_formats_minimum() -> None:
    found = layout("clearpart --all\npart / --size=8000\npart /data --size=100 --fstype=xfs\n")
    assert part(found, "/data").length == 300 * MIB_SECTORS
    assert part(found, "/data").asked_mib == 100
    assert "aised to 300 MiB, the least xfs takes" in part(found, "/data").why


def test_no_size_is_500_mib() -> None:
    assert part(layout("clearpart --all\npart /\n"), "/").length == 500 * MIB_SECTORS


def test_a_later_request_for_a_mount_point_replaces_the_earlier() -> None:
    for release in ("RHEL5", "RHEL6", "RHEL9"):
        found = layout("clearpart --all\npart / --size=5000\npart / --size=9000\n", release=release)
        assert len(found.disks[0].partitions) == 1
        assert part(found, "/").asked_mib == 9000


def test_recommended_swap_follows_memory() -> None:
    text = "clearpart --all\npart / --size=1000\npart swap --recommended\n"
    assert part(layout(text), "sda1").length == 4096 * MIB_SECTORS


def test_rhel_5_snaps_to_the_nearest_cylinder() -> None:
    found = layout("clearpart --all\npart / --size=5000\n", release="RHEL5")
    assert part(found, "/").length == 637 * 16065 - 63
    assert "ounded to cylinder 637" in part(found, "/").why


def test_rhel_5_places_on_given_cylinders() -> None:
    text = "clearpart --all\npart /data --start=101 --end=200 --ondisk=sda\npart / --size=500\n"
    found = layout(text, release="RHEL5")
    assert (part(found, "/data").start_cylinder, part(found, "/data").end_cylinder) == (101, 200)


def test_refusals_name_the_line_and_what_is_missing() -> None:
    found = refusal("clearpart --all\npart / --size=8000\npart /big --size=90000 --ondisk=sda\n")
    assert (found.stage, found.line, found.disk) == ("partitioning", 3, "sda")
    assert found.short_mib is not None
    assert 8000 < found.short_mib < 10000


def test_five_primaries_are_one_too_many() -> None:
    text = "clearpart --all\n" + "".join(f"part /p{n} --size=100 --asprimary\n" for n in range(5))
    assert refusal(text).error.endswith("sda: no free partition slots")
    assert "as primary partitions" in refusal(text, release="RHEL5").error
