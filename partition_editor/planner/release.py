"""What differs between releases when a text is carried out: default label, file system, extents, names, order.

Sources: Anaconda's branches rhel5 to rhel10 and Fedora's, blivet and pykickstart of those releases. Pure values; any
thread may use them.
"""

from __future__ import annotations

from dataclasses import dataclass

from partition_editor.disks import Firmware, Profile

GPT_FROM_SECTORS = 2**32
"""A disk with more sectors than this (2 TiB of 512 bytes) gets a gpt label whatever the profile says."""


@dataclass(frozen=True, slots=True)
class Release:
    """The knobs of one release.

    Attributes:
        fstype: File system of a ``part`` without ``--fstype``.
        gpt_on_bios: A new label on a BIOS machine is gpt.
        gpt_on_uefi: A new label on a UEFI machine is gpt.
        pe_kib: Physical extent of a ``volgroup`` without ``--pesize``, in KiB.
        file_order: Lines are carried out as written; else by kind (part, raid, volgroup, logvol).
        raid10_minimum: Fewest members of a RAID 10.
        strips_md: ``--device=md0`` names the array ``0``.
        has_btrfs: ``btrfs.*`` members and the ``btrfs`` command are accepted.
    """

    fstype: str
    gpt_on_bios: bool = False
    gpt_on_uefi: bool = True
    pe_kib: int = 4096
    file_order: bool = False
    raid10_minimum: int = 4
    strips_md: bool = True
    has_btrfs: bool = False


_CYLINDERS = Release("ext3", gpt_on_uefi=False, pe_kib=32768, file_order=True, raid10_minimum=2, strips_md=False)
_RELEASES = {
    "RHEL3": _CYLINDERS,
    "RHEL4": _CYLINDERS,
    "RHEL5": _CYLINDERS,
    "RHEL6": Release("ext4", pe_kib=32768, file_order=True, raid10_minimum=2, strips_md=False),
    "RHEL7": Release("xfs", has_btrfs=True),
    "RHEL8": Release("xfs"),
    "RHEL9": Release("xfs"),
    "RHEL10": Release("xfs", gpt_on_bios=True, strips_md=False),
}
_NEWEST_RHEL = Release("xfs", gpt_on_bios=True, strips_md=False)
_FIRST_GPT_FEDORA = 37
_FIRST_FEDORA_KEEPING_MD = 43


def lays_out_cylinders(release: str) -> bool:
    """The installer knows cylinders and no grid. RHEL 5's answers are recorded; RHEL 3 and 4 are taken for alike."""
    return _RELEASES.get(release) is _CYLINDERS


def release_of(profile: Profile) -> Release:
    """Return the knobs of a profile's release; an unknown RHEL is taken for the newest."""
    known = _RELEASES.get(profile.release)
    if known is not None:
        return known
    number = profile.release[1:]
    if profile.release.startswith("F") and number.isdecimal():
        version = int(number)
        return Release(
            "ext4",
            gpt_on_bios=version >= _FIRST_GPT_FEDORA,
            strips_md=version < _FIRST_FEDORA_KEEPING_MD,
            has_btrfs=True,
        )
    return _NEWEST_RHEL


def new_label(profile: Profile, asked: str | None, sectors: int) -> str:
    """Return the label a disk of this many sectors gets when the installer writes a new one.

    `asked` is ``clearpart --disklabel``. More than 2 TiB always means gpt.
    """
    if sectors > GPT_FROM_SECTORS:
        return "gpt"
    wanted = asked or profile.default_label
    if wanted is not None:
        return wanted
    release = release_of(profile)
    gpt = release.gpt_on_uefi if profile.firmware is Firmware.UEFI else release.gpt_on_bios
    return "gpt" if gpt else "msdos"


def array_name(profile: Profile, device: str) -> str:
    """Return the name an md array gets from ``raid --device``."""
    bare = device.removeprefix("/dev/")
    return bare.removeprefix("md") if release_of(profile).strips_md and bare != "md" else bare
