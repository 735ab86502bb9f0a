"""Names of disks and of their partitions: ``hda1``, ``cciss/c0d0p1``, ``nvme0n1p1``. Pure; any thread."""

from __future__ import annotations

import re
from functools import lru_cache

DISK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_.+-]+)*")
PARTITION = re.compile(r"(?P<disk>.+?)(?P<number>\d+)")
PARTITION_AFTER_DIGIT = re.compile(r"(?P<disk>.*\d)p(?P<number>\d+)")
NUMBERED_DISK = re.compile(r"(?:nvme\d+n\d+|mmcblk\d+|loop\d+|nbd\d+|pmem\d+|md\d+|[a-z]+/c\d+d\d+)$")


def is_disk_name(text: str) -> bool:
    """It could be a disk's name, without ``/dev/``."""
    return len(text) <= 64 and DISK_NAME.fullmatch(text) is not None


def partition_name(disk: str, number: int) -> str:
    """What the kernel calls a partition: a ``p`` goes between when the disk's name ends in a digit."""
    return f"{disk}p{number}" if disk[-1:].isdigit() else f"{disk}{number}"


@lru_cache(maxsize=8192)
def split_partition(name: str) -> tuple[str, int] | None:
    """Disk and number of a partition's name, or None when it names a whole disk (or nothing we know)."""
    match = PARTITION_AFTER_DIGIT.fullmatch(name)
    if match and NUMBERED_DISK.fullmatch(match["disk"]):
        return match["disk"], int(match["number"])
    if NUMBERED_DISK.fullmatch(name):
        return None
    # Rocks 5 and 6 wrote nvme0n11 and mmcblk01 for the first partition.
    match = re.fullmatch(r"(?P<disk>nvme\d+n\d|mmcblk\d)(?P<number>\d+)", name)
    match = match or PARTITION.fullmatch(name)
    return (match["disk"], int(match["number"])) if match else None
