"""RAID arrays: over unused members, or over disks that get members. Pure; any thread."""

from __future__ import annotations

from dataclasses import dataclass

from core.outcome import Refused
from partition_editor import building
from partition_editor.document import edits
from partition_editor.document.lines import Document
from partition_editor.document.sizes import options_of, parse_size
from partition_editor.editing.change import Change
from partition_editor.editing.labels import give_labels
from partition_editor.options import commands
from partition_editor.picture import Picture
from partition_editor.requests import PartRequest, RaidRequest, VolGroupRequest


@dataclass(frozen=True, slots=True)
class ArrayWish:
    """What the dialog asks.

    Attributes:
        members: Names of members, separated by blanks or commas; a disk's name makes a new member on that disk.
        size: Of each new member, as typed.
        fstype: Empty takes the release's own.
        device: ``md0``; empty takes the next one.
    """

    mount: str = ""
    level: str = "1"
    members: str = ""
    size: str = "rest"
    fstype: str = ""
    device: str = ""
    spares: str = ""


def unused_members(picture: Picture, prefix: str) -> list[str]:
    """Members that belong to nothing yet, in file order; `prefix` is ``raid`` or ``pv``."""
    users: list[RaidRequest | VolGroupRequest] = [*picture.spec.raids, *picture.spec.volgroups]
    used = {name for one in users for name in one.members}
    makers: list[PartRequest | RaidRequest] = [*picture.spec.parts, *picture.spec.raids]
    return [name for name in (one.mount for one in makers) if name.startswith(f"{prefix}.") and name not in used]


def suggested_array(picture: Picture) -> ArrayWish:
    """What a new array most likely is: over the unused members, else over the first two disks."""
    members = unused_members(picture, "raid") or [disk.name for disk in picture.disks[:2]]
    return ArrayWish(members=" ".join(members), device=building.next_array(picture.document, picture.release))


def array_wish(picture: Picture, line: int) -> ArrayWish | None:
    """What a ``raid`` line says now."""
    one = _array(picture, line)
    if one is None:
        return None
    spares = str(one.spares) if one.spares else ""
    return ArrayWish(one.mount, one.level_text, " ".join(one.members), "", one.fstype or "", one.device or "", spares)


def levels(picture: Picture) -> tuple[str, ...]:
    """The RAID levels a release knows."""
    table = commands(picture.release).get("raid")
    found = sorted({int(one) for one in (table.levels if table else ()) if one.isdigit()})
    return tuple(str(one) for one in found) or ("0", "1", "5")


def _array(picture: Picture, line: int) -> RaidRequest | None:
    return next((one for one in picture.spec.raids if one.line == line), None)


def new_array(picture: Picture, wish: ArrayWish) -> Change | Refused:
    """Add the ``raid`` line, and a ``part`` line for every disk among its members."""
    if not wish.mount:
        return Refused("type a mount point, as /data; swap and pv.01 are possible too.")
    made = make_members(picture, "raid", wish.members, wish.size)
    if isinstance(made, Refused):
        return made
    document, names, first = made
    device = wish.device or building.next_array(document, picture.release)
    options: dict[str, edits.Value] = {"--level": wish.level, "--device": device}
    options |= {"--fstype": wish.fstype or None, "--spares": wish.spares or None}
    added = building.add(document, "raid", [wish.mount, *names], options, picture.release)
    if isinstance(added, Refused):
        return added
    return give_labels(picture, Change(added.document, f"new RAID {wish.level} {wish.mount}", first or added.line))


def change_array(picture: Picture, line: int, wish: ArrayWish) -> Change | Refused:
    """Make a ``raid`` line say what the dialog says."""
    before = array_wish(picture, line)
    if before is None:
        return Refused(f"line {line} makes no array.")
    document, release, at = picture.document, picture.release, line
    names: list[str] | None = None
    if wish.members != before.members:
        made = make_members(picture, "raid", wish.members, wish.size or "rest", mine=before.members.split())
        if isinstance(made, Refused):
            return made
        at += len(made[0]) - len(document) if 0 < made[2] <= line else 0
        document, names = made[0], made[1]
    values: dict[str, edits.Value] = {}
    for option, old, new in (
        ("--level", before.level, wish.level),
        ("--device", before.device, wish.device),
        ("--fstype", before.fstype, wish.fstype),
        ("--spares", before.spares, wish.spares),
    ):
        if old != new:
            values[option] = new or None
    result: Document | Refused = edits.set_options(document, at, values, release)
    if not isinstance(result, Refused) and wish.mount != before.mount:
        result = edits.set_argument(result, at, 0, wish.mount, release)
    if not isinstance(result, Refused) and names is not None:
        result = edits.set_members(result, at, names, release)
    return result if isinstance(result, Refused) else Change(result, f"edit RAID {wish.mount}", at)


def make_members(
    picture: Picture, prefix: str, text: str, size_text: str, mine: list[str] | None = None
) -> tuple[Document, list[str], int] | Refused:
    """Turn what was typed as members into names, making one on each disk that was named.

    Args:
        picture: Where they belong.
        prefix: ``raid`` or ``pv``.
        text: Member and disk names.
        size_text: Of each new member.
        mine: Members that the array or group has now.

    Returns:
        The next document, the names, and the first new line (0 when there is none).
    """
    words = text.replace(",", " ").split()
    if not words:
        return Refused("name the members, or the disks to put them on.")
    disks = {disk.name for disk in picture.disks}
    usable = {*unused_members(picture, prefix), *(mine or [])}
    document, names, first = picture.document, list[str](), 0
    for word in words:
        if word not in disks:
            if word not in usable:
                known = ", ".join([*sorted(usable), *sorted(disks)])
                return Refused(f"{word} is neither an unused {prefix} member nor a disk (there are {known}).")
            names.append(word)
            continue
        size = parse_size(size_text, total_mib=_total_mib(picture, word))
        if isinstance(size, Refused):
            return size
        name = building.next_member(document, prefix, picture.release)
        options = {**options_of(size, "part"), "--ondisk": word}
        added = building.add(document, "part", [name], options, picture.release)
        if isinstance(added, Refused):
            return added
        document, first = added.document, first or added.line
        names.append(name)
    if len(set(names)) < len(names):
        return Refused("one member is named twice.")
    return document, names, first


def _total_mib(picture: Picture, name: str) -> int | None:
    return next((disk.sectors // 2048 for disk in picture.disks if disk.name == name), None)
