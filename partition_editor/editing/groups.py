"""LVM: a volume group with its table of volumes, and single volumes. Pure; any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.outcome import Refused
from partition_editor import building
from partition_editor.document import edits
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_directives
from partition_editor.document.sizes import options_of, parse_size
from partition_editor.editing.arrays import make_members, unused_members
from partition_editor.editing.change import Change
from partition_editor.editing.labels import give_labels
from partition_editor.picture import Picture, draw
from partition_editor.requests import LogVolRequest, VolGroupRequest

ORDINARY = 3
"""Words of a volume's line in the group's table that must be there: name, mount point, size."""


@dataclass(frozen=True, slots=True)
class VolumeWish:
    """One logical volume. `size` as typed; a percentage is one of the group."""

    name: str = ""
    mount: str = ""
    size: str = "rest"
    fstype: str = ""


@dataclass(frozen=True, slots=True)
class GroupWish:
    """A volume group.

    Attributes:
        members: Physical volumes, or disks that get one each.
        size: Of each new physical volume.
        pesize: KiB; empty takes the release's own.
        volumes: Lines ``NAME MOUNT SIZE [FSTYPE]``; empty ones are left out.
    """

    name: str = ""
    members: str = ""
    size: str = "rest"
    pesize: str = ""
    volumes: tuple[str, ...] = ()


def suggested_group(picture: Picture) -> GroupWish:
    """What a new group most likely is: over the unused physical volumes, else over the first disk."""
    members = unused_members(picture, "pv") or [disk.name for disk in picture.disks[:1]]
    taken = {one.name for one in picture.spec.volgroups}
    name = next(one for one in ("system", *(f"vg{number:02d}" for number in range(1, 1000))) if one not in taken)
    return GroupWish(name, " ".join(members))


def group_on(picture: Picture, line: int | None) -> VolGroupRequest | None:
    """The ``volgroup`` request of a line."""
    return next((one for one in picture.spec.volgroups if one.line == line), None)


def volume_on(picture: Picture, line: int | None) -> LogVolRequest | None:
    """The ``logvol`` request of a line."""
    return next((one for one in picture.spec.logvols if one.line == line), None)


def group_wish(picture: Picture, line: int) -> GroupWish | None:
    """What the text says of a group and its volumes now."""
    one = group_on(picture, line)
    if one is None:
        return None
    rows = tuple(volume_words(volume) for volume in picture.spec.logvols if volume.vgname == one.name)
    return GroupWish(one.name, " ".join(one.members), "", str(one.pesize_kib or ""), rows)


def volume_wish(one: LogVolRequest) -> VolumeWish:
    """What a ``logvol`` line says now."""
    return VolumeWish(one.name or "", one.mount, volume_size(one), one.fstype or "")


def volume_size(one: LogVolRequest) -> str:
    """A volume's size as a person types it."""
    if one.percent is not None:
        return f"{one.percent}%"
    if one.grow and one.maxsize_mib is not None:
        return f"{one.size_mib or 1}..{one.maxsize_mib}"
    if one.grow:
        return "rest" if (one.size_mib or 1) == 1 else f"{one.size_mib}+"
    return str(one.size_mib) if one.size_mib is not None else ""


def volume_words(one: LogVolRequest) -> str:
    """A volume as a line of the group's table."""
    return " ".join(word for word in (one.name or "-", one.mount, volume_size(one) or "-", one.fstype or "") if word)


def read_volume(text: str) -> VolumeWish | Refused:
    """A line of the group's table; a size may have blanks in it (``min 4G max 20G``)."""
    words = text.split()
    if len(words) < ORDINARY:
        return Refused(f'"{text.strip()}": write NAME MOUNT SIZE, as in "root / 12G".')
    size = words[2:]
    fstype = size.pop() if len(size) > 1 and size[-1].isalnum() and not size[-1][0].isdigit() else ""
    if fstype in ("rest", "fill", "all", "max"):
        return Refused(f'"{text.strip()}": the size comes before the file system.')
    return VolumeWish(words[0], words[1], " ".join(size), fstype)


def new_group(picture: Picture, wish: GroupWish) -> Change | Refused:
    """Add a ``volgroup`` line, what it lies on, and its volumes."""
    if not wish.name:
        return Refused("type a name for the volume group.")
    made = make_members(picture, "pv", wish.members, wish.size)
    if isinstance(made, Refused):
        return made
    document, names, first = made
    options: dict[str, edits.Value] = {"--pesize": wish.pesize or None}
    added = building.add(document, "volgroup", [wish.name, *names], options, picture.release)
    if isinstance(added, Refused):
        return added
    document = added.document
    volumes = _read_all(wish.volumes)
    if isinstance(volumes, Refused):
        return volumes
    for one in volumes:
        step = _add_volume(document, picture, wish.name, one)
        if isinstance(step, Refused):
            return step
        document = step.document
    return give_labels(picture, Change(document, f"new volume group {wish.name}", first or added.line))


