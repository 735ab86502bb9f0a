"""Disks from the store: a node's saved partitions (parted's texts), a virtual machine's disks. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from core.outcome import Refused
from partition_editor.disks import MIB_SECTORS, SECTOR_BYTES, Disk, ExistingPartition
from partition_editor.sources.naming import is_disk_name, split_partition
from partition_editor.sources.parted import plain_fstype, sectors_of
from partition_editor.sources.typed import check_names

GB_BYTES = 10**9


class SavedPartition(Protocol):
    """A row of ``partitions``: every column is a text, as Rocks kept it."""

    @property
    def device(self) -> str:
        """``hda5``; a disk's own name for a blank disk."""

    @property
    def mountpoint(self) -> str:
        """``/state/partition1``, ``swap``, ``raid.hda3`` or empty."""

    @property
    def sectorstart(self) -> str:
        """``32.3kB``."""

    @property
    def partitionsize(self) -> str:
        """``8390MB``."""

    @property
    def fstype(self) -> str:
        """``ext3``, ``linux-swap``."""

    @property
    def partitionflags(self) -> str:
        """``boot raid``."""


class SavedDisk(Protocol):
    """A row of ``vm_disks``."""

    @property
    def device(self) -> str:
        """The name inside the virtual machine: ``hda``, ``sda``, ``xvda``, ``vda``."""

    @property
    def size(self) -> int:
        """Decimal gigabytes."""


def disks_from_partitions(
    rows: Iterable[SavedPartition], sectors: Mapping[str, int] | None = None
) -> tuple[Disk, ...] | Refused:
    """A physical node's disks from its last report.

    Args:
        rows: The node's rows, in any order.
        sectors: Sizes of disks by name where they are known; otherwise a disk ends behind its last partition.
    """
    known = sectors or {}
    found: dict[str, list[ExistingPartition]] = {}
    for row in rows:
        name = row.device.removeprefix("/dev/")
        split = split_partition(name)
        disk = split[0] if split else name
        if not is_disk_name(disk) or disk.startswith(("md", "mapper/")):
            # An array or a logical volume lies on disks that have rows of their own.
            continue
        partitions = found.setdefault(disk, [])
        start, length = sectors_of(row.sectorstart), sectors_of(row.partitionsize)
        if split and start is not None and length:
            partitions.append(_existing(row, split[1], name, start, length))
    disks = []
    for disk, partitions in found.items():
        ordered = tuple(sorted(_with_extended(partitions), key=lambda one: (one.start, one.kind != "extended")))
        end = max((one.start + one.length for one in ordered), default=MIB_SECTORS)
        disks.append(Disk(disk, max(known.get(disk, 0), end), label=_label(ordered), partitions=ordered))
    return check_names(disks)


def _existing(row: SavedPartition, number: int, name: str, start: int, length: int) -> ExistingPartition:
    flags = tuple(row.partitionflags.replace(",", " ").split())
    fstype = plain_fstype(row.fstype)
    swap = row.mountpoint == "swap" or fstype == "swap"
    mount = "swap" if swap else row.mountpoint
    kind = "logical" if number > 4 else "primary"
    # A physical volume has no file system of its own.
    has_data = bool(fstype or mount or "lvm" in flags) and not swap
    return ExistingPartition(number, name, kind, start, length, fstype, mount, flags, has_data=has_data)


def _with_extended(partitions: list[ExistingPartition]) -> list[ExistingPartition]:
    logical = [one for one in partitions if one.number > 4]
    result = []
    for one in partitions:
        # Texts are rounded to three digits, so the first logical one may seem to begin a little early.
        slack = one.length // 50
        holds = any(one.start - slack <= other.start < one.start + one.length for other in logical)
        extended = one.number <= 4 and holds and not one.mountpoint and one.fstype in ("", "lba")
        result.append(replace(one, kind="extended", has_data=False) if extended else one)
    return result


def _label(partitions: tuple[ExistingPartition, ...]) -> str | None:
    if not partitions:
        return None
    names = {flag for one in partitions for flag in one.flags}
    extended = any(one.kind == "extended" for one in partitions)
    return "gpt" if not extended and (names & {"esp", "bios_grub"} or len(partitions) > 4) else "msdos"


def disks_from_vm(rows: Iterable[SavedDisk]) -> tuple[Disk, ...] | Refused:
    """A virtual machine's disks, blank, in the order of its rows."""
    disks = []
    for row in rows:
        name = row.device.removeprefix("/dev/")
        if not is_disk_name(name):
            return Refused(f'"{name[:40]}" is no disk name.')
        if row.size < 1:
            return Refused(f"{name} has no size.")
        disks.append(Disk(name, row.size * GB_BYTES // SECTOR_BYTES))
    return check_names(disks)
