"""The states an operator reads on the screen, and how a slice comes to one of them.

libvirt knows no "installing", "waiting" or "moving": those come from who holds the slice and from its console watch.
"""

from __future__ import annotations

from enum import Enum

from core.hypervisor.model import DomainState, LinkState
from core.inventory.records import WAITS
from core.inventory.snapshot import ContainerView, VmView
from tui.render.lines import Role


class Shown(Enum):
    """A slice's state; values are the words on the screen and in ``state:`` of the filter."""

    RUNNING = "running"
    PAUSED = "paused"
    SAVED = "saved"
    OFF = "off"
    INSTALLING = "installing"
    WAITING = "waiting"
    """Its installer waits for its operator to partition its disks."""
    MOVING = "moving"
    STOPPING = "stopping"
    CRASHED = "crashed"
    UNKNOWN = "unknown"


_FROM_DOMAIN = {
    DomainState.RUNNING: Shown.RUNNING,
    DomainState.PAUSED: Shown.PAUSED,
    DomainState.SHUTTING_DOWN: Shown.STOPPING,
    DomainState.SHUT_OFF: Shown.OFF,
    DomainState.SAVED: Shown.SAVED,
    DomainState.CRASHED: Shown.CRASHED,
    DomainState.UNKNOWN: Shown.UNKNOWN,
}

_ROLES = {
    Shown.RUNNING: Role.RUNNING,
    Shown.PAUSED: Role.PAUSED,
    Shown.SAVED: Role.SAVED,
    Shown.OFF: Role.OFF,
    Shown.INSTALLING: Role.BUSY,
    Shown.WAITING: Role.WARNING,
    Shown.MOVING: Role.BUSY,
    Shown.STOPPING: Role.BUSY,
    Shown.CRASHED: Role.CRASHED,
    Shown.UNKNOWN: Role.UNKNOWN,
}

_MOVING = ("move", "migrate", "drain")
_INSTALLING = ("install", "create", "anaconda")

LINK_WORDS = {LinkState.UP: "up", LinkState.DOWN: "down", LinkState.CONNECTING: "connecting"}
"""A container's connection in words."""


def last_known(vm: VmView) -> Shown:
    """The state as it was last known for sure, with work in progress told apart."""
    if vm.lock is not None:
        if vm.lock.reason == WAITS:
            return Shown.WAITING
        work = vm.lock.reason.partition(" ")[0].lower()
        if work in _MOVING:
            return Shown.MOVING
        if work in _INSTALLING:
            return Shown.INSTALLING
    if vm.state is DomainState.RUNNING and vm.boot.lower().startswith(_INSTALLING):
        return Shown.INSTALLING
    return _FROM_DOMAIN[vm.state]


def shown_state(vm: VmView) -> Shown:
    """The state to show now: unknown while the container cannot be asked."""
    return Shown.UNKNOWN if vm.stale_since_s is not None else last_known(vm)


def state_role(state: Shown) -> Role:
    """The role that colours a state."""
    return _ROLES[state]


def link_role(container: ContainerView) -> Role:
    """The role that colours a container's connection."""
    if container.link is LinkState.UP:
        return Role.RUNNING
    return Role.CRASHED if container.link is LinkState.DOWN else Role.BUSY
