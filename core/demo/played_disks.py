"""The disks of a played node: what it reports of them, and what its installer makes of the directives. Pure.

Only what the demo needs: plain partitions on GPT disks, in the order of the text.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_FIRST_MB = 1
_MIB = 1024**2
_MB = 10**6


@dataclass(frozen=True, slots=True)
class PlayedPartition:
    """One partition; start and size in millions of bytes."""

    disk: str
    number: int
    mount: str
    start_mb: int
    size_mb: int

    @property
    def device(self) -> str:
        """``hda1``."""
        return f"{self.disk}{self.number}"

    @property
    def fstype(self) -> str:
        """As parted calls it."""
        return "linux-swap(v1)" if self.mount == "swap" else "ext4"


def partitioned(text: str, disks: Mapping[str, int], before: Sequence[PlayedPartition]) -> list[PlayedPartition]:
    """What the installer leaves on the disks.

    Args:
        text: The directives.
        disks: Bytes by disk.
        before: What is on them; lines with ``--onpart`` use it again.
    """
    kept = {one.device: one for one in before}
    found: list[PlayedPartition] = []
    wanted: dict[str, list[tuple[str, int, bool]]] = {}
    for words in _parts(text):
        again = kept.get(_option(words, "--onpart", "--usepart"))
        if again is not None:
            found.append(PlayedPartition(again.disk, again.number, words[1], again.start_mb, again.size_mb))
            continue
        disk = _option(words, "--ondisk", "--ondrive") or next(iter(disks), "")
        size = _option(words, "--size")
        if disk in disks:
            size_mb = int(size) * _MIB // _MB if size.isdecimal() else 1
            wanted.setdefault(disk, []).append((words[1], size_mb, "--grow" in words))
    for disk, rows in wanted.items():
        found += _laid_out(disk, disks[disk] // _MB, rows)
    return found


def report(disks: Mapping[str, int], partitions: Sequence[PlayedPartition], *, installed: bool) -> bytes:
    """What the node's scripts would say, before or after the install (`core.install.reports`)."""
    lines = ["= report 1"]
    for disk, size in disks.items():
        own = [one for one in partitions if one.disk == disk]
        lines.append(f"= disk {disk} {size // 512}")
        lines += [f" Disk /dev/{disk}: {size // _MB}MB", f" Partition Table: {'gpt' if own else 'unknown'}"]
        lines += [" Number  Start  End  Size  File system  Name  Flags"] if own else []
        lines += [f" {' '.join(_row(one))}" for one in own]
        lines += [] if own else [f"= blank {disk}"]
    if not installed:
        stamped = {one.disk: one.device for one in reversed(partitions) if one.mount.startswith("/")}
        lines += [f"= stamp {device}" for device in stamped.values()]
        lines += [f"= fstab {one.device}\n{_fstab(partitions)}" for one in partitions if one.mount == "/"]
    else:
        lines.append(f"= fstab installed\n{_fstab(partitions)}")
    return "\n".join([*lines, "= lsblk", f" {json.dumps(_lsblk(disks, partitions))}", ""]).encode()


def _parts(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        if len(words) > 1 and words[0] in ("part", "partition"):
            yield words


def _option(words: Sequence[str], *names: str) -> str:
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return (value if equals else " ".join(words[at + 1 : at + 2])).removeprefix("/dev/")
    return ""


def _laid_out(disk: str, disk_mb: int, rows: Sequence[tuple[str, int, bool]]) -> Iterator[PlayedPartition]:
    free = max(0, disk_mb - 2 * _FIRST_MB - sum(size for _, size, _ in rows))
    growing = sum(grows for _, _, grows in rows)
    start = _FIRST_MB
    for number, (mount, size, grows) in enumerate(rows, 1):
        length = size + (free // growing if grows else 0)
        yield PlayedPartition(disk, number, mount, start, length)
        start += length


def _row(one: PlayedPartition) -> Iterable[str]:
    end = one.start_mb + one.size_mb
    return str(one.number), f"{one.start_mb}MB", f"{end}MB", f"{one.size_mb}MB", one.fstype


def _fstab(partitions: Sequence[PlayedPartition]) -> str:
    return "\n".join(f" /dev/{one.device} {one.mount} ext4 defaults 1 1" for one in partitions)


def _lsblk(disks: Mapping[str, int], partitions: Sequence[PlayedPartition]) -> dict[str, object]:
    rows: list[dict[str, object]] = []
    for disk, size in disks.items():
        own = [one for one in partitions if one.disk == disk]
        parts = [
            {
                "name": one.device,
                "type": "part",
                "size": one.size_mb * _MB,
                "fstype": "swap" if one.mount == "swap" else "ext4",
            }
            for one in own
        ]
        rows.append({"name": disk, "type": "disk", "size": size, "model": "QEMU HARDDISK", "children": parts})
        if own:
            rows[-1]["pttype"] = "gpt"
    return {"blockdevices": rows}
