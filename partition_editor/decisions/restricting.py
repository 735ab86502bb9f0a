"""An operator's directives cut down to the disks they may touch. Pure; any thread.

Used where some disks are used again or preserved: what would clear, fill or mount over those is left out, together
with everything built on it; the rest stays to the letter.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from partition_editor.decisions.verdict import drives_of
from partition_editor.sources.naming import split_partition


@dataclass(slots=True)
class Restricted:
    """What is left of a text. Shared by equal questions: read only.

    Attributes:
        used: Disks its lines are about.
        refused: Disk → how many lines about it were left out.
    """

    lines: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=1024)
def restrict(
    text: str,
    free: tuple[str, ...],
    given: tuple[str, ...],
    disks: tuple[str, ...],
    mounts: tuple[str, ...],
    groups: tuple[str, ...] = (),
) -> Restricted:
    """Leave out what is about disks the text may not touch. Remembered: the nodes of a cluster ask the same.

    Args:
        free: Disks the text may do anything with.
        given: Disks it may touch by naming them; where there are no others, also by naming none.
        disks: All of them.
        mounts: Mount points that are taken by disks that are used again.
        groups: Volume groups that are used again, and told to the installer already.
    """
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    allowed = (*free, *given)
    everything = not mounts and set(disks) <= set(allowed)
    unnamed = allowed if everything else tuple(free)
    rules = _Allowed(allowed, unnamed, tuple(disks), frozenset(mounts), frozenset(groups))
    cutting = _Cutting(rules)
    kept: list[str | None] = []
    # Arrays and groups may stand before what they are built on, so what is gone is known after the second pass.
    for _ in range(2):
        cutting.answer = Restricted()
        kept = [cutting.line(line) for line in lines]
    answer = cutting.answer
    answer.lines = lines if everything else [line for line in kept if line is not None]
    return answer


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What a text may do.

    Attributes:
        named: Disks it may touch by naming them.
        unnamed: Those that a line without disks may touch.
    """

    named: tuple[str, ...]
    unnamed: tuple[str, ...]
    disks: tuple[str, ...]
    mounts: frozenset[str]
    groups: frozenset[str]


@lru_cache(maxsize=1024)
def _words(line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line, comments=True))
    except ValueError:
        return tuple(line.split())


class _Cutting:
    def __init__(self, allowed: _Allowed) -> None:
        self._allowed = allowed
        self.answer = Restricted()
        self._gone: set[str] = set()

    def line(self, line: str) -> str | None:
        """The line, shortened where it must be, or None."""
        words = _words(line)
        command = words[0] if words else ""
        if command == "clearpart":
            return self._clear(line, words)
        if command in ("part", "partition"):
            return self._part(line, words)
        if command in ("raid", "volgroup", "logvol", "btrfs"):
            return self._stacked(line, words)
        everywhere = set(self._allowed.disks) <= set(self._allowed.unnamed)
        # These act on every disk the installer sees.
        return None if command in ("autopart", "zerombr") and not everywhere else line

    def _clear(self, line: str, words: tuple[str, ...]) -> str | None:
        if "--none" in words:
            return line
        listed = [word for word in words if word.startswith("--list=")]
        if listed:
            names = [one for one in listed[-1].partition("=")[2].split(",") if one]
            kept = [one for one in names if self._takes(_disk_of(one, self._allowed.disks))]
            return None if not kept else line.replace(listed[-1], f"--list={','.join(kept)}")
        drives = drives_of(words)
        named = list(self._allowed.disks) if drives is None else list(drives)
        kept = [one for one in named if self._takes(one, named=drives is not None)]
        if len(kept) == len(named):
            return line
        if not kept:
            return None
        rest = [word for word in words if not word.startswith("--drives=")]
        if "--drives" in rest:
            at = rest.index("--drives")
            rest = rest[:at] + rest[at + 2 :]
        return " ".join((*rest, f"--drives={','.join(kept)}"))

    def _part(self, line: str, words: tuple[str, ...]) -> str | None:
        mount = words[1] if len(words) > 1 else ""
        onpart = _option(words, "--onpart") or _option(words, "--usepart")
        disk = _option(words, "--ondisk") or _option(words, "--ondrive") or _disk_of(onpart, self._allowed.disks)
        room = bool(disk) or bool(self._allowed.named)
        if room and (not disk or self._takes(disk.removeprefix("/dev/"))) and mount not in self._allowed.mounts:
            return line
        self._gone.add(mount)
        return None

    def _stacked(self, line: str, words: tuple[str, ...]) -> str | None:
        plain = [word for word in words[1:] if not word.startswith("--")]
        name = plain[0] if plain else ""
        group = _option(words, "--vgname")
        if words[0] == "volgroup" and name in self._allowed.groups:
            if len(plain) > 1:
                # Another group of that name: its volumes are not those of the one that is used again.
                self._gone.add(name)
            return None
        broken = name in self._allowed.mounts or group in self._gone or any(word in self._gone for word in plain[1:])
        if not broken:
            return line
        if words[0] != "logvol":
            self._gone.add(name)
        return None

    def _takes(self, disk: str, *, named: bool = True) -> bool:
        if disk in self._allowed.disks and disk not in (self._allowed.named if named else self._allowed.unnamed):
            self.answer.refused[disk] = self.answer.refused.get(disk, 0) + 1
            return False
        if disk in self._allowed.disks and disk not in self.answer.used:
            self.answer.used.append(disk)
        return True


def _option(words: Sequence[str], name: str) -> str:
    for index, word in enumerate(words):
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
        if word == name and index + 1 < len(words):
            return words[index + 1]
    return ""


def _disk_of(partition: str, disks: Sequence[str]) -> str:
    name = partition.removeprefix("/dev/")
    if name in disks:
        return name
    split = split_partition(name)
    return split[0] if split else ""
