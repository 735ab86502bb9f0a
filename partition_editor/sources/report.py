"""Disks from what a node itself reported to the install service: their true sizes, what is on them, stamps. Pure.

Names that only one node has (serials, UUIDs) are left out, so that equal nodes stay equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from core.install.reports import mapper_name
from core.outcome import Refused
from partition_editor.decisions.found import ARRAY_NAME
from partition_editor.disks import MIB_SECTORS, Disk, ExistingPartition
from partition_editor.sources.lsblk import disks_from_lsblk
from partition_editor.sources.naming import is_disk_name, split_partition
from partition_editor.sources.parted import disks_from_parted
from partition_editor.sources.typed import MOST_SECTORS

Facts = Mapping[str, object]
LEVEL = re.compile(r"^\s*Raid Level : \S+", re.MULTILINE)
MEMBER = re.compile(r"^.*\s/dev/\S+\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reported:
    """A node's word about its disks.

    Attributes:
        disks: In discovery order, with the mount points that its own fstabs and labels name.
        is_live: It was said before an install, of disks as they are; otherwise just after one.
        unreadable: Disks that are not blank, and whose label parted cannot read.
        stamped: Partitions and arrays with a ``.rocks-release``.
        arrays: Array → ``mdadm --detail``, cut down to level, name and members.
        groups, volumes: As `partition_editor.decisions.facts.NodeFacts` has them.
        fstabs: Partition → the fstab on it, by device names.
    """

    disks: tuple[Disk, ...]
    is_live: bool = True
    unreadable: frozenset[str] = frozenset()
    stamped: frozenset[str] = frozenset()
    arrays: Mapping[str, str] = field(default_factory=dict)
    fstabs: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    uefi: bool = False

    def disk(self, name: str) -> Disk | None:
        """The disk of this name, None when it has none."""
        return next((one for one in self.disks if one.name == name), None)

    @property
    def signature(self) -> tuple[object, ...]:
        """Everything but the disks, for comparing."""
        mappings = (self.arrays, self.fstabs, self.groups, self.volumes)
        texts = tuple(tuple(sorted(one.items())) for one in mappings)
        return (self.is_live, self.unreadable, self.stamped, *texts, self.uefi)


def read_reported(facts: Facts, *, is_live: bool = True) -> Reported:
    """A report's facts (`core.install.reports.DiskReport.facts`) as disks; what cannot be read of one is left out."""
    texts, sizes = _mapping(facts, "disks"), _mapping(facts, "sizes")
    exact = _exact(facts.get("lsblk"))
    disks, unreadable = [], set()
    for name, values in texts.items():
        size = sizes.get(name)
        if name.startswith("md") or not is_disk_name(name) or not isinstance(size, int):
            continue
        if not 1 <= size <= MOST_SECTORS:
            continue
        known = cast("Mapping[str, object]", values) if isinstance(values, dict) else {}
        disk = _disk(name, size, str(known.get("parted_text") or ""), exact)
        if disk is None:
            disk = Disk(name, size)
            if known.get("blank") is not True:
                unreadable.add(name)
        disks.append(disk)
    mounts = _mounts(facts)
    return Reported(
        tuple(replace(one, partitions=tuple(_named(part, mounts) for part in one.partitions)) for one in disks),
        is_live,
        frozenset(unreadable),
        frozenset(_words(facts.get("stamped_partitions"))),
        {name: _detail(str(text)) for name, text in _mapping(facts, "mdadm_detail").items()},
        {name: _plain_fstab(str(text), facts) for name, text in _mapping(facts, "fstab_files").items()},
        {name: tuple(_words(parts)) for name, parts in _mapping(facts, "groups").items()},
        {name: str(fstype) for name, fstype in _mapping(facts, "volumes").items()},
        facts.get("uefi") is True,
    )


def _disk(name: str, sectors: int, text: str, exact: Mapping[str, int]) -> Disk | None:
    """None when parted could not read it."""
    if not any(line.split()[:1] == ["Number"] for line in text.splitlines()):
        return None
    found = disks_from_parted(text)
    if isinstance(found, Refused):
        return None
    placed = []
    for one in found[0].partitions:
        length = exact.get(one.name, one.length)
        near = abs(length - one.length) <= one.length // 100 + MIB_SECTORS
        placed.append(replace(one, length=length) if near else one)
    return Disk(name, sectors, label=found[0].label, partitions=tuple(placed))


def _exact(text: object) -> dict[str, int]:
    """Lengths of partitions by name; parted's are rounded to three digits."""
    found = disks_from_lsblk(text) if isinstance(text, str) and text else ()
    if isinstance(found, Refused):
        return {}
    return {one.name: one.length for disk in found for one in disk.partitions if one.kind != "extended"}


def _named(one: ExistingPartition, mounts: Mapping[str, str]) -> ExistingPartition:
    mount = mounts.get(one.name, "")
    return replace(one, mountpoint=mount) if mount and not one.mountpoint and one.kind != "extended" else one


def _mounts(facts: Facts) -> dict[str, str]:
    """Device → mount point by every fstab that is on the disks, then by labels that are one."""
    found: dict[str, str] = {}
    for text in _mapping(facts, "fstab_files").values():
        for device, mount in _entries(str(text), facts):
            found.setdefault(device, mount)
    for device, label in _mapping(facts, "labels").items():
        if str(label).startswith("/"):
            found.setdefault(device, str(label))
    return found


def _plain_fstab(text: str, facts: Facts) -> str:
    return "".join(f"/dev/{device} {mount} auto\n" for device, mount in _entries(text, facts))


def _entries(text: str, facts: Facts) -> Iterator[tuple[str, str]]:
    """Device and mount point of an fstab's lines, UUIDs and labels looked up."""
    by_key = {f"UUID={uuid}": device for device, uuid in _mapping(facts, "uuids").items()}
    by_key |= {f"LABEL={label}": device for device, label in _mapping(facts, "labels").items()}
    volumes = _mapping(facts, "volumes")
    by_key |= {f"/dev/{mapper_name(volume)}": volume for volume in volumes}
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2 or words[0].startswith("#") or not words[1].startswith("/"):
            continue
        key = words[0].replace('"', "")
        device = by_key.get(key) or (key.removeprefix("/dev/") if key.startswith("/dev/") else "")
        if device in volumes or split_partition(device) is not None or device.startswith("md"):
            yield device, words[1]


def _detail(text: str) -> str:
    level, name = LEVEL.search(text), ARRAY_NAME.search(text)
    told = ([level[0].strip()] if level else []) + ([f"Name : {name[1]}"] if name else [])
    members = [f" {line.strip()}" for line in MEMBER.findall(text)]
    return "\n".join(told + members) + "\n"


def _mapping(facts: Facts, key: str) -> Mapping[str, object]:
    value = facts.get(key)
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _words(value: object) -> Iterable[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
