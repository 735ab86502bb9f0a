"""What is known of a node when it decides about its disks, read from the recorded questions' JSON. Pure values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import cast

from core.outcome import Refused
from partition_editor.sources.naming import is_disk_name

SavedRow = tuple[str, str, str, str, str, str, str, str]
"""Device, start, size, id, file system, flags, format flags, mount point: all texts, as Rocks kept them."""

NO_ROW: SavedRow = ("", "", "", "", "", "", "", "")


class Policy(Enum):
    """What the operator wants done with one disk of one node."""

    PRESERVE = "preserve"
    """Never cleared, whatever the text says; what is on it may be used again."""
    REFORMAT = "reformat"
    """Free for every install."""
    ONCE = "once"
    """Free for the next install, preserved again after it."""


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """One disk or array.

    Attributes:
        parted_text: What ``parted print`` says of it.
        label: ``msdos``, ``gpt``, ``loop``; None when there is none that parted can read.
        blank: The node looked and found nothing but zeros where labels and file systems begin.
    """

    name: str
    parted_text: str = ""
    label: str | None = None
    blank: bool = False


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """Everything the decision depends on.

    Attributes:
        frontend: It is a frontend's own install.
        user_text: ``/tmp/user_partition_info``; None when there is no such file.
        disk_order: Disks in discovery order.
        stamped: Partitions (and arrays) with a ``.rocks-release``.
        fstabs: Partition → the ``/etc/fstab`` on it.
        upgrade_fstab: The one of a system being upgraded.
        labels: Partition → file system label.
        uuids: Partition → file system UUID.
        arrays: Array → what ``mdadm --query --detail`` says.
        groups: Volume group → partitions, disks and arrays it lies on.
        volumes: Logical volume, ``GROUP/VOLUME`` → its file system, empty when it has none. Labels, UUIDs and fstabs
            are under the same name.
        saved: Disk → rows the frontend has; None when it sent none at all.
        user_data: Disks with data somebody would miss; only for saying what would be lost.
        policies: Disk → what the operator wants; only Quarry's rules know them.
        major: Rocks' major version, for the dialect of the directives Quarry's rules write.
    """

    disks: Mapping[str, DiskFacts]
    disk_order: tuple[str, ...]
    user_text: str | None = None
    frontend: bool = False
    raids: tuple[str, ...] = ()
    stamped: frozenset[str] = frozenset()
    unmountable: frozenset[str] = frozenset()
    fstabs: Mapping[str, str] = field(default_factory=dict)
    upgrade_fstab: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    uuids: Mapping[str, str] = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    no_medium: frozenset[str] = frozenset()
    uefi: bool = False
    saved: Mapping[str, tuple[SavedRow, ...]] | None = None
    user_data: frozenset[str] = frozenset()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    major: int = 7

    def policy(self, disk: str) -> Policy | None:
        """What the operator said of a disk, None when nothing."""
        return self.policies.get(disk)


def read_facts(asked: Mapping[str, object]) -> NodeFacts | Refused:
    """The facts in a recorded question's ``input`` object; what it leaves out is unknown or empty."""
    disks = _disks(asked.get("disks"))
    if isinstance(disks, Refused):
        return disks
    order = _names(asked.get("disk_order"), "disk_order")
    raids = _names(asked.get("raids"), "raids")
    saved = _saved(asked.get("db_rows"))
    policies = _policies(asked.get("policies"))
    for one in (order, raids, saved, policies):
        if isinstance(one, Refused):
            return one
    named = cast("tuple[str, ...]", order) or tuple(name for name in disks if not name.startswith("md"))
    wrong = next((name for name in named if not is_disk_name(name)), None)
    if wrong is not None:
        return Refused(f'"{wrong[:40]}" is no disk name')
    if len(set(named)) != len(named):
        return Refused("a disk is listed twice")
    text, upgrade = asked.get("user_partition_info"), asked.get("upgrade_fstab")
    if not isinstance(text, str | None) or not isinstance(upgrade, str | None):
        return Refused("user_partition_info and upgrade_fstab must be texts or null")
    major = asked.get("rocks")
    return NodeFacts(
        disks={name: disks.get(name, DiskFacts(name)) for name in (*disks, *named)},
        disk_order=named,
        user_text=text,
        frontend=asked.get("frontend") is True,
        raids=cast("tuple[str, ...]", raids),
        stamped=_set(asked.get("stamped_partitions")),
        unmountable=_set(asked.get("unmountable_partitions")),
        fstabs=_texts(asked.get("fstab_files")),
        upgrade_fstab=upgrade,
        labels=_texts(asked.get("labels")),
        uuids=_texts(asked.get("uuids")),
        arrays=_texts(asked.get("mdadm_detail")),
        groups=_groups(asked.get("groups")),
        volumes=_texts(asked.get("volumes")),
        no_medium=_set(asked.get("no_medium")),
        uefi=asked.get("uefi") is True,
        saved=cast("Mapping[str, tuple[SavedRow, ...]] | None", saved),
        user_data=_set(asked.get("disks_with_user_data")),
        policies=cast("Mapping[str, Policy]", policies),
        major=major if isinstance(major, int) and major in (5, 6, 7) else 7,
    )


def _disks(value: object) -> dict[str, DiskFacts] | Refused:
    if not isinstance(value, dict):
        return Refused("there are no disks")
    found: dict[str, DiskFacts] = {}
    for name, fields in value.items():
        if not isinstance(name, str) or not isinstance(fields, dict):
            return Refused("disks must be objects by name")
        text, label = fields.get("parted_text"), fields.get("label")
        found[name] = DiskFacts(
            name,
            text if isinstance(text, str) else "",
            label if isinstance(label, str) else None,
            fields.get("blank") is True,
        )
    return found


def _names(value: object, key: str) -> tuple[str, ...] | Refused:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return Refused(f"{key} must be a list of names")
    return tuple(value)


def _set(value: object) -> frozenset[str]:
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: text for key, text in value.items() if isinstance(key, str) and isinstance(text, str)}


def _groups(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return {}
    return {
        key: tuple(one for one in parts if isinstance(one, str))
        for key, parts in value.items()
        if isinstance(key, str) and isinstance(parts, list)
    }


def _saved(value: object) -> dict[str, tuple[SavedRow, ...]] | Refused | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        return Refused("db_rows must be an object or null")
    found: dict[str, tuple[SavedRow, ...]] = {}
    for disk, rows in value.items():
        if not isinstance(disk, str) or not isinstance(rows, list):
            return Refused("db_rows must be lists of rows by disk")
        taken = [saved_row(row) for row in rows if isinstance(row, list)]
        if len(taken) != len(rows) or None in taken:
            return Refused(f"a saved row of {disk[:40]} has not eight texts")
        found[disk] = tuple(cast("list[SavedRow]", taken))
    return found


def saved_row(row: Sequence[object]) -> SavedRow | None:
    """Eight texts as a row, None when they are none."""
    if len(row) != len(NO_ROW) or not all(isinstance(one, str) for one in row):
        return None
    return cast(SavedRow, tuple(row))


def _policies(value: object) -> dict[str, Policy] | Refused:
    if value is None:
        return {}
    words = _texts(value)
    known = {one.value: one for one in Policy}
    wrong = next((word for word in words.values() if word not in known), None)
    if wrong is not None or not isinstance(value, dict) or len(words) != len(value):
        return Refused(f'a policy is preserve, reformat or once, not "{wrong}"')
    return {disk: known[word] for disk, word in words.items()}
