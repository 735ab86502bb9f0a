"""From a report after the install to the rows of `partitions`, as Rocks' recorder wrote them. Pure.

Start and size are parted's rounded texts; a mount point comes from the installed system's ``/etc/fstab``; members of
arrays are ``raid.DEVICE``, an array's row has its members as flags and its level as format flags. Logical volumes,
which Rocks did not know, are rows named ``mapper/GROUP-VOLUME``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from core.install.reports import DiskReport, mapper_name
from core.store.repository.partitions import PartitionColumns

_KINDS = frozenset({"primary", "extended", "logical"})
_FILE_SYSTEM = re.compile(r"ext[234]|xfs|btrfs|jfs|reiserfs|vfat|fat16|fat32|ntfs|hfs[+x]?|linux-swap(?:\(\S+\))?")
_LEVEL = re.compile(r"^\s*Raid Level : raid(\d+)", re.MULTILINE)
_MEMBER = re.compile(r"\s/dev/(\S+)$", re.MULTILINE)
MISSING = "was asked for and is not there"

_MAPPED = "mapper/"
_LONGEST = 128


def partition_rows(report: DiskReport) -> list[PartitionColumns]:
    """One row a partition and array, by disk in discovery order; a disk without any has one with its name alone."""
    facts = report.facts
    disks = cast("Mapping[str, Mapping[str, object]]", facts["disks"])
    arrays = cast("Mapping[str, str]", facts["mdadm_detail"])
    mounts = _mounts(report)
    rows: list[PartitionColumns] = []
    for name, disk in disks.items():
        text = str(disk["parted_text"])
        if name in arrays:
            rows += [_array_row(name, words, arrays[name], mounts) for words in _rows(text)][:1]
            continue
        found = [_row(name, words, disk["label"] == "gpt", mounts) for words in _rows(text)]
        rows += found or [PartitionColumns(device=name)]
    rows += _volume_rows(report, mounts)
    return [cast(PartitionColumns, {key: str(value)[:_LONGEST] for key, value in row.items()}) for row in rows]


def disagreements(rows: Sequence[PartitionColumns], told: str) -> list[str]:
    """In what a node's partitions are not what it was told: mount points that are missing, in words.

    Volumes are looked for where the node has told of any: without LVM's tools it cannot.
    """
    there = {row.get("mountpoint", "") for row in rows}
    commands = {"part", "partition", "raid"}
    if any(row["device"].startswith(_MAPPED) for row in rows):
        commands.add("logvol")
    wanted = []
    for line in told.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] in commands and words[1].startswith("/"):
            wanted.append(words[1])
    return [f"{mount} {MISSING}" for mount in dict.fromkeys(wanted) if mount not in there]


def _row(disk: str, words: list[str], gpt: bool, mounts: Mapping[str, str]) -> PartitionColumns:
    device = f"{disk}p{words[0]}" if disk[-1].isdigit() else f"{disk}{words[0]}"
    rest = words[4:]
    if not gpt and rest and rest[0] in _KINDS:
        rest = rest[1:]
    fstype = rest.pop(0) if rest and _FILE_SYSTEM.fullmatch(rest[0]) else ""
    flags = [word.strip(",") for word in rest]
    if "raid" in flags:
        mount = f"raid.{device}"
    else:
        mount = "swap" if fstype.startswith("linux-swap") or "swap" in flags else mounts.get(device, "")
    return PartitionColumns(
        device=device,
        mountpoint=mount,
        sectorstart=words[1],
        partitionsize=words[3],
        fstype=fstype,
        partitionflags=" ".join(flags),
    )


def _array_row(name: str, words: list[str], detail: str, mounts: Mapping[str, str]) -> PartitionColumns:
    level = _LEVEL.search(detail)
    fstype = words[4] if len(words) > 4 else ""
    return PartitionColumns(
        device=name,
        mountpoint=mounts.get(name, ""),
        sectorstart=words[1],
        partitionsize=words[3],
        fstype=fstype,
        partitionflags=" ".join(f"raid.{member}" for member in _MEMBER.findall(detail)),
        formatflags=f"--level={level[1]}" if level else "",
    )


def _volume_rows(report: DiskReport, mounts: Mapping[str, str]) -> Iterator[PartitionColumns]:
    volumes = cast("Mapping[str, str]", report.facts.get("volumes", {}))
    sizes = cast("Mapping[str, int]", report.facts.get("volume_sizes", {}))
    for name, fstype in volumes.items():
        is_swap = fstype == "swap"
        yield PartitionColumns(
            device=mapper_name(name),
            mountpoint="swap" if is_swap else mounts.get(mapper_name(name), ""),
            partitionsize=f"{sizes[name] // 10**6}MB",
            fstype="linux-swap" if is_swap else fstype,
        )


def _rows(text: str) -> Iterator[list[str]]:
    for line in text.split("\n"):
        words = line.split()
        if len(words) >= 4 and words[0].isdecimal():
            yield words


def _mounts(report: DiskReport) -> dict[str, str]:
    volumes = cast("Mapping[str, str]", report.facts.get("volumes", {}))
    by_key = {f"/dev/{name}": mapper_name(name) for name in volumes}
    for key, values in (("UUID", "uuids"), ("LABEL", "labels")):
        by_key |= {
            f"{key}={value}": mapper_name(device) if device in volumes else device
            for device, value in _texts(report, values)
        }
    found: dict[str, str] = {}
    for line in report.fstab.split("\n"):
        words = line.split()
        if len(words) >= 2 and not words[0].startswith("#") and words[1].startswith("/"):
            device = by_key.get(words[0].replace('"', ""), words[0].removeprefix("/dev/"))
            found.setdefault(device, words[1])
    return found


def _texts(report: DiskReport, key: str) -> list[tuple[str, str]]:
    return list(cast("Mapping[str, str]", report.facts[key]).items())
