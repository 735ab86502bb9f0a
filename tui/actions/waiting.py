"""Notices about installing VMs: one begins to wait for its operator, installs have ended. Screen thread."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from core.hypervisor.model import ContainerName
from core.inventory.records import WAITS
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from tui.background import in_background
from tui.text import count

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from tui.fleet import Fleet

Told = tuple[str, "SeverityLevel"]
"""A notice and how grave it is."""

MOST_NAMED = 3
"""More VMs than that are counted in one notice."""

_INSTALLS = "create"
"""What an installing VM is held for."""


class WaitingNotices:
    """Fed with every snapshot that is shown; looks at what changed only."""

    def __init__(self, say: Callable[[str], None], ended: Callable[[Sequence[str]], None]) -> None:
        """Prepare.

        Args:
            say: Shows one notice.
            ended: Told the names of VMs whose installs are over, well or not.
        """
        self._say = say
        self._ended = ended
        self._seen: dict[ContainerName, ContainerView] = {}
        self._waiting: set[VmKey] = set()
        self._installing: set[VmKey] = set()

    def look(self, snapshot: InventorySnapshot) -> None:
        """Say which VMs have begun to wait, and pass on whose installs have ended."""
        begun: list[str] = []
        ended: list[str] = []
        for container in snapshot.containers:
            if self._seen.get(container.name) is container:
                continue
            self._seen[container.name] = container
            waiting = {vm.key: vm.name for vm in container.vms if vm.lock is not None and vm.lock.reason == WAITS}
            begun += [name for key, name in waiting.items() if key not in self._waiting]
            self._waiting = _with(self._waiting, container.name, waiting)
            installing = {vm.key for vm in container.vms if _installs(vm)}
            ended += [vm.name for vm in container.vms if vm.key in self._installing and vm.key not in installing]
            self._installing = _with(self._installing, container.name, installing)
        if len(begun) > MOST_NAMED:
            self._say(f"{count(len(begun), 'VM')} wait for you to partition their disks: P on each row")
        else:
            for name in begun:
                self._say(f"{name} waits for you to partition its disks: P on its row")
        if ended:
            self._ended(ended)


async def told_of_ended(fleet: Fleet, names: Sequence[str]) -> list[Told]:
    """What to say of installs that are over: which failed and why, and which key tries again."""
    # Only here, so that the tree opens without what installs need.
    from core.install.partitions import MISSING

    line = f"list host install {shlex.join(names)} output-format=json"
    printed = await in_background(partial(fleet.command, line, lambda _lines, _phrase: False), "installs")
    if printed.failed:
        return []
    rows = [row for row in json.loads(printed.out or "[]") if row["host"] in names]
    failed = [row for row in rows if row["stage"] == "failed"]
    told: list[Told] = [
        (f"{row['host']} was not installed: {row['detail']}. I tries again, J has its console.", "error")
        for row in failed[:MOST_NAMED]
    ]
    if len(failed) > MOST_NAMED:
        told.append((f"{count(len(failed), 'install')} failed; J says why, I tries again.", "error"))
    done = [row["host"] for row in rows if row["stage"] == "done"]
    for row in rows:
        missing = [one for one in (row["detail"] or "").split("; ") if one.endswith(MISSING)]
        if row["stage"] == "done" and missing:
            told.append((f"{row['host']} is not as it was told to be: {'; '.join(missing)}", "warning"))
    if done:
        told.append(
            (f"{', '.join(done) if len(done) <= MOST_NAMED else count(len(done), 'VM')} installed", "information")
        )
    return told


def _installs(vm: VmView) -> bool:
    return vm.lock is not None and (vm.lock.reason == WAITS or vm.lock.reason.split(",")[0] == _INSTALLS)


def _with(keys: set[VmKey], container: ContainerName, now: Iterable[VmKey]) -> set[VmKey]:
    """The keys, with those of one container as they are now."""
    return {key for key in keys if key.container != container} | set(now)
