"""The installer's own look at a finished layout: what it would refuse to go on with, and what it warns of.

Source: Anaconda's storage checker and boot loader checks (45.21, whose texts the recorded answers carry); only the
syntax of a text is judged by release.
"""

from __future__ import annotations

from collections.abc import Sequence

from partition_editor.disks import Firmware, Profile
from partition_editor.planner.board import Board
from partition_editor.planner.devices import Device

MIB = 1024 * 1024
_RECOMMENDED = (
    ("/", 250),
    ("/usr", 250),
    ("/tmp", 50),
    ("/var", 384),
    ("/home", 100),
    ("/boot", 1024),
    ("/boot/efi", 500),
)
_ON_LINUX = ("/", "/home", "/tmp", "/usr", "/usr/lib", "/usr/share", "/var")
_ON_ROOT = ("/bin", "/dev", "/etc", "/lib", "/lost+found", "/mnt", "/proc", "/root", "/sbin", "lost+found")
_STAGE2_DEVICES = ("partition", "mdarray", "btrfsvol", "btrfssubvol")
_STAGE2_FORMATS = ("ext2", "ext3", "ext4", "xfs", "btrfs")
_RAM_WITHOUT_SWAP_MIB = 520
_NO_TARGET = "No valid boot loader target device found. See below for details."
_NO_ESP = (
    "For a UEFI installation, you must include an EFI System Partition on a GPT-formatted disk, mounted at /boot/efi."
)


class Checker:
    """Looks at one layout; the three results are read from its attributes once it is made."""

    def __init__(self, devices: Sequence[Device], boot: Board | None, profile: Profile) -> None:
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.bootloader_error = ""
        self._devices = devices
        self._mounted = {one.mount: one for one in devices if one.mount}
        self._boot = boot
        self._profile = profile
        self._root()
        self._sizes()
        self._boot_loader()
        self._swap()
        self._places()

    def _root(self) -> None:
        root = self._mounted.get("/")
        if root is None:
            self.errors.append(
                "You have not defined a root partition (/), which is required for installation of anaconda "
                "to continue."
            )
        elif not root.fresh:
            self.errors.append("You must create a new file system on the root device.")

    def _sizes(self) -> None:
        for mount, least_mib in _RECOMMENDED:
            found = self._mounted.get(mount)
            if found is not None and found.size_bytes < least_mib * MIB:
                self.warnings.append(
                    f"Your {mount} partition is less than {least_mib} MiB which is lower than recommended "
                    "for a normal anaconda install."
                )

    def _boot_loader(self) -> None:
        boot = self._boot
        if self._profile.firmware is Firmware.UEFI:
            if not self._find_esp():
                return
        elif boot is None or boot.label is None:
            self.errors.append(_NO_TARGET)
            self.bootloader_error = "Failed to find a suitable stage1 device"
            return
        self._stage2()
        if (
            self._profile.firmware is Firmware.BIOS
            and boot is not None
            and boot.label == "gpt"
            and not any(
                one.format is not None and one.format.type == "biosboot" and boot.disk.name in one.disks
                for one in self._devices
            )
        ):
            self.errors.append(
                "Your BIOS-based system needs a special partition to boot from a GPT disk label. To continue, please "
                f"create a 1MiB 'biosboot' type partition on the {boot.disk.name} disk."
            )

    def _find_esp(self) -> bool:
        """Look for an EFI System Partition on the boot disk; without one say what was wrong with each candidate."""
        complaints: list[str] = []
        boot = self._boot
        name = boot.disk.name if boot is not None else ""
        for one in sorted(self._devices, key=lambda device: device.name):
            if one.type not in ("partition", "mdarray") or name not in one.disks:
                continue
            what = "RAID Device" if one.type == "mdarray" else "EFI System Partition"
            found: list[str] = []
            # Anaconda asks for gpt on x86 since 2025; before, an msdos disk passed.
            if boot is not None and boot.label != "gpt":
                found.append(f"{one.name} must have one of the following disklabel types: gpt.")
            if one.level not in (None, 1):
                found.append(f"RAID sets that contain '{what}' must have one of the following raid levels: raid1.")
            if one.format is None or one.format.type != "efi":
                found.append(f"{what} cannot be of type {one.format.type if one.format else None}.")
            if (one.format is None or one.format.mountable) and one.mount != "/boot/efi":
                found.append(f"{what} must be mounted on one of /boot/efi.")
            if not found:
                return True
            complaints += found
        self.errors += [_NO_TARGET, _NO_ESP]
        tail = f": {'; '.join(complaints)}" if complaints else ""
        self.bootloader_error = f"Failed to find a suitable stage1 device{tail}"
        return False

    def _stage2(self) -> None:
        found = self._mounted.get("/boot") or self._mounted.get("/")
        if found is None:
            self.errors.append("You have not created a bootable partition.")
            return
        if found.type not in _STAGE2_DEVICES:
            self.errors.append(f"/boot file system cannot be of type {found.type}.")
        elif found.type == "mdarray" and found.level != 1:
            self.errors.append(
                "RAID sets that contain '/boot file system' must have one of the following raid levels: raid1."
            )
        if found.format is not None and found.format.type not in _STAGE2_FORMATS:
            self.errors.append(f"/boot file system cannot be of type {found.format.type}.")

    def _swap(self) -> None:
        if any(one.format is not None and one.format.type == "swap" for one in self._devices):
            return
        if self._profile.ram_mib < _RAM_WITHOUT_SWAP_MIB:
            self.errors.append(
                f"You have not specified a swap partition. {_RAM_WITHOUT_SWAP_MIB} MiB of memory is recommended to "
                f"continue installation without a swap partition, but you only have {self._profile.ram_mib} MiB."
            )

    def _places(self) -> None:
        for mount in _ON_LINUX:
            found = self._mounted.get(mount)
            if found is not None and found.format is not None and not found.format.linux:
                self.errors.append(f"The mount point {mount} must be on a linux file system.")
        for mount in _ON_ROOT:
            if mount in self._mounted:
                self.errors.append(
                    f"This mount point is invalid. The {mount} directory must be on the / file system."
                )
