"""Drives of a node of the store."""

from __future__ import annotations

from dataclasses import dataclass

from core.outcome import Refused
from partition_editor.sources.node import disks_of_node, profile_of_node


@dataclass(frozen=True)
class Saved:
    device: str
    mountpoint: str = ""
    sectorstart: str = ""
    partitionsize: str = ""
    fstype: str = ""
    partitionflags: str = ""


@dataclass(frozen=True)
class Virtual:
    device: str
    size: int


def test_a_virtual_machine_s_drives_carry_what_it_reported() -> None:
    saved = [Saved("hda1", "/", "32.3kB", "8390MB", "ext3"), Saved("sdz1", "/x", "32.3kB", "1000MB", "ext3")]
    found = disks_of_node(saved, [Virtual("hda", 36), Virtual("hdb", 10)])
    assert not isinstance(found, Refused)
    assert [(disk.name, disk.sectors) for disk in found] == [("hda", 36 * 10**9 // 512), ("hdb", 10**10 // 512)]
    assert [one.mountpoint for one in found[0].partitions] == ["/"] and not found[1].partitions


def test_a_physical_node_s_drives_are_those_it_reported() -> None:
    found = disks_of_node([Saved("sda1", "/", "1049kB", "8390MB", "ext4")])
    assert not isinstance(found, Refused) and [disk.name for disk in found] == ["sda"]
    assert disks_of_node([]) == ()
    assert isinstance(disks_of_node([], [Virtual("", 1)]), Refused)


def test_the_profile_follows_the_rocks_version() -> None:
    assert (profile_of_node({"rocks_version": "5.0"}, 1024).release, profile_of_node({}).rocks) == ("RHEL5", None)
    assert profile_of_node({"rocks_version": "7.0"}).rocks == 7
