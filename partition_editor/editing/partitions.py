"""Partitions: made, changed, moved, grown. Pure; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.outcome import Refused
from partition_editor import building
from partition_editor.disks import MIB_SECTORS
from partition_editor.document import edits
from partition_editor.document.sizes import Size, options_of, parse_size, show_mib
from partition_editor.editing.change import Change
from partition_editor.editing.labels import give_labels
from partition_editor.options import commands
from partition_editor.picture import Picture
from partition_editor.requests import PartRequest

ANY_DISK = ""
MEMBERS = {"raid": "software RAID", "pv": "LVM physical volume"}
"""What a partition may be made for instead of a file system."""

BARE = ("biosboot", "prepboot", "appleboot")
"""Kinds whose mount point is their own name."""

COMMON = ("ext4", "xfs", "ext3", "ext2", "btrfs", "vfat")


@dataclass(frozen=True, slots=True)
class PartitionWish:
    """What the dialog asks.

    Attributes:
        kind: A file system, ``swap``, ``efi``, ``biosboot``, ``raid`` or ``pv``; empty takes the release's own.
        size: As typed: ``8000``, ``8G``, ``25%``, ``rest``, ``min 4G max 20G``.
        disk: Empty leaves the choice to the installer.
    """

    mount: str = ""
    kind: str = ""
    size: str = "rest"
    disk: str = ANY_DISK
    primary: bool = False
    keep: bool = False


def kinds(picture: Picture) -> tuple[str, ...]:
    """The kinds of partition a release can make, the usual ones first."""
    release = picture.release
    known = [one for one in COMMON if _has_fstype(one, release)]
    return ("", *known, "swap", "raid", "pv", "efi", "biosboot")


def _has_fstype(fstype: str, release: str) -> bool:
    if fstype == "btrfs":
        table = commands(release).get("btrfs")
        return table is not None and table.kind == "ok"
    return not (release == "RHEL5" and fstype in ("ext4", "xfs")) or fstype == "ext3"


def request_on(picture: Picture, line: int | None) -> PartRequest | None:
    """The ``part`` request of a line."""
    return next((one for one in picture.spec.parts if one.line == line), None)


def wish_of(picture: Picture, line: int) -> PartitionWish | None:
    """What a line says now, for the dialog to begin with."""
    one = request_on(picture, line)
    if one is None:
        return None
    prefix, _, rest = one.mount.partition(".")
    kind = prefix if rest and prefix in MEMBERS else one.mount if one.mount in (*BARE, "swap") else one.fstype or ""
    mount = "" if kind in (*MEMBERS, *BARE, "swap") else one.mount
    if one.mount == "/boot/efi":
        kind = "efi"
    return PartitionWish(mount, kind, shown_size(one), one.disk or ANY_DISK, one.asprimary, one.noformat)


def shown_size(one: PartRequest) -> str:
    """A request's size as a person types it."""
    if one.grow and one.maxsize_mib is not None:
        return f"min {one.size_mib or 1} max {one.maxsize_mib}"
    if one.grow:
        return "rest" if (one.size_mib or 1) == 1 else f"{one.size_mib}+"
    return "" if one.size_mib is None else str(one.size_mib)


