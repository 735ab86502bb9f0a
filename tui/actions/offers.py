"""What the footer offers: only what can be done to what is targeted, and how many it would touch. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.hypervisor.model import DomainState
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from core.outcome import Allowed, Verdict
from tui.actions.action import Action, Context
from tui.actions.keymap import Keymap
from tui.actions.table import BY_ID, LIFECYCLE, actions_in
from tui.text import count

Check = Callable[[str, VmView, ContainerView], Verdict]
"""`core.operations.capabilities.allowed`."""

COUNTED_AT_MOST = 300
"""Beyond this many targets the footer asks only once for all that are alike, so that it stays cheap."""

_ALWAYS = ("vm.add",)
_ON_ANY = ("vm.edit",)


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry of the footer.

    Attributes:
        touched: How many VMs it would touch; None where that is all of the targets or has no meaning.
    """

    action_id: str
    key: str
    label: str
    touched: int | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """The whole footer: whom it is about, what can be done to them, what can be done anyway."""

    subject: str = ""
    offers: tuple[Offer, ...] = ()
    general: tuple[Offer, ...] = ()


def find_targets(snapshot: InventorySnapshot, keys: Sequence[VmKey]) -> list[tuple[VmView, ContainerView]]:
    """The VMs that still exist among these keys, each with its container."""
    wanted = set(keys)
    return [
        (vm, container)
        for container in snapshot.containers
        if wanted
        for vm in container.vms
        if vm.key in wanted
    ]  # fmt: skip


def pause_split(targets: Sequence[tuple[VmView, ContainerView]]) -> tuple[list[VmKey], list[VmKey]]:
    """What the pause key would pause, and what it would resume."""
    running = [vm.key for vm, _ in targets if vm.state is DomainState.RUNNING]
    paused = [vm.key for vm, _ in targets if vm.state is DomainState.PAUSED]
    return running, paused


def make_offers(
    snapshot: InventorySnapshot,
    keys: Sequence[VmKey],
    *,
    marked: bool,
    keymap: Keymap,
    check: Check,
    read_only: bool = False,
    context: Context = Context.TREE,
    container: str = "",
) -> Offers:
    """Work out the footer for a target set.

    Args:
        snapshot: The newest state.
        keys: The targets: the marked VMs, else the cursor's.
        marked: The targets are marked rather than under the cursor.
        keymap: Keys in force.
        check: Says whether a verb can be done to a VM now.
        read_only: Nothing that changes something is offered.
        context: The view the footer belongs to.
        container: The cursor's container, for its name when nothing is targeted.
    """
    targets = find_targets(snapshot, keys)
    asked = targets if len(targets) <= COUNTED_AT_MOST else _one_of_each(targets)
    offers: list[Offer] = []
    if not read_only:
        for action in LIFECYCLE:
            if action.id == "vm.remove":
                offers.extend(_lifecycle(replace(BY_ID["vm.move"], verb="move"), asked, len(targets), keymap, check))
                if any(vm.defined for vm, _ in asked):
                    offers.append(_offer(BY_ID["vm.console"], keymap))
            offers.extend(_lifecycle(action, asked, len(targets), keymap, check))
        if context is Context.TREE:
            offers.extend(_offer(action, keymap) for action in actions_in(context) if action.id in _ALWAYS)
        if len(targets) == 1 and targets[0][0].record is not None:
            offers.extend(_offer(action, keymap) for action in actions_in(context) if action.id in _ON_ANY)
    general = [
        _offer(action, keymap) for action in actions_in(context) if action.footer is not None and action.footer >= 900
    ]
    kept = tuple(offer for offer in offers if offer.key)
    subject = _subject(targets, marked, container)
    return Offers(f"read-only  {subject}".rstrip() if read_only else subject, kept, tuple(general))


def _offer(action: Action, keymap: Keymap) -> Offer:
    return Offer(action.id, keymap.shown(action.id), action.label)


def _lifecycle(
    action: Action, targets: Sequence[tuple[VmView, ContainerView]], total: int, keymap: Keymap, check: Check
) -> list[Offer]:
    if not targets:
        return []
    verbs = {"pause": "Pause", "resume": "Resume"} if action.verb == "pause" else {action.verb: action.label}
    counts = {label: _touched(verb, targets, check) for verb, label in verbs.items()}
    able = {label: number for label, number in counts.items() if number}
    if not able:
        return []
    key = keymap.shown(action.id)
    if len(able) > 1:
        return [Offer(action.id, key, "/".join(able), None)]
    label, number = next(iter(able.items()))
    return [Offer(action.id, key, label, None if number == total or total > COUNTED_AT_MOST else number)]


def _one_of_each(targets: Sequence[tuple[VmView, ContainerView]]) -> list[tuple[VmView, ContainerView]]:
    """One target of every kind that `Check` may tell apart."""
    kinds: dict[object, tuple[VmView, ContainerView]] = {}
    for vm, container in targets:
        kind = (container.name, vm.state, vm.defined, vm.drift, vm.lock is None, vm.record is None, vm.managed_save)
        kinds.setdefault(kind, (vm, container))
    return list(kinds.values())


def _touched(verb: str, targets: Sequence[tuple[VmView, ContainerView]], check: Check) -> int:
    return sum(isinstance(check(verb, vm, container), Allowed) for vm, container in targets)


def _subject(targets: Sequence[tuple[VmView, ContainerView]], marked: bool, container: str) -> str:
    if not marked:
        return targets[0][0].name if targets else container
    containers = len({vm.key.container for vm, _ in targets})
    many = f" on {count(containers, 'container')}" if containers > 1 else ""
    return f"{len(targets)} marked{many}"
