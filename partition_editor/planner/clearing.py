"""What is left of the disks once ``ignoredisk``, ``zerombr`` and ``clearpart`` have been carried out.

Source: Anaconda's clearpart and ignoredisk (RHEL 7 and later), blivet's "linux native" formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from partition_editor.disks import Disk, ExistingPartition, Profile
from partition_editor.planner.board import Board, Piece, disk_order
from partition_editor.planner.formats import format_named
from partition_editor.planner.refusing import Stop
from partition_editor.planner.release import new_label
from partition_editor.requests import ClearRequest, IgnoreDiskRequest, Spec

GLOB = frozenset("*?[")
_LINUX_FLAGS = frozenset({"lvm", "raid", "swap"})
_LINUX_FORMATS = frozenset({"ext2", "ext3", "ext4", "ext4dev", "reiserfs", "jfs", "crypto_LUKS", "LVM2_member"})


def usable_disks(spec: Spec, disks: Sequence[Disk]) -> list[Disk]:
    """Return the disks ``ignoredisk`` leaves, in the installer's order.

    Raises:
        Stop: ``ignoredisk --only-use`` or ``--drives`` names a disk that is not there.
    """
    ordered = sorted(disks, key=lambda disk: disk_order(disk.name))
    request = spec.ignoredisk
    if request is None:
        return ordered
    _check_names(request, ordered)
    if request.only_use:
        return [disk for disk in ordered if _named(disk.name, request.only_use)]
    return [disk for disk in ordered if not _named(disk.name, request.drives)]


def _check_names(request: IgnoreDiskRequest, disks: Sequence[Disk]) -> None:
    for pattern in (*request.only_use, *request.drives):
        if not any(_named(disk.name, (pattern,)) for disk in disks):
            raise Stop(
                f'Disk "{pattern}" given in ignoredisk command does not exist.', request.line, stage="ignoredisk"
            )


def _named(name: str, patterns: Sequence[str]) -> bool:
    """Whether a disk is meant by a list of names; globs and ``a|b`` are understood as from Fedora 25 on."""
    if name in patterns:
        return True
    parts = [part.removeprefix("/dev/") for one in patterns for part in one.split("|")]
    return any(part == name if GLOB.isdisjoint(part) else fnmatchcase(name, part) for part in parts)


def clear_disks(spec: Spec, disks: Sequence[Disk], profile: Profile) -> list[Board]:
    """Return the boards requests are placed on, their free regions noted.

    Raises:
        Stop: ``clearpart --drives`` names a disk that is not there.
    """
    clear = spec.clear or ClearRequest(0)
    for pattern in clear.drives:
        if not any(_named(disk.name, (pattern,)) for disk in disks):
            raise Stop(f'Disk "{pattern}" given in clearpart command does not exist.', clear.line, stage="clearpart")
    boards = [_cleared(disk, clear, spec.zerombr is not None, profile) for disk in disks]
    for board in boards:
        board.note_chunks()
    return boards


def _cleared(disk: Disk, clear: ClearRequest, zerombr: bool, profile: Profile) -> Board:
    covered = not clear.drives or _named(disk.name, clear.drives)
    label = new_label(profile, clear.disklabel, disk.sectors)
    listed = bool(clear.devices)
    if disk.label is None:
        fresh = zerombr or (covered and (clear.mode == "all" or clear.initlabel))
        return Board(disk, label if fresh else None, cleared=fresh)
    if clear.mode == "all" and not listed and covered:
        return Board(disk, label, cleared=True)
    kept = [one for one in disk.partitions if not (covered and _is_cleared(one, clear))]
    if not any(one.kind == "logical" for one in kept) and len(kept) < len(disk.partitions):
        kept = [one for one in kept if one.kind != "extended"]
    if not kept and covered and clear.initlabel:
        return Board(disk, label, cleared=True)
    pieces = [_kept(one) for one in sorted(kept, key=lambda one: (one.start, one.kind != "extended"))]
    return Board(disk, disk.label, cleared=bool(disk.partitions) and not kept, pieces=pieces)


def _kept(one: ExistingPartition) -> Piece:
    return Piece(
        one.kind,
        one.start,
        one.start + one.length - 1,
        one.number,
        existing=one,
        mount=one.mountpoint if one.kind != "extended" else "",
        fstype=one.fstype,
    )


def _is_cleared(one: ExistingPartition, clear: ClearRequest) -> bool:
    if one.kind == "extended":
        return False
    if clear.devices:
        return one.name in {name.removeprefix("/dev/") for name in clear.devices}
    if clear.mode == "all":
        return True
    return clear.mode == "linux" and _is_linux(one)


def _is_linux(one: ExistingPartition) -> bool:
    if _LINUX_FLAGS & set(one.flags) or one.fstype in _LINUX_FORMATS:
        return True
    known = format_named(one.fstype)
    return known is not None and known.linux
