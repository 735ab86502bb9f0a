"""What a container says of its files, file systems and network devices."""

import errno
import os
import stat
import struct
from typing import Any, Dict, Optional, Tuple

from core.remote.agent.wire import Trouble, tell

FILE_SYSTEMS = frozenset(
    "ext2 ext3 ext4 xfs btrfs zfs jfs reiserfs f2fs bcachefs gfs2 ocfs2 overlay".split()  # noqa: SIM905
)
NOT_FOR_IMAGES = ("/boot", "/proc", "/sys", "/dev", "/run", "/snap")


def look(order: Dict[str, Any]) -> None:
    """Largest file system, network devices, files."""
    mount, free = largest()
    files = {}
    for path in order["paths"]:
        facts = facts_of(path)
        if facts is not None:
            files[path] = facts
    try:
        devices = sorted(os.listdir("/sys/class/net"))
    except OSError:
        devices = None
    tell(mount=mount, free_bytes=free, devices=devices, files=files)


def largest() -> Tuple[str, int]:
    """The largest file system that may hold images."""
    best, found = -1, ("", 0)
    with open("/proc/mounts", encoding="utf-8", errors="surrogateescape") as stream:
        lines = stream.read().splitlines()
    for line in lines:
        _, mount, kind, options = line.split(" ")[:4]
        mount = mount.replace("\\040", " ")
        under = any(mount == one or mount.startswith(one + "/") for one in NOT_FOR_IMAGES)
        if kind not in FILE_SYSTEMS or under or "ro" in options.split(","):
            continue
        try:
            status = os.statvfs(mount)
        except OSError:
            continue
        if status.f_blocks * status.f_frsize > best:
            best = status.f_blocks * status.f_frsize
            found = (mount, status.f_bavail * status.f_frsize)
    return found


def identity_of(status: os.stat_result) -> str:
    """Changes with every write; the same through every mount of one file."""
    return f"{status.st_ino}.{status.st_size}.{status.st_mtime_ns}.{status.st_ctime_ns}"


def device_identity(number: int) -> str:
    """What a block device is, the same wherever it is attached; empty when nothing tells.

    The kernel's words are those that udev's rules take. The number says nothing: two containers have disks of their
    own under one number and one path.
    """
    folder = os.path.realpath(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    part = word_in(os.path.join(folder, "partition"))
    whole = os.path.dirname(folder) if part else folder
    for name in ("dm/uuid", "wwid", "device/wwid"):
        word = word_in(os.path.join(whole, name))
        if word:
            return f"{word} {part} {word_in(os.path.join(folder, 'size'))}"
    return ""


def word_in(path: str) -> str:
    """What a file of the kernel says; empty when it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return ""


def facts_of(path: str) -> Optional[Dict[str, Any]]:
    """What is known of a file; None when it is not there. Raises Trouble for what is no file or block device."""
    try:
        status = os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise
    if stat.S_ISBLK(status.st_mode):
        return facts(status, device_identity(status.st_rdev), "block", "")
    if not stat.S_ISREG(status.st_mode):
        raise Trouble(f"{path} is no file")
    with open(path, "rb") as stream:
        head = stream.read(1024)
        kind = "qcow2" if head[:4] == b"QFI\xfb" else "raw"
        backing = ""
        if kind == "qcow2":
            offset, size = struct.unpack(">QI", head[8:20])
            stream.seek(offset)
            backing = stream.read(size).decode("utf-8", "replace") if offset else ""
    return facts(status, identity_of(status), kind, backing)


def facts(status: os.stat_result, identity: str, kind: str, backing: str) -> Dict[str, Any]:
    """As `core.operations.carrier.FileFacts`."""
    return {
        "size_bytes": status.st_size,
        "allocated_bytes": min(status.st_blocks * 512, status.st_size),
        "identity": identity,
        "image_format": kind,
        "backing": backing,
        "written_at_s": status.st_mtime,
        "owner": [status.st_mode & 0o777, status.st_uid, status.st_gid],
    }
