"""What a node has: its disks as they are, and the profile it is installed with. Read-only values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SECTOR_BYTES = 512
MIB_SECTORS = 2048


class Firmware(Enum):
    """How a node boots."""

    BIOS = "bios"
    UEFI = "uefi"


@dataclass(frozen=True, slots=True)
class Profile:
    """Release and firmware a text is planned and checked for.

    Attributes:
        release: ``RHEL5`` … ``RHEL10`` or ``F45``-like names, as in the option tables.
        default_label: ``msdos`` or ``gpt`` for a disk that gets a new label; None takes the release's own.
        default_fstype: File system of a ``part`` without ``--fstype``; None takes the release's own.
        rocks: Major version of Rocks that carries the text (5, 6, 7), or None without Rocks.
        ram_mib: For ``swap --recommended``.
    """

    release: str = "RHEL9"
    firmware: Firmware = Firmware.BIOS
    arch: str = "x86_64"
    default_label: str | None = None
    default_fstype: str | None = None
    rocks: int | None = None
    ram_mib: int = 8192


@dataclass(frozen=True, slots=True)
class ExistingPartition:
    """A partition that is on a disk now. Sectors of 512 bytes."""

    number: int
    name: str
    kind: str
    """``primary``, ``extended`` or ``logical``."""
    start: int
    length: int
    fstype: str = ""
    mountpoint: str = ""
    flags: tuple[str, ...] = ()
    has_data: bool = False


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk of a node.

    Attributes:
        name: Without ``/dev/``: ``hda``, ``sda``, ``vda``, ``cciss/c0d0``, ``nvme0n1``.
        sectors: Size in sectors of 512 bytes.
        label: ``msdos``, ``gpt`` or None when blank or unreadable.
        stamped: A ``.rocks-release`` marker is on one of its partitions.
    """

    name: str
    sectors: int
    model: str = ""
    serial: str = ""
    removable: bool = False
    label: str | None = None
    partitions: tuple[ExistingPartition, ...] = ()
    stamped: bool = False
