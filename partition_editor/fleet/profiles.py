"""A node's profile from its attributes: ``rocks_version``, ``install_release``, ``install_firmware``. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from partition_editor.disks import Firmware, Profile
from partition_editor.options import releases

ROCKS, RELEASE, FIRMWARE, LABEL = "rocks_version", "install_release", "install_firmware", "install_disklabel"
RELEASE_OF = {5: "RHEL5", 6: "RHEL6", 7: "RHEL7"}
NEWEST = 7


def profile_of(attributes: Mapping[str, str]) -> Profile:
    """Release, firmware and Rocks version a node is installed with; Rocks 7 on BIOS where nothing is said.

    A value nobody knows counts as not said.
    """
    major = attributes.get(ROCKS, "")[:1]
    rocks = int(major) if major in ("5", "6", "7") else NEWEST
    release = attributes.get(RELEASE, "").upper()
    label = attributes.get(LABEL)
    return Profile(
        release=release if release in releases() else RELEASE_OF[rocks],
        firmware=Firmware.UEFI if attributes.get(FIRMWARE, "").lower() in ("uefi", "efi") else Firmware.BIOS,
        default_label=label if label in ("msdos", "gpt") else None,
        rocks=rocks,
    )
