"""Disks from what parted prints: ``parted -sm DISK unit s print`` exactly, ``parted DISK print`` as far as it tells.

Both forms may hold several disks. Rounded texts (``66.4GB``) give rounded sectors. Versions from 1.8 (Rocks 5) on.
Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.outcome import Refused
from partition_editor.disks import SECTOR_BYTES, Disk, ExistingPartition
from partition_editor.sources.naming import is_disk_name, partition_name
from partition_editor.sources.typed import MOST_SECTORS, check_names

SIZE = re.compile(r"(\d+)(?:[.,](\d+))?\s*([kmgtp]?)(i?)(b|s)", re.IGNORECASE)
HEADING = re.compile(r"Disk (?:geometry for )?/dev/(?P<name>[^:]+):(?P<size>.*)")
ROW = re.compile(r"\s*(?P<number>\d+)\s+(?P<start>\S+)\s+(?P<end>\S+)\s+(?P<size>\S+)(?P<rest>.*)")
LABELS = {"msdos": "msdos", "gpt": "gpt", "gpt_sync_mbr": "gpt"}
KINDS = ("primary", "extended", "logical")
FILE_SYSTEMS = re.compile(
    r"(ext[234]|xfs|btrfs|jfs|reiserfs|reiser4|nilfs2|ufs|zfs|ntfs|fat16|fat32|vfat|hfs[+x]?|hp-ufs|sun-ufs|swsusp|"
    r"linux-swap(\(\S+\))?|udf)$"
)
FLAGS = frozenset(
    """
    boot root swap hidden raid lvm lba hp-service palo prep msftres msftdata diag bios_grub legacy_boot esp irst
    atvrecv bls_boot chromeos_kernel linux-home no_automount pmbr_boot
    """.split()  # noqa: SIM905
)


def disks_from_parted(text: str) -> tuple[Disk, ...] | Refused:
    """The disks in parted's output, in its order."""
    machine = [line for line in text.splitlines() if re.match(r"(BYT|CHS|CYL);", line)]
    answer = list(_machine_disks(text)) if machine else list(_printed_disks(text))
    if not answer:
        return Refused("this is not the output of parted print: no disk is named in it.")
    disks = []
    for one in answer:
        if isinstance(one, Refused):
            return one
        disks.append(one)
    return check_names(disks)


@lru_cache(maxsize=8192)
def sectors_of(text: str, sector_bytes: int = SECTOR_BYTES) -> int | None:
    """A size or place as parted prints it, in sectors of 512 bytes to the nearest; None when it is none.

    Remembered: the nodes of a cluster have most of theirs in common.
    """
    match = SIZE.fullmatch(text.strip())
    if not match or len(text) > 40:
        return None
    whole, fraction, prefix, binary, unit = match.groups()
    digits = fraction or ""
    scale: int = 10 ** len(digits)
    amount = int(whole + digits)
    if unit == "s":
        return amount // scale * sector_bytes // SECTOR_BYTES
    base = 1024 if binary else 1000
    factor: int = base ** (" kmgtp".index(prefix.lower()) if prefix else 0)
    size_bytes = amount * factor
    sectors = (2 * size_bytes + scale * SECTOR_BYTES) // (2 * scale * SECTOR_BYTES)
    return sectors if sectors <= MOST_SECTORS else None


def plain_fstype(name: str) -> str:
    """parted's ``linux-swap(v1)`` is everybody's ``swap``, its ``fat32`` their ``vfat``."""
    if name.startswith("linux-swap"):
        return "swap"
    return "vfat" if name in ("fat16", "fat32") else name


def _machine_disks(text: str) -> Iterator[Disk | Refused]:
    heading: list[str] = []
    rows: list[list[str]] = []
    for line in text.splitlines():
        fields = line.strip().rstrip(";").split(":")
        if fields[0].startswith("/dev/"):
            if heading:
                yield _machine_disk(heading, rows)
            heading, rows = fields, []
        elif heading and fields[0].isdecimal() and len(fields) >= 4:
            rows.append(fields)
    if heading:
        yield _machine_disk(heading, rows)


