"""Disk words of the VM commands: ``type:path,device,mode``, as Rocks wrote them since 5.0."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core.commands.refusal import refuse
from core.store.records import NewDisk

if TYPE_CHECKING:
    from core.store.records import Disk, Partition

DEFAULT_SIZE_GB = 36
MOST_GB = 1_000_000
TYPES = ("file", "phy", "tap:aio", "tap:qcow", "tap:qcow2", "tap:vmdk", "tap2:aio", "raw", "qcow", "qcow2", "qed")
"""Xen's tap types may be followed by a colon of their own, so a type is looked up rather than split off."""

_DEVICE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}(:cdrom)?")
_MODES = frozenset({"w", "r", "rw", "ro", "w!", "r!", "virtio", "ide", "scsi", "sata"})


def parse_disk(text: str, size_gb: int, *, whole_phy: bool = False) -> NewDisk | None:
    """Read one disk word, None when it is not one.

    Args:
        size_gb: Decimal gigabytes.
        whole_phy: Keep a ``phy`` disk's path whole in its name, as Rocks did from 5.1 on.
    """
    fields = text.split(",")
    vbd_type = next((one for one in sorted(TYPES, key=len, reverse=True) if text.startswith(one + ":")), None)
    if vbd_type is None or len(fields) != 3:
        return None
    path = fields[0][len(vbd_type) + 1 :]
    if not path.isprintable() or not path or (vbd_type != "phy" and not path.startswith("/")) or path.endswith("/"):
        return None
    if not _DEVICE.fullmatch(fields[1]) or fields[2] not in _MODES:
        return None
    if vbd_type == "phy" and whole_phy:
        return NewDisk(vbd_type, "", path, fields[1], fields[2], size_gb)
    return NewDisk(vbd_type, posixpath.dirname(path), posixpath.basename(path), fields[1], fields[2], size_gb)


def disk_word(disk: Disk) -> str:
    """The word a stored disk came from."""
    return f"{disk.vbd_type}:{disk.path},{disk.device},{disk.mode}"


def disks_fit(disks: Sequence[NewDisk]) -> None:
    """Refuse two disks of one VM that share a device or an image.

    Raises:
        Refusal: They do.
    """
    for what, names in (
        ("device", [disk.device for disk in disks]),
        ("image", [f"{disk.prefix}/{disk.name}" for disk in disks]),
    ):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            refuse(f'two disks have the {what} "{twice}"')


def largest_partition(partitions: Iterable[Partition]) -> str | None:
    """Mount point of the largest partition that can hold images; of equals the first. None when there is none."""
    mounted = [one for one in partitions if one.mountpoint.startswith("/")]
    if not mounted:
        return None
    return max(mounted, key=lambda one: -1 if one.size_bytes is None else one.size_bytes).mountpoint


def image_folder(mountpoint: str, driver_folder: str = "xen") -> str:
    """Where images lie below a mount point (``/state/partition1`` → ``/state/partition1/xen/disks``)."""
    return posixpath.join(mountpoint, driver_folder, "disks")
