"""Questions in, answers out, in the shape of recorded ones."""

from __future__ import annotations

from partition_editor.disks import Firmware
from partition_editor.layout import PlanRefusal
from partition_editor.planner.answers import as_result, read_disks, read_profile
from partition_editor.planner.formats import shown_size
from tests.unit.partition_editor.planner.asking import layout


def test_a_refusal_is_three_keys() -> None:
    assert as_result(PlanRefusal("parse", "no")) == {"ok": False, "stage": "parse", "error": "no"}
    assert as_result(PlanRefusal("parse", "no"), ["w"])["ks_warnings"] == ["w"]


def test_a_layout_has_its_lists_even_when_empty() -> None:
    result = as_result(layout("clearpart --all\npart / --size=1000\n"))
    assert list(result) == ["ok", "stage", "checker", "disks", "md", "vg", "lv"]
    assert result["disks"] == {
        "sda": {
            "label": "msdos",
            "sectors": 167772160,
            "partitions": [
                {
                    "number": 1,
                    "name": "sda1",
                    "type": "primary",
                    "start": 2048,
                    "length": 2048000,
                    "mountpoint": "/",
                    "fstype": "xfs",
                    "req": "req0",
                }
            ],
        }
    }


def test_questions_without_a_version_are_for_rhel_5() -> None:
    assert read_profile({}).release == "RHEL5"
    found = read_profile({"version": "RHEL9", "firmware": "efi", "default_fstype": "ext4", "default_label": "gpt"})
    assert (found.firmware, found.default_fstype, found.default_label) == (Firmware.UEFI, "ext4", "gpt")
    assert read_profile({"version": "RHEL5", "default_fstype": "ext4"}).default_fstype is None


def test_odd_questions_have_no_disks_rather_than_a_traceback() -> None:
    assert read_disks({"disks": "sda"}) == ()
    assert read_disks({"disks": [{"name": "sda", "size": "big"}, 3]})[0].sectors == 0
    (found,) = read_disks(
        {"disks": [{"name": "sda", "size": 10**9, "label": "gpt", "partitions": [{"start": 2048, "length": 2048}]}]}
    )
    assert (found.partitions[0].name, found.partitions[0].number, found.label) == ("sda1", 1, "gpt")


def test_sizes_are_written_as_the_installer_writes_them() -> None:
    assert [shown_size(one) for one in (512, 1024**2, 4 * 1024**2, 1536 * 1024**2, 16 * 1024**6)] == [
        "512 B",
        "1024 KiB",
        "4 MiB",
        "1.5 GiB",
        "16 EiB",
    ]
