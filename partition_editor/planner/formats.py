"""Formats the installer can put on a partition, array or volume: their names and size limits.

Sources: blivet's format classes (RHEL 7 and later). Sizes in MiB unless the name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from partition_editor.disks import MIB_SECTORS
from partition_editor.planner.refusing import Stop

_TIB = 1024 * 1024
_EIB = _TIB * _TIB


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        type: As in the recorded answers: ``ext4``, ``swap``, ``mdmember``, ``lvmpv``…
        shown: The name in the installer's messages.
        min_mib: A smaller request is raised to this; None when there is no limit.
        max_mib: A partition never grows beyond this; None when there is no limit.
        mountable: It can carry a mount point.
        linux: May hold ``/``, ``/usr``, ``/var``… (blivet's "linux native").
    """

    type: str
    shown: str
    min_mib: Fraction | None = None
    max_mib: int | None = None
    mountable: bool = True
    linux: bool = True
    min_sectors: int = field(init=False, compare=False)
    """The least it takes in sectors; 0 when there is no limit."""

    def __post_init__(self) -> None:
        """Every limit is a whole number of sectors."""
        object.__setattr__(self, "min_sectors", int((self.min_mib or 0) * MIB_SECTORS))


def _filesystem(
    name: str, minimum: int | None, maximum: int | None, *, shown: str | None = None, linux: bool = True
) -> Format:
    return Format(name, shown or name, None if minimum is None else Fraction(minimum), maximum, True, linux)


def _other(name: str, shown: str, minimum: Fraction | int | None = None, maximum: int | None = None) -> Format:
    return Format(name, shown, None if minimum is None else Fraction(minimum), maximum, False, True)


FORMATS = {
    one.type: one
    for one in (
        _filesystem("ext2", 2, 8 * _TIB),
        _filesystem("ext3", 2, 16 * _TIB),
        _filesystem("ext4", 2, _EIB),
        _filesystem("xfs", 300, 16 * _EIB),
        _filesystem("btrfs", 256, 16 * _EIB),
        _filesystem("gfs2", None, None, linux=True),
        _filesystem("f2fs", 1, 16 * _TIB),
        _filesystem("vfat", 2, _TIB, linux=False),
        _filesystem("efi", 32, _TIB, shown="EFI System Partition", linux=False),
        _filesystem("ntfs", 1, 16 * _TIB, linux=False),
        _filesystem("hfs", 1, 2 * _TIB, linux=False),
        _filesystem("hfs+", 1, 2 * _TIB, linux=False),
        _filesystem("macefi", 50, _TIB, shown="Linux HFS+ ESP", linux=False),
        _filesystem("tmpfs", None, None),
        _other("swap", "swap"),
        _other("mdmember", "software RAID"),
        _other("lvmpv", "physical volume (LVM)", 8),
        _other("biosboot", "BIOS Boot", Fraction(1, 2), 2),
        _other("prepboot", "PPC PReP Boot", 4, 10),
        _other("appleboot", "Apple Bootstrap", Fraction(25, 32), 1),
    )
}
"""Every format by its type."""

_ALIASES = {"hfsplus": "hfs+", "msdos": "vfat", "dos": "vfat", "fat": "vfat", "fat32": "vfat", "linux-swap": "swap"}


def format_named(name: str) -> Format | None:
    """Return the format of a ``--fstype``, or None when the installer knows no such type."""
    return FORMATS.get(_ALIASES.get(name, name))


def needed_format(name: str, line: int) -> Format:
    """Return the format a line asks for.

    Raises:
        Stop: The installer knows no such type.
    """
    found = format_named(name)
    if found is None:
        raise Stop(f'The "{name}" file system type is not supported.', line)
    return found


def shown_size(size_bytes: int) -> str:
    """Write a size the way the installer's messages do: the smallest binary unit that needs at most 1024 of it.

    ``1024 KiB`` is one MiB, ``4 MiB`` four; two decimals at most, trailing zeros dropped.
    """
    units = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
    power = 0
    while power < len(units) - 1 and abs(size_bytes) > 1024 ** (power + 1):
        power += 1
    hundredths, rest = divmod(abs(size_bytes) * 100, 1024**power)
    if 2 * rest >= 1024**power:
        hundredths += 1
    whole, decimals = divmod(hundredths, 100)
    text = f"{whole}.{decimals:02d}".rstrip("0").rstrip(".") if decimals else str(whole)
    return f"{'-' if size_bytes < 0 else ''}{text} {units[power]}"
