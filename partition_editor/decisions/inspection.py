"""What Quarry's rules find on a node: partitions by their real names, which disks are its own, mount points.

A disk is *recognised* when it carries a stamp, when most partitions on it have a saved row of about their start and
size (stale rows do no harm, nor do other versions' rounding), when it holds a member of a recognised array or a part
of a volume group that lies on a recognised disk, or when the fstab of a recognised disk mounts it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.install.reports import mapper_name
from partition_editor.decisions.facts import NodeFacts, SavedRow
from partition_editor.decisions.found import array_detail, is_array, is_gpt
from partition_editor.disks import MIB_SECTORS
from partition_editor.sources.naming import partition_name, split_partition
from partition_editor.sources.parted import FILE_SYSTEMS, FLAGS, KINDS, sectors_of

FRESH = frozenset({"/", "/var", "/boot"})
"""Mount points that may be formatted although the disk is used again."""

LABEL_LINE = re.compile(r"^(?:Partition Table|Disk label type):\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A partition, a whole disk with a file system on it, or a logical volume. Start and size are parted's texts."""

    device: str
    start: str
    size: str
    kind: str
    fstype: str
    flags: tuple[str, ...]

    @property
    def is_swap(self) -> bool:
        """It is swap space."""
        return "swap" in self.fstype

    @property
    def is_member(self) -> bool:
        """It belongs to an md array."""
        return "raid" in self.flags


@dataclass(frozen=True, slots=True)
class Inspected:
    """One disk or array.

    Attributes:
        recognised: Why it is the node's own; empty when it is not.
        readable: parted could read it.
    """

    name: str
    pieces: tuple[Piece, ...]
    readable: bool
    recognised: str = ""


@dataclass(slots=True)
class Inspection:
    """All disks and arrays of a node.

    Attributes:
        groups: Volume group → partitions, disks and arrays it lies on.
        volumes: Volume group → its volumes, ``GROUP/VOLUME``.
        mounts: Device → mount point, for what is used again.
    """

    disks: dict[str, Inspected]
    arrays: dict[str, Inspected]
    members: dict[str, tuple[str, ...]]
    levels: dict[str, str]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    volumes: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    mounts: dict[str, str] = field(default_factory=dict)

    def disks_under(self, *parts: str) -> frozenset[str]:
        """The disks that partitions, arrays or disks lie on. A node may say that arrays lie on each other."""
        found: set[str] = set()
        looked_at: set[str] = set()
        queue = list(parts)
        while queue:
            part = queue.pop()
            if part in looked_at:
                continue
            looked_at.add(part)
            if part in self.members:
                queue += self.members[part]
            else:
                split = None if part in self.disks else split_partition(part)
                found.add(split[0] if split is not None else part)
        return frozenset(found)

    def is_own(self, group: str) -> bool:
        """A volume group is the node's own: it lies on a disk that is used again."""
        return any(_known(self, disk) for disk in self.disks_under(*self.groups[group]))


def inspect(facts: NodeFacts, *, trust_fstab: bool) -> Inspection:
    """Look at a node's disks.

    Args:
        trust_fstab: Disks that a recognised disk's fstab mounts are recognised too.
    """
    arrays = tuple(dict.fromkeys((*facts.raids, *(name for name in facts.arrays if is_array(name)))))
    seen = {name: _look(facts, name) for name in (*facts.disk_order, *arrays)}
    members: dict[str, tuple[str, ...]] = {}
    levels: dict[str, str] = {}
    for name in arrays:
        level, found = array_detail(facts.arrays.get(name, ""))
        levels[name] = level
        members[name] = tuple(one.removeprefix("raid.") for one in found if one != "raid.removed")
    inspection = Inspection(
        {name: seen[name] for name in facts.disk_order},
        {name: seen[name] for name in arrays},
        members,
        levels,
        dict(facts.groups),
        {group: tuple(_volumes(facts, group)) for group in facts.groups},
    )
    _recognise_members(inspection)
    _recognise_groups(inspection)
    inspection.mounts = dict(_mounts(facts, inspection))
    if trust_fstab:
        for name, disk in inspection.disks.items():
            if not disk.recognised and any(piece.device in inspection.mounts for piece in disk.pieces):
                reason = "the fstab of a disk that is used again mounts it"
                inspection.disks[name] = replace(disk, recognised=reason)
    return inspection


def _look(facts: NodeFacts, name: str) -> Inspected:
    text = facts.disks[name].parted_text if name in facts.disks else ""
    pieces = tuple(_pieces(name, text))
    readable = any(line.split()[:1] == ["Number"] for line in text.splitlines())
    reason = ""
    if any(piece.device in facts.stamped for piece in pieces) or name in facts.stamped:
        reason = "it carries .rocks-release"
    elif _is_mostly_saved(pieces, (facts.saved or {}).get(name, ())):
        reason = "its partitions are saved in the store"
    return Inspected(name, pieces, readable, reason)


def _is_mostly_saved(pieces: Sequence[Piece], saved: Sequence[SavedRow]) -> bool:
    plain = [piece for piece in pieces if piece.kind != "extended"]
    matching = sum(any(_is_same(row, piece) for row in saved) for piece in plain)
    return 2 * matching > len(plain)


def _is_same(row: SavedRow, piece: Piece) -> bool:
    return _is_about(row[1], piece.start) and _is_about(row[2], piece.size)


def _is_about(saved: str, found: str) -> bool:
    """Two of parted's rounded texts may stand for one place."""
    if saved == found:
        return bool(saved)
    one, other = sectors_of(saved), sectors_of(found)
    if one is None or other is None:
        return False
    return abs(one - other) <= max(one, other) // 100 + MIB_SECTORS


