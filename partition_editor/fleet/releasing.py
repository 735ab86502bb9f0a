"""Letting go of disks: their stamps found and removed over SSH, what would be lost named first. Blocking; workers.

Nothing here writes the store; `partition_editor.verbs.release_host_partition` does that once the stamps are gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.errors import RemoteError
from core.remote.ssh import Completed
from partition_editor.disks import MIB_SECTORS, Disk
from partition_editor.sources.naming import split_partition

STAMP = ".rocks-release"
TIMEOUT_S = 20.0
AT_ONCE = 16
ESCAPED = re.compile(r"\\([0-7]{3})")


class Shell(Protocol):
    """A node's shell: `core.remote.ssh.RemoteShell`."""

    def run(self, words: Sequence[str], timeout_s: float) -> Completed:
        """Run a command to its end."""

    def close(self) -> None:
        """Close the connection."""


Connect = Callable[[str], Shell]


@dataclass(frozen=True, slots=True)
class Release:
    """One node's disks and what letting go of them takes.

    Attributes:
        disks: Those to be released.
        losses: What is on them, a sentence each.
        stamps: Paths on the node.
        trouble: Why its stamps cannot be found or removed; empty when all is well.
        is_off: It is a VM that does not run, so nobody can look for stamps.
        is_blind: The operator wants no stamps looked for.
    """

    node: str
    disks: tuple[str, ...]
    losses: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    trouble: str = ""
    removed: bool = field(default=False)
    is_off: bool = False
    is_blind: bool = False

    @property
    def lines(self) -> list[str]:
        """For the confirmation: what is lost, and what will be run."""
        if not self.disks:
            return [f"{self.node}: left out: {self.trouble}"]
        shown = [f"{self.node}: release {', '.join(self.disks)}"]
        shown += [f"  lost: {one}" for one in self.losses]
        if self.trouble:
            shown.append(f"  left out: {self.trouble}")
        elif self.is_blind:
            shown.append("  its stamps stay: nobody looks for them")
        elif self.is_off:
            shown.append("  it is off: its stamps stay, and Quarry formats the disks all the same")
        elif self.stamps:
            shown.append(f"  ssh {self.node} rm -f -- {' '.join(self.stamps)}")
        else:
            shown.append("  no stamp is on them")
        return shown


def contents(disks: Sequence[Disk], chosen: Collection[str]) -> tuple[str, ...]:
    """What is on the chosen disks, a sentence for each partition with data."""
    found = []
    for disk in disks:
        if disk.name in chosen:
            for one in disk.partitions:
                if one.has_data:
                    where = f" {one.mountpoint}" if one.mountpoint else ""
                    found.append(
                        f"{one.name}{where} ({one.length // MIB_SECTORS} MiB {one.fstype})".replace(" )", ")")
                    )
    return tuple(found)


def find_stamps(releases: Sequence[Release], connect: Connect) -> list[Release]:
    """Look on every node which stamps there are; a node that cannot be asked says why."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(lambda one: _guarded(one, connect, _find), releases))


def remove_stamps(releases: Sequence[Release], connect: Connect) -> list[Release]:
    """Remove the stamps that were found, and look again."""
    ready = [one for one in releases if not one.trouble and not one.is_off]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        done = {one.node: one for one in pool.map(lambda one: _guarded(one, connect, _remove), ready)}
    return [done.get(one.node, one) for one in releases]


def _guarded(one: Release, connect: Connect, work: Callable[[Release, Shell], Release]) -> Release:
    try:
        shell = connect(one.node)
        try:
            return work(one, shell)
        finally:
            shell.close()
    except RemoteError as error:
        return replace(one, trouble=error.sentence)


def _find(one: Release, shell: Shell) -> Release:
    mounts = mounted_on(shell.run(["cat", "/proc/mounts"], TIMEOUT_S).stdout, one.disks)
    if not mounts:
        return one
    found = shell.run(["find", *mounts, "-maxdepth", "1", "-name", STAMP, "-print0"], TIMEOUT_S)
    return replace(one, stamps=tuple(path for path in found.stdout.split("\0") if path.endswith(f"/{STAMP}")))


def _remove(one: Release, shell: Shell) -> Release:
    if one.stamps:
        done = shell.run(["rm", "-f", "--", *one.stamps], TIMEOUT_S)
        left = _find(replace(one, stamps=()), shell).stamps
        if left:
            why = done.stderr.strip().splitlines()
            return replace(one, trouble=f"{', '.join(left)} is still there: {why[-1] if why else 'rm says nothing'}")
    return replace(one, removed=True)


def mounted_on(mounts: str, disks: Collection[str]) -> list[str]:
    """Mount points of file systems on these disks, in what ``/proc/mounts`` says; arrays and volumes always count."""
    found = []
    for line in mounts.splitlines():
        words = line.split()
        if len(words) < 2 or not words[0].startswith("/dev/"):
            continue
        name = words[0].removeprefix("/dev/")
        split = split_partition(name)
        if name in disks or (split is not None and split[0] in disks) or name.startswith(("md", "mapper/")):
            path = ESCAPED.sub(lambda match: chr(int(match[1], 8)), words[1])
            if path.startswith("/") and path not in found:
                found.append(path)
    return found
