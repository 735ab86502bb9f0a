"""Disks from ``lsblk --json -b -O``. Text from a node is data: anything odd is a refusal. Pure; any thread."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from core.outcome import Refused
from partition_editor.disks import MIB_SECTORS, SECTOR_BYTES, Disk, ExistingPartition
from partition_editor.sources.naming import is_disk_name, split_partition
from partition_editor.sources.typed import MOST_SECTORS, check_names

SKIPPED = ("zram", "ram", "loop", "fd", "sr", "dm-", "nbd")
EXTENDED_TYPES = ("0x5", "0xf", "0x85")
LABELS = {"dos": "msdos", "gpt": "gpt"}
NO_DATA = frozenset({"", "swap"})

Row = dict[str, object]


def disks_from_lsblk(text: str) -> tuple[Disk, ...] | Refused:
    """The disks in lsblk's output, in its order; loop, RAM and optical devices are left out."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Refused("this is not the output of lsblk --json.")
    rows = data.get("blockdevices") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return Refused("this is not the output of lsblk --json: there is no list of block devices.")
    disks = []
    for row in _rows(rows):
        name = _text(row, "name").replace("!", "/")
        if _text(row, "type") != "disk" or name.startswith(SKIPPED):
            continue
        sectors = _number(row, "size") // SECTOR_BYTES
        if not is_disk_name(name):
            return Refused(f'"{name[:40]}" is no disk name.')
        if not 1 <= sectors <= MOST_SECTORS:
            continue
        disks.append(_disk(name, sectors, row))
    return check_names(disks)


def _disk(name: str, sectors: int, row: Row) -> Disk:
    partitions = tuple(_partitions(name, row))
    label = LABELS.get(_text(row, "pttype"))
    if label is None and not partitions and _text(row, "fstype"):
        whole = _existing(0, name, "primary", 0, sectors, row)
        partitions = (whole,)
    return Disk(
        name=name,
        sectors=sectors,
        model=_text(row, "model"),
        serial=_text(row, "serial"),
        removable=_flag(row, "rm") or _flag(row, "hotplug") or _text(row, "tran") == "usb",
        label=label or ("msdos" if partitions and partitions[0].number else None),
        partitions=partitions,
    )


def _partitions(disk: str, row: Row) -> Iterator[ExistingPartition]:
    children = row.get("children")
    next_start = MIB_SECTORS
    for child in _rows(children if isinstance(children, list) else []):
        if _text(child, "type") != "part":
            continue
        name = _text(child, "name").replace("!", "/")
        split = split_partition(name)
        number = _number(child, "partn") or (split[1] if split else 0)
        length = max(_number(child, "size") // SECTOR_BYTES, 1)
        start = _number(child, "start") or next_start
        kind = "primary"
        if _text(row, "pttype") == "dos":
            kind = "logical" if number > 4 else "primary"
            if _text(child, "parttype") in EXTENDED_TYPES:
                kind = "extended"
        if kind != "extended":
            next_start = start + length
        yield _existing(number, name, kind, start, length, child)


def _existing(number: int, name: str, kind: str, start: int, length: int, row: Row) -> ExistingPartition:
    fstype = _text(row, "fstype")
    mount = next(iter(_mount_points(row)), "")
    flags = ("boot",) if _text(row, "partflags") == "0x80" else ()
    return ExistingPartition(
        number,
        name,
        kind,
        start,
        length,
        fstype,
        mount,
        flags,
        has_data=fstype not in NO_DATA or mount not in ("", "swap"),
    )


def _mount_points(row: Row) -> Iterator[str]:
    several = row.get("mountpoints")
    for one in [row.get("mountpoint"), *(several if isinstance(several, list) else [])]:
        if isinstance(one, str) and one:
            yield "swap" if one == "[SWAP]" else one


def _rows(values: list[object]) -> Iterator[Row]:
    for value in values:
        if isinstance(value, dict):
            yield cast(Row, value)


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return value.strip() if isinstance(value, str) else ""


def _number(row: Row, key: str) -> int:
    """Old versions of lsblk write numbers as texts."""
    value = row.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _flag(row: Row, key: str) -> bool:
    return row.get(key) in (True, "1", 1)
