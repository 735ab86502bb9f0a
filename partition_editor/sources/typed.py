"""Disks typed in by hand: ``hda=80G``, ``sda=76319MiB:WDC``, "two disks of 80 GB, hda and hdb".

``80GB`` is decimal, as on the disk's box; ``80G`` and ``80GiB`` are binary, as everywhere in the editor; a bare
number is MiB; ``156301488s`` is sectors of 512 bytes and ``80026361856B`` bytes. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.outcome import Refused
from partition_editor.disks import SECTOR_BYTES, Disk
from partition_editor.sources.naming import is_disk_name

SIZE = re.compile(r"(\d+)(?:[.,](\d+))?\s*([kmgtp])?(i?)(b|bytes?|s|sectors?)?", re.IGNORECASE)
NAMED = re.compile(r"(?P<name>[^\s=,]+)=(?P<size>[^\s:,]+(?: ?[KMGTkmgt]i?[Bb])?)(?::(?P<model>[^,]*))?")
SENTENCE = re.compile(
    r"(?P<count>\w+)\s*(?:x|times)?\s+(?:(?P<size_before>[\d.,]+\s*[a-z]+)\s+)?(?:dis[kc]s?|drives?)"
    r"(?:\s*(?:of|with|a|à|,)?\s*(?P<size_after>[\d.,]+\s*[a-z]+))?(?:\s+each)?\s*[:,]?\s*(?P<names>.*)",
    re.IGNORECASE,
)
TIMES = re.compile(r"(?P<count>\d+)\s*x\s*(?P<size>[\d.,]+\s*[a-z]*)\s*[:,]?\s*(?P<names>.*)", re.IGNORECASE)
COUNTS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
    )
} | {"a": 1, "an": 1}
MOST_DISKS = 256
MOST_SECTORS = 1 << 55
"""16 EiB."""


def parse_sectors(text: str) -> int | Refused:
    """A disk's size in sectors of 512 bytes, rounded down."""
    match = SIZE.fullmatch(text.strip())
    if not match or len(text) > 40:
        return Refused(f'"{text.strip()}" is no disk size: write 80G, 80GB, 76319MiB or 156301488s.')
    whole, fraction, prefix, binary, unit = match.groups()
    digits = fraction or ""
    amount = int(whole + digits)
    unit = (unit or "").lower()
    if unit.startswith("s"):
        sectors = 0 if digits else amount
    else:
        power = " kmgtp".index((prefix or " ").lower()) if prefix else (0 if unit else 2)
        base = 1000 if unit and not binary and prefix else 1024
        sectors = amount * base**power // (10 ** len(digits) * SECTOR_BYTES)
    if sectors < 1:
        return Refused(f'"{text.strip()}" is less than one sector.')
    if sectors > MOST_SECTORS:
        return Refused(f'"{text.strip()}" is larger than any disk.')
    return sectors


def parse_disk(text: str) -> Disk | Refused:
    """One ``NAME=SIZE[:MODEL]``."""
    name, equals, rest = text.strip().partition("=")
    size, _, model = rest.partition(":")
    name = name.strip().removeprefix("/dev/")
    if not equals:
        return Refused(f'"{text.strip()}" is no disk: write NAME=SIZE, as in hda=80G.')
    if not is_disk_name(name):
        return Refused(f'"{name}" is no disk name.')
    sectors = parse_sectors(size)
    return sectors if isinstance(sectors, Refused) else Disk(name, sectors, model=model.strip())


def parse_disks(text: str) -> tuple[Disk, ...] | Refused:
    """Disks in words or as a list of ``NAME=SIZE``, separated by commas, blanks or "and"."""
    words = " ".join(text.split())
    if not words:
        return Refused("name a disk: hda=80G.")
    if "=" in words:
        matches = list(NAMED.finditer(words))
        rest = NAMED.sub(" ", words)
        left = [one for one in re.split(r"[\s,;]+", rest) if one and one.lower() != "and"]
        if left:
            return Refused(f'"{left[0]}" is no disk: write NAME=SIZE, as in hda=80G.')
        return collect(parse_disk(match.group().strip(" ;")) for match in matches)
    return _sentence(words)


def collect(answers: Iterable[Disk | Refused]) -> tuple[Disk, ...] | Refused:
    """All disks, or the first refusal; two disks of one name are refused."""
    disks: list[Disk] = []
    for answer in answers:
        if isinstance(answer, Refused):
            return answer
        disks.append(answer)
    return check_names(disks)


def check_names(disks: Sequence[Disk]) -> tuple[Disk, ...] | Refused:
    """The disks, unless two have one name or there are too many."""
    seen: set[str] = set()
    for disk in disks:
        if disk.name in seen:
            return Refused(f"two disks are named {disk.name}.")
        seen.add(disk.name)
    if len(disks) > MOST_DISKS:
        return Refused(f"{len(disks)} disks are more than {MOST_DISKS}.")
    return tuple(disks)


def _sentence(words: str) -> tuple[Disk, ...] | Refused:
    match = TIMES.fullmatch(words)
    size = match["size"] if match else None
    if match is None:
        match = SENTENCE.fullmatch(words)
        size = (match["size_before"] or match["size_after"]) if match else None
    if match is None or not size:
        return Refused(f'"{words[:60]}" names no disks: write hda=80G, or "two disks of 80 GB, hda and hdb".')
    count = COUNTS.get(match["count"].lower()) or (int(match["count"]) if match["count"].isdecimal() else 0)
    if not 1 <= count <= MOST_DISKS:
        return Refused(f'"{match["count"]}" is no number of disks.')
    sectors = parse_sectors(size)
    if isinstance(sectors, Refused):
        return sectors
    names = [one for one in re.split(r"[\s,;]+", match["names"].strip(" .")) if one.lower() not in ("", "and")]
    if not names:
        names = [f"sd{_letters(index)}" for index in range(count)]
    if len(names) != count:
        return Refused(f"{count} disks, but {len(names)} names: {', '.join(names)}.")
    return collect(
        Disk(name, sectors) if is_disk_name(name) else Refused(f'"{name}" is no disk name.')
        for name in (one.removeprefix("/dev/") for one in names)
    )


def _letters(index: int) -> str:
    """a … z, aa, ab …, as the kernel counts disks."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
