"""Nodes to decide about, in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from partition_editor.decisions.facts import DiskFacts, NodeFacts, Policy, SavedRow

HEAD = {"msdos": "Number  Start   End     Size    Type      File system     Flags",
        "gpt": "Number  Start   End     Size    File system     Name    Flags",
        "loop": "Number  Start   End     Size    File system  Flags"}  # fmt: skip
P5 = (
    "1 32.3kB 8390MB 8390MB primary ext3 boot",
    "2 8390MB 12.6GB 4195MB primary ext3",
    "3 12.6GB 13.6GB 1045MB primary linux-swap",
    "4 13.6GB 80.0GB 66.4GB extended",
    "5 13.6GB 80.0GB 66.4GB logical ext3",
)
"""The 80 GB disk of Rocks' scenario table."""
FSTAB = "".join(f"LABEL={one} {one} ext3 defaults 1 2\n" for one in ("/", "/var", "/state/partition1"))


def disk(name: str, rows: Iterable[str] | None = (), label: str = "msdos") -> DiskFacts:
    """A disk with these rows of parted's table; None for one that parted cannot read."""
    if rows is None:
        return DiskFacts(name, f"Error: Unable to open /dev/{name} - unrecognised disk label.\n")
    text = f"Model: ATA EXAMPLE (scsi)\nDisk /dev/{name}: 80.0GB\nPartition Table: {label}\n\n{HEAD[label]}\n"
    return DiskFacts(name, text + "".join(f" {row}\n" for row in rows), label)


def node(
    *disks: DiskFacts,
    text: str | None = "rocks force-default-root-disk-only\n",
    stamped: Iterable[str] = (),
    fstabs: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    saved: Mapping[str, tuple[SavedRow, ...]] | None = None,
    arrays: Mapping[str, str] | None = None,
    groups: Mapping[str, tuple[str, ...]] | None = None,
    volumes: Mapping[str, str] | None = None,
    policies: Mapping[str, Policy] | None = None,
    data: Iterable[str] | None = None,
    frontend: bool = False,
    uefi: bool = False,
    major: int = 7,
) -> NodeFacts:
    """A node with these disks in this order, arrays among them under their names."""
    names = [one.name for one in disks if not one.name.startswith("md")]
    return NodeFacts(
        disks={one.name: one for one in disks},
        disk_order=tuple(names),
        raids=tuple(one.name for one in disks if one.name.startswith("md")),
        user_text=text,
        stamped=frozenset(stamped),
        fstabs=fstabs or {},
        labels=labels or {},
        saved=saved,
        arrays=arrays or {},
        groups=groups or {},
        volumes=volumes or {},
        policies=policies or {},
        user_data=frozenset(names if data is None else data),
        frontend=frontend,
        uefi=uefi,
        major=major,
    )


def p5(name: str = "hda", **more: object) -> dict[str, object]:
    """Labels and fstab of a Rocks root disk."""
    return {
        "labels": {f"{name}1": "/", f"{name}2": "/var", f"{name}5": "/state/partition1"},
        "fstabs": {f"{name}1": FSTAB},
        **more,
    }


def saved_p5(name: str = "hda") -> tuple[SavedRow, ...]:
    """What a frontend keeps of the root disk."""
    mounts = ("/", "/var", "swap", "", "/state/partition1")
    rows = []
    for row, mount in zip(P5, mounts, strict=True):
        words = [*row.split(), "", ""]
        rows.append((f"{name}{words[0]}", words[1], words[3], "", words[5], words[6], "", mount))
    return tuple(rows)
