"""RHEL 5's own look at a finished layout. Sizes in MiB.

Source: anaconda 11.1's sanity check of all requests, as Rocks' installer words it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partition_editor.disks import Firmware, Profile

_PRODUCT = "Rocks"
_RECOMMENDED = (("/usr", 250), ("/tmp", 50), ("/var", 384), ("/home", 100), ("/boot", 75))
_ROOT_MIB = 250
_BOOTABLE = ("ext2", "ext3")
_MOST_SWAPS = 32


@dataclass(frozen=True, slots=True)
class OldDevice:
    """Something with a format: `kind` is ``partition``, ``array`` or ``volume``."""

    kind: str
    mount: str
    fstype: str
    mib: float
    level: int | None = None
    label: str = "msdos"


def check(devices: Sequence[OldDevice], profile: Profile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return errors and warnings."""
    mounted = {one.mount: one for one in devices if one.mount}
    errors: list[str] = []
    warnings: list[str] = []
    root = mounted.get("/")
    if root is None:
        errors.append(
            f"You have not defined a root partition (/), which is required for installation of {_PRODUCT} "
            "to continue."
        )
    elif root.mib < _ROOT_MIB:
        warnings.append(
            f"Your root partition is less than {_ROOT_MIB} megabytes which is usually too small "
            f"to install {_PRODUCT}."
        )
    if profile.firmware is Firmware.UEFI:
        esp = mounted.get("/boot/efi")
        if esp is None or esp.fstype != "vfat" or esp.mib < 50 or esp.label != "gpt":
            errors.append("You must create a /boot/efi partition of type FAT and a size of 50 megabytes.")
    for mount, least in _RECOMMENDED:
        found = mounted.get(mount)
        if found is not None and found.mib < least:
            warnings.append(
                f"Your {mount} partition is less than {least} megabytes which is lower than recommended "
                f"for a normal {_PRODUCT} install."
            )
    boot = mounted.get("/boot") or root
    if boot is not None:
        errors += _boot_errors(boot)
    warnings += _swap_warnings([one for one in devices if one.fstype == "swap"], profile)
    return tuple(errors), tuple(warnings)


def _boot_errors(boot: OldDevice) -> list[str]:
    errors = []
    if boot.kind == "array" and boot.level != 1:
        errors.append("Bootable partitions can only be on RAID1 devices.")
    if boot.kind == "volume":
        errors.append("Bootable partitions cannot be on a logical volume.")
    if boot.fstype not in _BOOTABLE:
        errors.append(f"Bootable partitions cannot be on an {boot.fstype} filesystem.")
    return errors


def _swap_warnings(swaps: Sequence[OldDevice], profile: Profile) -> list[str]:
    if not swaps:
        return [
            "You have not specified a swap partition.  Although not strictly required in all cases, it will "
            "significantly improve performance for most installations."
        ]
    warnings = []
    if len(swaps) >= _MOST_SWAPS:
        warnings.append(
            f"You have specified more than {_MOST_SWAPS} swap devices.  The kernel for {_PRODUCT} only supports "
            f"{_MOST_SWAPS} swap devices."
        )
    total = int(sum(one.mib for one in swaps))
    if total < profile.ram_mib - 8 and profile.ram_mib < 1024:
        warnings.append(
            f"You have allocated less swap space ({total}M) than available RAM ({profile.ram_mib}M) on your system.  "
            "This could negatively impact performance."
        )
    return warnings