def change_group(picture: Picture, line: int, wish: GroupWish) -> Change | Refused:
    """Make a group, and the volumes in it, what the dialog says; volumes that are gone from it are deleted."""
    before, old = group_wish(picture, line), group_on(picture, line)
    volumes = _read_all(wish.volumes)
    if before is None or old is None:
        return Refused(f"line {line} makes no volume group.")
    if isinstance(volumes, Refused):
        return volumes
    document = _changed_volumes(picture, old.name, volumes)
    if isinstance(document, Refused):
        return document
    release = picture.release
    names: list[str] | None = None
    if wish.members != before.members:
        made = make_members(_again(picture, document), "pv", wish.members, wish.size or "rest", mine=[*old.members])
        if isinstance(made, Refused):
            return made
        document, names = made[0], made[1]
    at = _line_of(document, old.name, release)
    result: Document | Refused = edits.set_options(document, at, {"--pesize": wish.pesize or None}, release)
    if not isinstance(result, Refused) and names is not None:
        result = edits.set_members(result, at, names, release)
    if not isinstance(result, Refused) and wish.name != old.name:
        result = edits.rename_group(result, old.name, wish.name, release)
    return result if isinstance(result, Refused) else Change(result, f"edit volume group {wish.name}", at)


def _line_of(document: Document, group: str, release: str) -> int:
    for number, one in read_directives(document, release):
        if one.command == "volgroup" and one.arguments and one.arguments[0].text == group:
            return number
    return 0


def _again(picture: Picture, document: Document) -> Picture:
    return picture if document is picture.document else draw(document, picture.disks, picture.profile, picture.node)


def _read_all(rows: Sequence[str]) -> list[VolumeWish] | Refused:
    found: list[VolumeWish] = []
    for row in rows:
        if not row.strip():
            continue
        one = read_volume(row)
        if isinstance(one, Refused):
            return one
        found.append(one)
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    return found if twice is None else Refused(f"two volumes are named {twice}.")


def _changed_volumes(picture: Picture, group: str, volumes: list[VolumeWish]) -> Document | Refused:
    document = picture.document
    wanted = {one.name: one for one in volumes}
    gone: list[int] = []
    for old in picture.spec.logvols:
        if old.vgname != group:
            continue
        wish = wanted.pop(old.name or "-", None)
        if wish is None:
            gone.append(old.line)
            continue
        changed = _set_volume(document, picture, old, wish)
        if isinstance(changed, Refused):
            return changed
        document = changed
    document = edits.remove_lines(document, gone)
    for one in wanted.values():
        step = _add_volume(document, picture, group, one)
        if isinstance(step, Refused):
            return step
        document = step.document
    return document


def new_volume(picture: Picture, group: str, wish: VolumeWish) -> Change | Refused:
    """Add a ``logvol`` line to a group."""
    if not wish.name:
        return Refused("type a name for the volume.")
    added = _add_volume(picture.document, picture, group, wish)
    if isinstance(added, Refused):
        return added
    return Change(added.document, f"new volume {wish.name} in {group}", added.line)


def change_volume(picture: Picture, line: int, wish: VolumeWish) -> Change | Refused:
    """Make a ``logvol`` line say what the dialog says."""
    old = volume_on(picture, line)
    if old is None:
        return Refused(f"line {line} makes no volume.")
    changed = _set_volume(picture.document, picture, old, wish)
    return changed if isinstance(changed, Refused) else Change(changed, f"edit volume {wish.name}", line)


def _add_volume(document: Document, picture: Picture, group: str, wish: VolumeWish) -> building.Added | Refused:
    if not wish.mount:
        return Refused(f"type a mount point for {wish.name}; swap is possible too.")
    size = parse_size(wish.size, of_group=True)
    if isinstance(size, Refused):
        return size
    options: dict[str, edits.Value] = {"--vgname": group, "--name": wish.name, "--fstype": wish.fstype or None}
    options |= options_of(size, "logvol")
    return building.add(document, "logvol", [wish.mount], options, picture.release)


def _set_volume(document: Document, picture: Picture, old: LogVolRequest, wish: VolumeWish) -> Document | Refused:
    before = volume_wish(old)
    wish = replace(wish, name="" if wish.name == "-" else wish.name, size="" if wish.size == "-" else wish.size)
    result: Document | Refused = document
    if wish.mount != before.mount:
        result = edits.set_argument(document, old.line, 0, wish.mount, picture.release)
    values: dict[str, edits.Value] = {}
    if wish.size != before.size:
        size = parse_size(wish.size, now_mib=old.size_mib if wish.size[:1] in "+-" else None, of_group=True)
        if isinstance(size, Refused):
            return size
        values |= options_of(size, "logvol")
    if wish.fstype != before.fstype:
        values["--fstype"] = wish.fstype or None
    if wish.name != before.name:
        values["--name"] = wish.name
    if isinstance(result, Refused) or not values:
        return result
    return edits.set_options(result, old.line, values, picture.release)