def real_mib(picture: Picture, line: int) -> int | None:
    """How large a request's partition becomes."""
    found = picture.planned.get(line)
    return None if not found else (found[0][1].length + MIB_SECTORS // 2) // MIB_SECTORS


def new_partition(picture: Picture, wish: PartitionWish) -> Change | Refused:
    """Add a ``part`` line where it belongs."""
    mount = _mount_of(picture, wish, None)
    if isinstance(mount, Refused):
        return mount
    size = _size_of(picture, wish, now_mib=None)
    if isinstance(size, Refused):
        return size
    options: dict[str, edits.Value] = {"--fstype": _fstype_of(wish), **options_of(size, "part")}
    options |= {"--ondisk": wish.disk or None, "--asprimary": wish.primary}
    added = building.add(picture.document, "part", [mount], options, picture.release)
    if isinstance(added, Refused):
        return added
    where = f" on {wish.disk}" if wish.disk else ""
    return give_labels(picture, Change(added.document, f"new {mount}{where}", added.line, size.note))


def change_partition(picture: Picture, line: int, wish: PartitionWish) -> Change | Refused:
    """Make a ``part`` line say what the dialog says; whatever the dialog does not know stays."""
    old, before = request_on(picture, line), wish_of(picture, line)
    if old is None or before is None:
        return Refused(f"line {line} makes no partition.")
    if wish == before:
        return Change(picture.document, f"edit {old.mount}", line)
    document = picture.document
    mount = old.mount
    if (wish.mount, wish.kind) != (before.mount, before.kind):
        named = _mount_of(picture, wish, old.mount)
        if isinstance(named, Refused):
            return named
        if named != old.mount:
            changed = edits.set_argument(document, line, 0, named, picture.release)
            if isinstance(changed, Refused):
                return changed
            document, mount = changed, named
    options: dict[str, edits.Value] = {}
    if wish.kind != before.kind:
        options["--fstype"] = _fstype_of(wish)
    note = ""
    if wish.size != before.size:
        size = _size_of(picture, wish, now_mib=real_mib(picture, line) or old.size_mib)
        if isinstance(size, Refused):
            return size
        options |= options_of(size, "part")
        note = size.note
    if wish.disk != before.disk:
        options["--ondisk"] = wish.disk or None
    if wish.primary != before.primary:
        options["--asprimary"] = wish.primary
    if wish.keep != before.keep:
        options["--noformat"] = wish.keep
    result = edits.set_options(document, line, options, picture.release) if options else document
    if isinstance(result, Refused):
        return result
    return give_labels(picture, Change(result, f"edit {mount}", line, note))


def keep_existing(picture: Picture, name: str, mount: str) -> Change | Refused:
    """Use a partition that is on the disk now as it is, under a mount point."""
    if not mount:
        return Refused("type the mount point that the kept partition gets.")
    options: dict[str, edits.Value] = {"--onpart": name, "--noformat": True}
    added = building.add(picture.document, "part", [mount], options, picture.release)
    return added if isinstance(added, Refused) else Change(added.document, f"keep {name} as {mount}", added.line)


def set_of(picture: Picture, line: int, values: Mapping[str, edits.Value], label: str) -> Change | Refused:
    """Options of a line, as a change."""
    result = edits.set_options(picture.document, line, values, picture.release)
    return result if isinstance(result, Refused) else Change(result, label, line)


def _fstype_of(wish: PartitionWish) -> str | None:
    if wish.kind in (*MEMBERS, *BARE, "swap", ""):
        return None
    return wish.kind


def _mount_of(picture: Picture, wish: PartitionWish, now: str | None) -> str | Refused:
    if wish.kind in MEMBERS:
        if now is not None and now.startswith(f"{wish.kind}."):
            return now
        return building.next_member(picture.document, wish.kind, picture.release)
    if wish.kind in (*BARE, "swap"):
        return wish.kind
    if wish.kind == "efi" and not wish.mount:
        return "/boot/efi"
    if not wish.mount:
        return Refused("type a mount point, as /var, or choose another type.")
    if not wish.mount.startswith("/") and wish.mount != now:
        return Refused(f'a mount point begins with "/": /{wish.mount}.')
    other = next((one for one in picture.subject.mounted if one.mount == wish.mount and wish.mount != now), None)
    if other is not None:
        return Refused(f"{wish.mount} is taken by line {other.line}.")
    return wish.mount


def _size_of(picture: Picture, wish: PartitionWish, now_mib: int | None) -> Size | Refused:
    disk = picture.disk(wish.disk) if wish.disk else None
    total = disk.sectors // MIB_SECTORS if disk is not None else None
    size = parse_size(wish.size, total_mib=total, now_mib=None if _is_rest(wish.size) else now_mib)
    if isinstance(size, Refused):
        return size
    if total is not None and not size.grow and (size.size_mib or 0) > total:
        return Refused(f"{show_mib(size.size_mib or 0)} are more than {wish.disk} has ({show_mib(total)}).")
    return size


def _is_rest(text: str) -> bool:
    """``rest`` begins at 1 MiB, so that shares of several are alike."""
    return text.strip().lower() in ("rest", "fill", "all", "max", "*")
