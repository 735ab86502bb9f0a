"""What can be done to a VM now, and if not, why not: the one place that the footer and the plans both ask. Pure.

Verbs are Rocks' (``start``, ``stop``, ``pause``, ``resume``, ``save``, ``restore``, ``remove``), the other actions of
``stop`` by their own names (``shutdown``, ``reset``, ``reboot``), and ``adopt``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import ContainerView, Drift, Lock, VmView
from core.outcome import Allowed, Refused, Verdict

VERBS = (
    "start",
    "stop",
    "shutdown",
    "reset",
    "reboot",
    "pause",
    "resume",
    "save",
    "restore",
    "remove",
    "adopt",
)
"""Every verb `allowed` and `core.operations.planning.plan_action` know."""

ACTIVE = frozenset({DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN})

_NODE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")

_WORDS = {
    DomainState.RUNNING: "is running",
    DomainState.PAUSED: "is paused",
    DomainState.SHUTTING_DOWN: "is shutting down",
    DomainState.SHUT_OFF: "is off",
    DomainState.SAVED: "is saved",
    DomainState.CRASHED: "has crashed",
    DomainState.UNKNOWN: "is in an unknown state",
}


def allowed(
    verb: str,
    vm: VmView,
    container: ContainerView,
    *,
    read_only: bool = False,
    parameters: Mapping[str, str] | None = None,
) -> Verdict:
    """Whether a verb can be applied to a VM now.

    Args:
        container: The container of the row.
        read_only: Quarry was told to change nothing.
        parameters: Of the command, already checked: ``force=yes`` removes the rows of a VM whose container cannot be
            asked, ``cluster=yes`` removes a cluster's frontend with its cluster, ``discard=yes`` boots in spite of
            saved memory, ``file=`` names what to restore.

    Returns:
        `Allowed`, with what the operator should know, or `Refused` with what is wrong and what to do instead.
    """
    rule = _RULES.get(verb)
    if rule is None:
        return Refused(f'"{verb}" is no action: use one of {", ".join(VERBS)}')
    if read_only:
        return Refused("Quarry was started read-only: leave out --read-only to change anything")
    if vm.lock is not None:
        return Refused(held_by(vm.lock))
    given = parameters or {}
    if verb == "remove" and given.get("cluster") != "yes" and is_home(vm) and vm.record and vm.record.heads_cluster:
        return Refused(f"is the frontend of a cluster: use `remove cluster {vm.name}`")
    away = _placed_wrong(verb, vm)
    if away is not None:
        return away
    if verb == "remove" and (given.get("force") == "yes" or not container.uri):
        return _remove_unseen(vm, container)
    if not container.uri:
        return Refused(
            f"is on {container.name}, which has no libvirt URI: "
            f"set one with `set host attr {container.name} libvirt_uri URI`"
        )
    if container.link is not LinkState.UP or vm.stale_since_s is not None:
        why = f" ({container.link_reason})" if container.link_reason else ""
        extra = "; force=yes removes its rows all the same" if verb == "remove" else ""
        remedy = container.link_remedy or "try again when it is back"
        return Refused(f"is on {container.name}, which cannot be reached{why}: {remedy}{extra}")
    return rule(vm, container, given)


def held_by(lock: Lock) -> str:
    """Why a VM that somebody holds is left alone, and what to do about it."""
    if lock.job is None:
        return f"is held by {lock.owner} ({lock.reason}): wait until it is released"
    remedy = f"`watch job {lock.job}` follows it"
    if "interrupted" in lock.reason:
        remedy = f"`resume job {lock.job}` goes on with it, or back with rollback=yes"
    return f"is held by {lock.owner} ({lock.reason}, job {lock.job}): {remedy}"


def _placed_wrong(verb: str, vm: VmView) -> Refused | None:
    if vm.drift is Drift.ELSEWHERE and not vm.defined:
        return Refused(
            f"is {vm.drift_detail}, not on {vm.key.container} as the store says: act on it there, or correct the"
            f" store with `set host vm {vm.name} physnode=…`"
        )
    if vm.drift is Drift.ELSEWHERE and verb == "start":
        return Refused(
            f"is on {vm.key.container} but {vm.drift_detail}: correct the store with `set host vm {vm.name}"
            f" physnode={vm.key.container}`, or remove it here"
        )
    if vm.drift is Drift.DUPLICATE and verb in ("start", "restore", "resume", "adopt"):
        return Refused(
            f"has the same UUID as a domain {vm.drift_detail.removeprefix('also ')}: two running copies would destroy"
            " its disks; remove one of the two first"
        )
    if verb == "remove" and vm.drift is Drift.DUPLICATE and vm.record is not None and is_home(vm):
        return Refused(f"exists {vm.drift_detail}: remove that copy first")
    return None


def managed_save_reason(vm: VmView) -> str:
    """Why a VM with memory that libvirt itself saved is not moved; empty for one without.

    That memory is in libvirt's own folder and belongs to the definition: nothing can take it along, and undefining
    the VM deletes it.
    """
    if not vm.managed_save:
        return ""
    if vm.state in ACTIVE:
        return "has old memory that libvirt itself saved: drop that with `virsh managedsave-remove` first"
    return "has memory that libvirt itself saved: start it, or drop it with `virsh managedsave-remove`, first"


def is_home(vm: VmView) -> bool:
    """The row is on the container where the store has the VM."""
    return vm.record is not None and vm.record.container == vm.key.container


def _remove_unseen(vm: VmView, container: ContainerView) -> Verdict:
    if vm.record is None or not is_home(vm):
        return Refused(f"is not in the store on {container.name}, and {container.name} cannot be asked to forget it")
    return Allowed(f"{container.name} is not asked: a domain it may have stays")


def _in_words(vm: VmView) -> str:
    return _WORDS[vm.state]


def _start(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state is DomainState.PAUSED:
        return Refused("is paused: resume it")
    if vm.state in ACTIVE:
        return Refused(f"{_in_words(vm)} already")
    if vm.state is DomainState.CRASHED and vm.defined:
        # `on_crash` preserves it, so to libvirt it is active.
        return Refused("has crashed and is kept to be looked at: stop it first")
    if vm.state is DomainState.UNKNOWN:
        return Refused("is in an unknown state: refresh, or look at its container")
    if vm.managed_save and given.get("discard") == "yes":
        return Refused("has memory that libvirt itself saved: start restores it; `virsh managedsave-remove` drops it")
    if vm.state is DomainState.SAVED and not vm.managed_save and given.get("discard") != "yes":
        return Refused("has saved memory: restore it, or give discard=yes to throw that away and boot")
    if not vm.defined and vm.record is not None:
        namesake = next((one for one in container.vms if one.name == vm.name and one.record is None), None)
        if namesake is not None:
            return Refused(
                f"{container.name} has a domain of this name with another UUID ({namesake.key.uuid}): adopt that one"
            )
    return Allowed("its saved memory is restored" if vm.managed_save else "")


def _stop(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state in ACTIVE or (vm.state is DomainState.CRASHED and vm.defined):
        return Allowed("" if vm.persistent else "it has no definition: it is gone when it stops")
    if vm.state is DomainState.SHUT_OFF:
        return Refused("is off already")
    return Refused(f"{_in_words(vm)}: there is nothing to stop")


def _ask_guest(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state is DomainState.RUNNING:
        return Allowed()
    if vm.state is DomainState.PAUSED:
        return Refused("is paused and cannot hear it: resume it first, or stop it")
    return Refused(f"{_in_words(vm)}: only a running VM can be asked")


def _reset(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state in (DomainState.RUNNING, DomainState.PAUSED):
        return Allowed()
    return Refused(f"{_in_words(vm)}: only a running or paused VM can be reset")


def _pause(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state is DomainState.RUNNING:
        return Allowed()
    return Refused("is paused already" if vm.state is DomainState.PAUSED else f"{_in_words(vm)}: it is not running")


def _resume(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state is DomainState.PAUSED:
        return Allowed()
    instead = {DomainState.SHUT_OFF: ": start it", DomainState.SAVED: ": restore it"}.get(vm.state, "")
    return Refused(f"{_in_words(vm)}, not paused{instead}")


def _save(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state in (DomainState.RUNNING, DomainState.PAUSED):
        return Allowed("" if vm.persistent else "it has no definition: only the file is left of it")
    return Refused(f"{_in_words(vm)}: only a running or paused VM has memory to save")


def _restore(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state in ACTIVE:
        return Refused(f"{_in_words(vm)} already")
    if vm.managed_save and given.get("file"):
        return Refused(
            "has memory that libvirt itself saved, which its next start would resume over what the file brings:"
            " leave out file= to restore that, or drop it with `virsh managedsave-remove` first"
        )
    known = vm.managed_save or (vm.record is not None and bool(vm.record.saved_file))
    if given.get("file") or (vm.state is DomainState.SAVED and known):
        return Allowed()
    if vm.state is DomainState.SAVED:
        return Refused("was saved to a file that Quarry does not know: name it with file=")
    return Refused(f"{_in_words(vm)} and nothing is known to be saved of it: start it, or name the file with file=")


def _remove(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.state in ACTIVE:
        return Refused(f"{_in_words(vm)}: stop it first")
    if vm.state is DomainState.UNKNOWN:
        return Refused("is in an unknown state: refresh, or look at its container")
    return Allowed("its saved memory is lost" if vm.state is DomainState.SAVED else "")


def _adopt(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    if vm.record is not None:
        return Refused("is in the store already")
    if not _NODE_NAME.fullmatch(vm.name):
        return Refused("has a name that no node can have: rename it on its container with `virsh domrename`")
    return Allowed()


def _move(vm: VmView, container: ContainerView, given: Mapping[str, str]) -> Verdict:
    """Whether it could move anywhere at all; `core.operations.move_checks` knows about a certain target."""
    if vm.record is None:
        return Refused("is not in the store: adopt it first")
    if vm.managed_save:
        return Refused(managed_save_reason(vm))
    if vm.state in (DomainState.UNKNOWN, DomainState.SHUTTING_DOWN, DomainState.CRASHED):
        return Refused(f"{_in_words(vm)}: wait, or stop it first")
    if vm.state in ACTIVE and not vm.persistent:
        return Refused("has no definition that could go with it")
    return Allowed()


_RULES: dict[str, Callable[[VmView, ContainerView, Mapping[str, str]], Verdict]] = {
    "start": _start,
    "stop": _stop,
    "shutdown": _ask_guest,
    "reboot": _ask_guest,
    "reset": _reset,
    "pause": _pause,
    "resume": _resume,
    "save": _save,
    "restore": _restore,
    "remove": _remove,
    "adopt": _adopt,
    "move": _move,
}
