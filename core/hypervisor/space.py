"""A container's file systems: which is the largest, and what is free on it.

Rocks kept VM images on the container's largest partition (`rocks.vm.VM.getLargestPartition`), which it read from the
`partitions` table; where that table has no rows the container itself is asked.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ContainerUnreachable, HypervisorError, RemoteError
from core.hypervisor.model import ContainerName
from core.hypervisor.uri import ContainerUri
from core.settings import ContainerSettings

if TYPE_CHECKING:
    from core.remote.ssh import Completed, RemoteShell

_DISK_TYPES = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "jfs", "reiserfs", "f2fs", "bcachefs", "gfs2", "ocfs2", "overlay"}
)
"""File systems that may hold images; memory, network and read-only ones may not."""

_NOT_FOR_IMAGES = ("/boot", "/proc", "/sys", "/dev", "/run", "/snap")


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One mounted file system."""

    mount_point: str
    kind: str
    size_bytes: int
    free_bytes: int


def largest(found: Iterable[FileSystem]) -> tuple[str, int] | None:
    """Mount point and free bytes of the largest that may hold images; of equal ones the first."""
    best: FileSystem | None = None
    for one in found:
        if one.kind not in _DISK_TYPES or _is_under(one.mount_point, _NOT_FOR_IMAGES):
            continue
        if best is None or one.size_bytes > best.size_bytes:
            best = one
    return None if best is None else (best.mount_point, best.free_bytes)


def parse_df(text: str) -> list[FileSystem]:
    """File systems from the output of ``df -PTk``; lines that make no sense are left out."""
    found = []
    for line in text.splitlines():
        match = re.match(r"^\S.*?\s+(\S+)\s+(\d+)\s+\d+\s+(-?\d+)\s+(?:\d+%|-)\s+(/.*)$", line)
        if match:
            kind, size_kib, free_kib, mount_point = match.groups()
            found.append(FileSystem(mount_point, kind, int(size_kib) * 1024, max(0, int(free_kib)) * 1024))
    return found


def largest_here() -> tuple[str, int] | None:
    """This machine's largest file system."""
    found = []
    for line in Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        _, mount_point, kind, options, *_ = line.split(" ")
        if kind not in _DISK_TYPES or "ro" in options.split(","):
            continue
        mount_point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), mount_point)
        try:
            status = os.statvfs(mount_point)
        except OSError:
            continue
        found.append(
            FileSystem(mount_point, kind, status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize)
        )
    return largest(found)


def largest_there(
    container: ContainerName, uri: ContainerUri, settings: ContainerSettings, what: str
) -> tuple[str, int] | None:
    """A container's largest file system, asked over SSH.

    Raises:
        ContainerUnreachable: SSH did not get there.
        HypervisorError: ``df`` failed there.
    """
    answer = _run_there(container, uri, settings, what, ["df", "-PTk"])
    # A dead network file system makes df end with 1 although it printed the others.
    found = parse_df(answer.stdout)
    if not found:
        why = answer.stderr.strip() or f"df ended with {answer.status} and said nothing"
        raise HypervisorError(container, what, why)
    return largest(found)


def block_device_there(
    container: ContainerName, uri: ContainerUri, settings: ContainerSettings, what: str, path: str
) -> int | None:
    """Size in bytes of a block device of a container, asked over SSH; None when there is none.

    Raises:
        ContainerUnreachable: SSH did not get there.
    """
    answer = _run_there(container, uri, settings, what, ["blockdev", "--getsize64", path])
    text = answer.stdout.strip()
    return int(text) if answer.status == 0 and text.isdigit() else None


def block_device_here(path: str) -> int | None:
    """Size in bytes of a block device of this machine; None when there is none that can be read."""
    try:
        if not stat.S_ISBLK(Path(path).stat().st_mode):
            return None
        with Path(path).open("rb") as stream:
            return stream.seek(0, os.SEEK_END)
    except OSError:
        return None


def _run_there(
    container: ContainerName, uri: ContainerUri, settings: ContainerSettings, what: str, words: Sequence[str]
) -> Completed:
    with shell_there(container, uri, settings, what) as shell:
        return shell.run(words, timeout_s=settings.call_timeout_s)


@contextmanager
def shell_there(
    container: ContainerName, uri: ContainerUri, settings: ContainerSettings, what: str
) -> Iterator[RemoteShell]:
    """Commands on a container over one SSH connection; what goes wrong with it becomes an error of this room.

    Raises:
        ContainerUnreachable: SSH did not get there.
        HypervisorError: It broke, or a command took too long.
    """
    from core.remote.container import container_shell
    from core.remote.ssh import RemoteUnreachable

    try:
        with container_shell(uri, settings) as shell:
            yield shell
    except RemoteUnreachable as error:
        raise ContainerUnreachable(container, what, error.why, error.remedy) from error
    except RemoteError as error:
        raise HypervisorError(container, what, error.why, error.remedy) from error


def _is_under(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)