def _machine_disk(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Disk | Refused:
    padded = [*heading, "", "", "", "", "", ""]
    sector_bytes = int(padded[3]) if padded[3].isdecimal() and 512 <= int(padded[3]) <= 65536 else SECTOR_BYTES
    sectors = sectors_of(padded[1], sector_bytes)
    label = LABELS.get(padded[5])
    parts = []
    for row in rows:
        start, length = sectors_of(row[1], sector_bytes), sectors_of(row[3], sector_bytes)
        fields = [*row, "", "", ""]
        flags = tuple(one.strip() for one in fields[6].split(",") if one.strip())
        if start is not None and length:
            parts.append(_Part(int(row[0]), start, length, "", fields[4], flags))
    return _disk(padded[0].removeprefix("/dev/"), sectors, label, padded[5], padded[6], parts)


def _printed_disks(text: str) -> Iterator[Disk | Refused]:
    model, name, size, label_text = "", "", "", ""
    parts: list[_Part] = []
    named: set[str] = set()
    unreadable: list[str] = []
    for line in text.splitlines():
        heading = HEADING.match(line)
        if line.startswith("Model:") or heading:
            if name and (line.startswith("Model:") or heading):
                yield _disk(name, sectors_of(size), LABELS.get(label_text), label_text, model, parts)
                name, size, label_text, parts = "", "", "", []
            if heading:
                name = heading["name"].strip()
                named.add(name)
                size = heading["size"].strip().rpartition(" ")[2] or heading["size"].strip()
            else:
                model = re.sub(r"\s*\([^()]*\)$", "", line.partition(":")[2].strip())
        elif line.startswith("Error:"):
            unreadable += re.findall(r"/dev/(\S+?)(?: - |: )unrecogni[sz]ed disk label", line)
        elif line.startswith(("Partition Table:", "Disk label type:")):
            label_text = line.partition(":")[2].strip()
        elif name and (row := ROW.match(line)):
            part = _printed_part(row)
            if part is not None:
                parts.append(part)
    if name:
        yield _disk(name, sectors_of(size), LABELS.get(label_text), label_text, model, parts)
    for one in unreadable:
        if one not in named:
            yield Refused(f"{one} has no readable disk label, and parted does not say how large it is.")


class _Part:
    """One row, before the disk it is on is known."""

    def __init__(self, number: int, start: int, length: int, kind: str, fstype: str, flags: tuple[str, ...]) -> None:
        self.number = number
        self.start = start
        self.length = length
        self.kind = kind
        self.fstype = fstype
        self.flags = flags


def _printed_part(row: re.Match[str]) -> _Part | None:
    start, length = sectors_of(row["start"]), sectors_of(row["size"])
    if start is None or not length or len(row["number"]) > 4:
        return None
    words = [one.strip(",") for one in row["rest"].split()]
    kind = words.pop(0) if words and words[0] in KINDS else ""
    fstype = words.pop(0) if words and FILE_SYSTEMS.fullmatch(words[0]) else ""
    flags: list[str] = []
    while words and (words[-1] in FLAGS or words[-1].startswith("type=")):
        flags.insert(0, words.pop())
    return _Part(int(row["number"]), start, length, kind, fstype, tuple(flags))


def _disk(
    name: str, sectors: int | None, label: str | None, label_text: str, model: str, parts: Sequence[_Part]
) -> Disk | Refused:
    if not is_disk_name(name):
        return Refused(f'"{name[:40]}" is no disk name.')
    if not sectors:
        return Refused(f"parted does not say how large {name} is.")
    kinds = _kinds(parts, label)
    partitions = tuple(
        ExistingPartition(
            number=0 if label_text == "loop" else part.number,
            name=name if label_text == "loop" else partition_name(name, part.number),
            kind=kind,
            start=part.start,
            length=part.length,
            fstype=plain_fstype(part.fstype),
            mountpoint="swap" if plain_fstype(part.fstype) == "swap" else "",
            flags=part.flags,
            has_data=kind != "extended" and plain_fstype(part.fstype) != "swap",
        )
        for part, kind in zip(parts, kinds, strict=True)
    )
    return Disk(name, max(sectors, *(one.start + one.length for one in partitions), 1) if partitions else sectors,
                model=model, label=label, partitions=partitions)  # fmt: skip


def _kinds(parts: Sequence[_Part], label: str | None) -> list[str]:
    """Machine output does not tell extended partitions: the one that the logical ones lie in is it."""
    if label != "msdos":
        return ["primary"] * len(parts)
    logical = [part for part in parts if part.number > 4]
    kinds = []
    for part in parts:
        holds = any(part.start <= one.start < part.start + part.length for one in logical)
        guess = "logical" if part.number > 4 else "extended" if holds else "primary"
        kinds.append(part.kind or guess)
    return kinds
