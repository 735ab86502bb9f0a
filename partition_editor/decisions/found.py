"""What a version of Rocks finds on a node's disks: parted's rows as 8-tuples with mount points, stamps, fstab.

Source: ``rocks_partition.RocksPartition`` (getNodePartInfo, getFstab, isRocksDisk, compareDiskInfo). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from partition_editor.decisions.facts import NO_ROW, NodeFacts, SavedRow
from partition_editor.decisions.versions import Version

Found = dict[str, list[SavedRow]]
SWAP = "linux-swap"
ARRAY_NAME = re.compile(r"^\s*Name : (?:[^:\s]*:)?([A-Za-z0-9_.-]+)", re.MULTILINE)
"""In what ``mdadm --detail`` says: the name in the array's own superblock, behind that of the host that made it."""


@dataclass(frozen=True, slots=True)
class PartedRow:
    """One row of parted's table as a version reads it."""

    device: str
    start: str
    size: str
    fstype: str
    flags: str


def is_gpt(text: str) -> bool:
    """parted says that the label is gpt."""
    return re.search(r"^Partition Table: gpt", text, re.MULTILINE) is not None


def is_array(name: str) -> bool:
    """An md array rather than a disk."""
    return name.startswith("md")


def device_name(version: Version, disk: str, number: str) -> str:
    """A partition's name as Rocks makes it up: nvme and mmc disks never get their ``p``."""
    if is_array(disk):
        return disk
    return f"{disk}p{number}" if version.parts_after_p and disk.startswith("cciss/") else f"{disk}{number}"


def parted_rows(version: Version, disk: str, text: str) -> list[PartedRow]:
    """parted's table, row by row."""
    found = []
    gpt = version.reads_gpt and is_gpt(text)
    for line in text.splitlines():
        words = line.split()
        if len(words) < 4 or not words[0].isdigit():
            continue
        if is_array(disk):
            fstype, rest = ((words[4:5] or [""])[0] if version.array_fstype else ""), []
        elif gpt:
            fstype, rest = (words[4:5] or [""])[0], words[5:6]
        else:
            fstype, rest = (words[5:6] or [""])[0], words[6:]
        if version.array_fstype and not is_array(disk):
            # A member without a file system has its flag where that would be.
            fstype = fstype.rstrip(",")
            if fstype == "raid":
                fstype, rest = "", ["raid", *rest]
        flags = " ".join(word.rstrip(",") for word in rest)
        found.append(PartedRow(device_name(version, disk, words[0]), words[1], words[3], fstype, flags))
    return found


def is_readable(text: str) -> bool:
    """parted printed a table, be it an empty one."""
    return any(line.split()[:1] == ["Number"] for line in text.splitlines())


def mountable(version: Version, facts: NodeFacts, disk: str) -> Iterator[str]:
    """Partitions of a disk that are mounted to look inside, in order."""
    for row in parted_rows(version, disk, facts.disks[disk].parted_text if disk in facts.disks else ""):
        formatted = is_array(disk) or (row.fstype and SWAP not in row.fstype)
        if (formatted or not version.skips_unformatted) and row.device not in facts.unmountable:
            yield row.device


def fstab_lines(version: Version, facts: NodeFacts, disks: Sequence[str]) -> list[list[str]]:
    """The words of the lines of the first fstab there is."""
    text = facts.upgrade_fstab
    if text is None:
        devices = (device for disk in disks for device in mountable(version, facts, disk))
        text = next((facts.fstabs[device] for device in devices if device in facts.fstabs), "")
    return [words for line in text.splitlines() if len(words := line.split()) >= 2]


def find_partitions(version: Version, facts: NodeFacts, disks: Sequence[str]) -> Found:
    """Disk → its partitions; a blank disk has one row with nothing but its name, an unreadable one no entry."""
    mounts: dict[str, str] = {}
    for words in fstab_lines(version, facts, disks):
        mounts.setdefault(words[0], words[1])
    found: Found = {}
    for disk in disks:
        text = facts.disks[disk].parted_text if disk in facts.disks else ""
        rows = [_tuple(version, facts, disk, row, mounts) for row in parted_rows(version, disk, text)]
        if not rows and is_readable(text):
            rows = [(disk, *NO_ROW[1:])]
        for row in rows:
            # Rocks wrote rows as texts with commas and dropped those with one comma too many.
            if any("," in field for field in row):
                continue
            owner = next((one for one in disks if row[0].startswith(one)), None)
            if owner is not None:
                found.setdefault(owner, []).append(row)
    return found


def _tuple(version: Version, facts: NodeFacts, disk: str, row: PartedRow, mounts: dict[str, str]) -> SavedRow:
    if is_array(disk):
        level, members = array_detail(facts.arrays.get(disk, ""))
        mount = _mount_point(version, facts, row.device, mounts)
        return (row.device, row.start, row.size, "", row.fstype, " ".join(members), f"--level={level}", mount)
    swap = SWAP in row.fstype if version.any_swap else row.fstype == SWAP
    if "raid" in row.flags.split():
        mount = f"raid.{row.device}"
    else:
        mount = "swap" if swap else _mount_point(version, facts, row.device, mounts)
    return (row.device, row.start, row.size, "", row.fstype, row.flags, "", mount)


def _mount_point(version: Version, facts: NodeFacts, device: str, mounts: dict[str, str]) -> str:
    keys = [f"/dev/{device}"]
    if device in facts.labels:
        keys.append(f"LABEL={facts.labels[device]}")
    if version.uuids and device in facts.uuids:
        keys.insert(0, f"UUID={facts.uuids[device]}")
    return next((mounts[key] for key in keys if key in mounts), "")


def array_name(facts: NodeFacts, array: str) -> str:
    """What an installer calls an array: by its superblock, as the kernel's number depends on who assembled it.

    RHEL 5 (Rocks 5) knows the number only. A plain number is written ``md0``: installers up to RHEL 9 take the ``md``
    off again (pykickstart).
    """
    found = ARRAY_NAME.search(facts.arrays.get(array, ""))
    if found is None or facts.major == 5:
        return array
    return f"md{found[1]}" if found[1].isdecimal() else found[1]


def array_detail(text: str) -> tuple[str, list[str]]:
    """Level and members in what mdadm says of an array; a lost member is called ``removed``, as in Rocks."""
    level, members = "", []
    for line in text.splitlines():
        words = line.split()
        if line.strip().startswith("Raid Level"):
            level = words[-1].removeprefix("raid")
        elif len(words) >= 5 and (words[0].isdigit() or words[0] == "-") and words[1].isdigit():
            members.append(f"raid.{words[-1].removeprefix('/dev/')}")
    return level, members


def is_stamped(version: Version, facts: NodeFacts, disk: str, rows: Sequence[SavedRow]) -> bool:
    """A stamp is on a partition that this version would mount."""
    for row in rows:
        device, fstype = row[0], row[4]
        formatted = is_array(device) or (fstype and SWAP not in fstype)
        if version.skips_unformatted and not formatted:
            continue
        if device in facts.stamped and device not in facts.unmountable:
            return True
    return False


def is_saved(facts: NodeFacts, disk: str, rows: Sequence[SavedRow]) -> bool:
    """The frontend's rows are just what was found, device names aside."""
    saved = (facts.saved or {}).get(disk)
    if not saved or len(saved) != len(rows):
        return False
    known = {row[1:] for row in rows}
    return all(row[1:] in known for row in saved)
