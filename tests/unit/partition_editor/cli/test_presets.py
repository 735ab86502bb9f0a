"""Every preset gives a text the installer goes through with, wherever it can be used at all."""

from __future__ import annotations

import pytest

from core.outcome import Refused
from partition_editor.disks import Disk, Firmware, Profile
from partition_editor.document.reading import read_document, read_spec
from partition_editor.findings import Severity
from partition_editor.layout import Layout
from partition_editor.planner import plan
from partition_editor.presets import PRESETS, ROCKS_DEFAULTS, rocks_default, scheme_text
from partition_editor.rules import check

RELEASES = ["RHEL5", "RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10", "F45"]


def disks(*names: str) -> tuple[Disk, ...]:
    return tuple(Disk(name, 156301488) for name in names)


@pytest.mark.parametrize("firmware", list(Firmware))
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_can_be_installed(preset: str, release: str, firmware: Firmware) -> None:
    if release == "RHEL5" and (firmware is Firmware.UEFI or "rocks-6" in preset or "rocks-7" in preset):
        pytest.skip("RHEL 5 boots neither from UEFI's labels nor from ext4")
    profile = Profile(release=release, firmware=firmware)
    for some in (disks("sda", "sdb"), disks("sda", "sdb", "sdc")):
        text = PRESETS[preset].text(some, profile)
        assert isinstance(text, str)
        document = read_document(text)
        answer = plan(read_spec(document, profile), some, profile)
        assert isinstance(answer, Layout)
        assert answer.ok, (text, answer.checker_errors)
        errors = [one for one in check(document, some, profile, answer) if one.severity is Severity.ERROR]
        assert errors == [], text


def test_too_few_or_too_small_disks_are_refused_with_the_reason() -> None:
    assert PRESETS["mirror"].text(disks("sda"), Profile()) == Refused(
        "Mirrored system disk needs 2 disks; the node has 1."
    )
    small = (Disk("sda", 2048),)
    assert PRESETS["lvm"].text(small, Profile()) == Refused("LVM needs 28672 MiB; sda has 1.")


def test_removable_disks_are_left_alone() -> None:
    stick = Disk("sda", 156301488, removable=True)
    text = PRESETS["plain"].text((stick, *disks("sdb")), Profile())
    assert isinstance(text, str)
    assert "sda" not in text


def test_rocks_5_0_defaults_to_the_letter() -> None:
    profile = Profile(release="RHEL5")
    assert rocks_default("5.0", disks("hda"), profile) == [
        "clearpart --all --initlabel --drives=hda",
        "part / --size=8000 --fstype=ext3 --ondisk=hda",
        "part /var --size=4000 --fstype=ext3 --ondisk=hda",
        "part swap --size=1000 --ondisk=hda",
        "part /state/partition1 --size=1 --fstype=ext3 --grow --ondisk=hda",
    ]
    assert list(ROCKS_DEFAULTS) == ["5.0", "5.1", "5.4", "6", "7"]


def test_schemes_on_the_disks_at_hand() -> None:
    profile = Profile(release="RHEL7", rocks=7)
    every = scheme_text("force-default", disks("sda", "sdb"), profile)
    first = scheme_text("force-default-root-disk-only", disks("sda", "sdb"), profile)
    assert isinstance(every, str)
    assert isinstance(first, str)
    assert "part /state/partition2 --size=1 --fstype=ext4 --grow --ondisk=sdb\n" in every
    assert "sdb" not in first
    assert isinstance(scheme_text("manual", disks("sda"), profile), Refused)
    assert isinstance(scheme_text("nonsense", disks("sda"), profile), Refused)
