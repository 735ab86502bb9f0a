"""A node's drives as the store knows them, and the profile its attributes name. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.outcome import Refused
from partition_editor.disks import Disk, Profile
from partition_editor.sources.stored import SavedDisk, SavedPartition, disks_from_partitions, disks_from_vm

RELEASE_OF_ROCKS = {5: "RHEL5", 6: "RHEL6", 7: "RHEL7"}


def disks_of_node(saved: Iterable[SavedPartition], virtual: Iterable[SavedDisk] = ()) -> tuple[Disk, ...] | Refused:
    """A virtual machine's drives, with the partitions it reported; a physical node's drives from its report alone.

    Args:
        saved: The node's rows of ``partitions``.
        virtual: The rows of ``vm_disks``, where the node is a virtual machine.
    """
    made = disks_from_vm(virtual)
    if isinstance(made, Refused):
        return made
    reported = disks_from_partitions(saved, {disk.name: disk.sectors for disk in made})
    if isinstance(reported, Refused) or not made:
        return reported
    known = {disk.name: disk for disk in reported}
    return tuple(replace(known.get(disk.name, disk), sectors=disk.sectors) for disk in made)


def profile_of_node(attributes: Mapping[str, str], ram_mib: int = 0) -> Profile:
    """The profile of a Rocks version's release; the newest where ``rocks_version`` says nothing."""
    profile = Profile(ram_mib=ram_mib) if ram_mib else Profile()
    major = attributes.get("rocks_version", "").partition(".")[0]
    if major.isdecimal() and int(major) in RELEASE_OF_ROCKS:
        return replace(profile, release=RELEASE_OF_ROCKS[int(major)], rocks=int(major))
    return profile
