"""What the steps of an install do; each may be run again after a crash at any point of it.

The plan holds no secret: the ticket is issued when the VM is booted, and its token goes into the domain that runs
now, never into the lasting definition.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.errors import Cancelled, DomainNotFound, InstallError
from core.hypervisor.model import DomainFacts, DomainState, DomainUuid
from core.install.bootfiles import fetch, put
from core.install.booting import (
    MOST_BOOTS,
    boot_again,
    boot_installer,
    boots_of,
    console_of,
    console_start,
    lasting_definition,
    node_id,
    record_of,
    settings_of,
    shell_of,
    text_of,
)
from core.install.following import Follower, Standing
from core.install.health import silence_of
from core.install.tickets import withdraw
from core.operations.perform import StepProgress, Surroundings
from core.operations.plan import Step, StepKind

if TYPE_CHECKING:
    from core.hypervisor.api import Hypervisor

LOOK_S = 2.0
OFF_S = 180.0
"""How long an installed VM may take to reboot, which ends its domain."""

_ACTIVE = frozenset({DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN})
_WHOLE = 50_000_000
"""Progress is told in bytes: an install counts as much as this many."""


def _put_installer(step: Step, around: Surroundings) -> None:
    with shell_of(step) as shell:
        for source in (text_of(step, "kernel"), text_of(step, "initrd")):
            path = fetch(source)
            if shell is not None:
                put(shell, path, around.notes.append)


def _install(step: Step, around: Surroundings) -> None:
    """Boot the installer: the lasting definition boots from disk again before this returns, whatever happens."""
    lasting = lasting_definition(around, step.vm)
    if _is_active(around) and _open_install(around, step.vm) is not None:
        # The worker died after the boot: it installs already.
        around.hypervisor.define(lasting)
        around.notes.append("its installer was running already")
        return
    if around.cancelled():
        raise Cancelled("cancelled", "its installer was not booted, and its disks are as they were")
    around.kept["install"] = boot_installer(step, around)


def _follow(step: Step, around: Surroundings) -> None:
    install = _last_install(around, step.vm)
    if install is None:
        raise InstallError(f"could not follow the install of {step.vm}", "it was never booted")
    record = record_of(around, step.vm)
    with shell_of(step) as shell:
        console = console_of(record, shell, around.hypervisor.host().driver, console_start(around, install))
        container = _Container(step, around)
        url = text_of(step, "service")
        follower = Follower(
            around.store,
            settings_of(step),
            install,
            container,
            around.uuid,
            console,
            service_answers=lambda: not silence_of(url),
        )
        standing = _watch(step, around, follower)
        while standing.stopped and boots_of(around, install) < MOST_BOOTS:
            around.say(f"{step.vm}: it stopped before anything was changed, and its installer is booted again")
            boot_again(step, around, install)
            standing = _watch(step, around, follower)
        if standing.stopped:
            standing = follower.give_up("the VM stopped again and again before its install began")
    if standing.failed:
        shown = f"\n{standing.console}" if standing.console else ""
        around.say(f"{step.vm}: {standing.failed}{shown}")
        last = standing.console.rpartition("\n")[2]
        said = f'; its console said last "{last}"' if last else ""
        remedy = f"`list host install {step.vm}` tells more, `create host vm {step.vm}` tries again"
        raise InstallError("the install failed", standing.failed + said, remedy)
    give_up_at = time.monotonic() + OFF_S
    while not follower.is_off():
        if time.monotonic() > give_up_at:
            container.now.destroy(around.uuid)
            around.notes.append(f"it did not reboot within {OFF_S:.0f} s of its install's end and was powered off")
            break
        time.sleep(LOOK_S)


class _Container:
    """The container as it is connected now: an install outlives a connection that breaks and comes back."""

    def __init__(self, step: Step, around: Surroundings) -> None:
        self._step = step
        self._around = around

    @property
    def now(self) -> Hypervisor:
        """Raises HypervisorError while there is no connection."""
        if self._around.fleet is None:
            return self._around.hypervisor
        return self._around.at(self._step.container)

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain."""
        return self.now.domain(uuid)


def _watch(step: Step, around: Surroundings, follower: Follower) -> Standing:
    before = ""
    while True:
        standing = follower.look()
        if standing.over:
            if not standing.failed:
                around.say(f"{step.vm}: {_bar(100.0)} installed")
            return standing
        if standing.text != before:
            around.say(f"{step.vm}: {_bar(standing.percent)} {standing.text}")
            before = standing.text
        around.told(StepProgress(int(_WHOLE * standing.percent / 100), _WHOLE, note=standing.text))
        if around.cancelled():
            with around.store.begin() as rows:
                withdraw(rows, node_id(rows, step.vm), "cancelled by an operator")
            raise Cancelled(
                "not followed any more",
                "its ticket is withdrawn, and its installer stands where it was",
                f"`stop host vm {step.vm}` powers it off, `create host vm {step.vm}` installs it anew",
            )
        time.sleep(LOOK_S)


def _bar(percent: float) -> str:
    full = int(percent / 10)
    return f"[{'#' * full}{'.' * (10 - full)}]"


def _is_active(around: Surroundings) -> bool:
    try:
        return around.hypervisor.domain(around.uuid).state in _ACTIVE
    except DomainNotFound:
        return False


def _open_install(around: Surroundings, name: str) -> int | None:
    with around.store.reading() as rows:
        found = rows.installs.open_of(node_id(rows, name))
    return found[0].id if found else None


def _last_install(around: Surroundings, name: str) -> int | None:
    with around.store.reading() as rows:
        found = rows.installs.of_node(node_id(rows, name), limit=1)
    return found[0].id if found else None


INSTALLS: Mapping[StepKind, Callable[[Step, Surroundings], None]] = {
    StepKind.PUT_INSTALLER: _put_installer,
    StepKind.INSTALL: _install,
    StepKind.FOLLOW: _follow,
}
