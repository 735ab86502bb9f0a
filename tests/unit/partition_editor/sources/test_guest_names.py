"""A definition's disks by the names that the guest gives them."""

from __future__ import annotations

import pytest

from core.outcome import Refused
from partition_editor.disks import Disk
from partition_editor.sources.guestnames import as_on_xen, as_told
from partition_editor.sources.node import disks_of_node
from tests.unit.partition_editor.sources.test_node_drives import Saved, Virtual


def disks(*names: str) -> tuple[Disk, ...]:
    return tuple(Disk(name, 1000 + number) for number, name in enumerate(names))


@pytest.mark.parametrize(
    ("release", "given", "expected"),
    [
        ("RHEL9", ("hda", "hdb"), ("xvda", "xvdb")),
        ("RHEL9", ("sda", "xvdb"), ("xvda", "xvdb")),
        ("RHEL6", ("hda", "sdb"), ("xvda", "sdb")),
        ("RHEL5", ("hda", "sda"), ("hda", "sda")),
        ("F45", ("hda",), ("xvda",)),
        ("RHEL9", ("cciss/c0d0",), ("cciss/c0d0",)),
        ("RHEL9", ("hda", "sda"), ("hda", "sda")),
    ],
)
def test_on_xen(release: str, given: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Two places of one letter would be one device: then nothing is said about them."""
    found = as_on_xen(disks(*given), release)
    assert tuple(disk.name for disk in found) == expected
    assert [disk.sectors for disk in found] == [disk.sectors for disk in disks(*given)]


@pytest.mark.parametrize(
    ("given", "told", "expected"),
    [
        (("hda", "hdb"), {"xvda", "xvdb"}, ("xvda", "xvdb")),
        (("hda", "hdb"), {"sda"}, ("sda", "hdb")),
        (("hda",), {"hda", "xvda"}, ("hda",)),
        (("vda",), set(), ("vda",)),
        (("hda", "sda"), {"xvda"}, ("hda", "sda")),
    ],
)
def test_by_what_the_node_told(given: tuple[str, ...], told: set[str], expected: tuple[str, ...]) -> None:
    assert tuple(disk.name for disk in as_told(disks(*given), told)) == expected


def test_saved_partitions_of_a_xen_guest_are_on_the_disk_of_its_definition() -> None:
    saved = [Saved("xvda1", "/", "1049kB", "315MB", "ext4"), Saved("xvda2", "/mydata", "316MB", "600MB", "ext4")]
    found = disks_of_node(saved, [Virtual("hda", 1)])
    assert not isinstance(found, Refused)
    (disk,) = found
    assert disk.name == "xvda"
    assert [one.mountpoint for one in disk.partitions] == ["/", "/mydata"]


def test_a_xen_guest_that_never_reported_has_the_names_of_its_release() -> None:
    found = disks_of_node([], [Virtual("hda", 36)], None, "RHEL9")
    assert not isinstance(found, Refused) and [disk.name for disk in found] == ["xvda"]
    old = disks_of_node([Saved("hda1", "/", "32.3kB", "8390MB", "ext3")], [Virtual("hda", 36)], None, "RHEL9")
    assert not isinstance(old, Refused) and [disk.name for disk in old] == ["hda"], "what it told counts for more"