def _pieces(disk: str, text: str) -> Iterator[Piece]:
    label = LABEL_LINE.search(text)
    whole = is_array(disk) or (label is not None and label[1] == "loop")
    for line in text.splitlines():
        words = [word.strip(",") for word in line.split()]
        if len(words) < 4 or not words[0].isdigit():
            continue
        rest = words[4:]
        kind = rest.pop(0) if rest and rest[0] in KINDS and not is_gpt(text) else "primary"
        fstype = rest.pop(0) if rest and (FILE_SYSTEMS.fullmatch(rest[0]) or _is_swap_word(rest)) else ""
        flags = tuple(word for word in rest if word in FLAGS)
        device = disk if whole else partition_name(disk, int(words[0]))
        yield Piece(device, words[1], words[3], kind, fstype, flags)
        if whole:
            # What has no table has one file system.
            return


def _is_swap_word(rest: Sequence[str]) -> bool:
    """Some partitions' file system is called just ``swap``; behind one it is a flag or a name."""
    return rest[0] == "swap"


def _recognise_members(inspection: Inspection) -> None:
    """A recognised array makes its members' disks the node's own, and recognised members make the array its own."""
    for array, members in inspection.members.items():
        disks = [split[0] for member in members if (split := split_partition(member)) is not None]
        own = inspection.arrays[array]
        if not own.recognised and any(_known(inspection, disk) for disk in disks):
            own = replace(own, recognised="its members lie on disks that are used again")
            inspection.arrays[array] = own
        if own.recognised:
            for disk in disks:
                there = inspection.disks.get(disk)
                if there is not None and not there.recognised:
                    reason = f"it holds a member of {array}, which is used again"
                    inspection.disks[disk] = replace(there, recognised=reason)


def _recognise_groups(inspection: Inspection) -> None:
    """A group that lies on one recognised disk makes all its disks, and arrays below it, the node's own."""
    for group, parts in inspection.groups.items():
        if not inspection.is_own(group):
            continue
        reason = f"it holds a part of the volume group {group}, which is used again"
        for name in inspection.disks_under(*parts):
            there = inspection.disks.get(name)
            if there is not None and not there.recognised:
                inspection.disks[name] = replace(there, recognised=reason)
        for name in parts:
            array = inspection.arrays.get(name)
            if array is not None and not array.recognised:
                inspection.arrays[name] = replace(array, recognised=reason)


def _volumes(facts: NodeFacts, group: str) -> Iterator[Piece]:
    for name, fstype in facts.volumes.items():
        if name.startswith(f"{group}/"):
            yield Piece(name, "", "", "volume", fstype, ())


def _known(inspection: Inspection, disk: str) -> bool:
    there = inspection.disks.get(disk)
    return there is not None and bool(there.recognised)


def _mounts(facts: NodeFacts, inspection: Inspection) -> Iterator[tuple[str, str]]:
    everything = [*inspection.disks.values(), *inspection.arrays.values()]
    mounts = _fstab(facts, inspection)
    for group, volumes in inspection.volumes.items():
        if inspection.is_own(group):
            yield from _volume_mounts(facts, volumes, mounts)
    for disk in everything:
        saved = (facts.saved or {}).get(disk.name, ())
        for piece in disk.pieces:
            if piece.kind == "extended":
                continue
            mount = _by_fstab(facts, piece, mounts)
            if not mount:
                rows = [row for row in saved if row[7] and _is_same(row, piece)]
                rows.sort(key=lambda row: row[0] != piece.device)
                mount = rows[0][7] if rows else ""
            label = facts.labels.get(piece.device, "")
            if not mount and label.startswith("/") and disk.recognised:
                mount = label
            if mount.startswith("/") and not piece.is_swap and (disk.recognised or mount not in FRESH):
                yield piece.device, mount


def _volume_mounts(
    facts: NodeFacts, volumes: Sequence[Piece], mounts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    saved = {row[0]: row[7] for rows in (facts.saved or {}).values() for row in rows}
    for volume in volumes:
        mapped = mapper_name(volume.device)
        mount = _by_fstab(facts, volume, mounts) or mounts.get(f"/dev/{mapped}", "") or saved.get(mapped, "")
        mount = mount or facts.labels.get(volume.device, "")
        if mount.startswith("/") and not volume.is_swap:
            yield volume.device, mount


def _fstab(facts: NodeFacts, inspection: Inspection) -> dict[str, str]:
    """The entries of the fstabs on recognised disks; a foreign system's says nothing of this node."""
    texts = [facts.upgrade_fstab or ""]
    own = [disk.pieces for disk in (*inspection.disks.values(), *inspection.arrays.values()) if disk.recognised]
    own += [volumes for group, volumes in inspection.volumes.items() if inspection.is_own(group)]
    for pieces in own:
        texts += [facts.fstabs[piece.device] for piece in pieces if piece.device in facts.fstabs]
    found: dict[str, str] = {}
    for line in "\n".join(texts).splitlines():
        words = line.split()
        if len(words) >= 2 and not words[0].startswith("#"):
            found.setdefault(words[0], words[1])
    return found


def _by_fstab(facts: NodeFacts, piece: Piece, mounts: Mapping[str, str]) -> str:
    keys = []
    if piece.device in facts.uuids:
        keys.append(f"UUID={facts.uuids[piece.device]}")
    keys.append(f"/dev/{piece.device}")
    if piece.device in facts.labels:
        keys.append(f"LABEL={facts.labels[piece.device]}")
    return next((mounts[key] for key in keys if key in mounts), "")
