"""A node's profile from its attributes. Pure; any thread.

``rocks_version`` names the release of that Rocks, ``install_release`` another one, ``install_firmware`` bios or uefi,
``install_disklabel`` msdos or gpt. A value nobody knows counts as not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from partition_editor.disks import Firmware, Profile
from partition_editor.options import releases
from partition_editor.sources.node import profile_of_node

RELEASE, FIRMWARE, LABEL = "install_release", "install_firmware", "install_disklabel"


def profile_of(attributes: Mapping[str, str]) -> Profile:
    """Release, firmware and Rocks version a node is installed with."""
    profile = profile_of_node(attributes)
    release = attributes.get(RELEASE, "").upper()
    label = attributes.get(LABEL)
    return replace(
        profile,
        release=release if release in releases() else profile.release,
        firmware=Firmware.UEFI if attributes.get(FIRMWARE, "").lower() in ("uefi", "efi") else Firmware.BIOS,
        default_label=label if label in ("msdos", "gpt") else None,
    )
