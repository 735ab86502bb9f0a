"""What the footer offers: only what can be done to what is targeted, and how many it would touch. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.hypervisor.model import DomainState
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from core.outcome import Allowed, Verdict
from tui.actions.action import Action, Context
from tui.actions.keymap import Keymap
from tui.actions.table import actions_in
from tui.text import count

Check = Callable[[str, VmView, ContainerView], Verdict]
"""`core.operations.capabilities.allowed`."""

COUNTED_AT_MOST = 300
"""Beyond this many targets the footer asks only once for all that are alike, so that it stays cheap."""

GENERAL = 890
"""From this place in the table on, an action is offered whatever is targeted."""

_VERBS = {"vm.move": "move"}
"""Verbs that decide whether an action is offered, where the table has none because the action asks first."""


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
    row: str = "",
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
        container: The container whose row the cursor is on or in.
        row: The name of the cursor's row, for when nothing is targeted.
    """
    targets = find_targets(snapshot, keys)
    scene = _Scene(targets, marked, context, container, check, keymap)
    asked = actions_in(context)
    ordered = sorted((action for action in asked if action.footer is not None), key=lambda action: action.footer or 0)
    offers = [
        offer
        for action in ordered
        if (action.footer or 0) < GENERAL and not (read_only and action.writes)
        for offer in scene.offers(action)
        if offer.key
    ]
    general = [_offer(action, keymap) for action in ordered if (action.footer or 0) >= GENERAL]
    subject = _subject(targets, marked, row or container)
    return Offers(f"read-only  {subject}".rstrip() if read_only else subject, tuple(offers), tuple(general))


class _Scene:
    """What the footer is about, and which actions it has something to offer for."""

    def __init__(
        self,
        targets: Sequence[tuple[VmView, ContainerView]],
        marked: bool,
        context: Context,
        container: str,
        check: Check,
        keymap: Keymap,
    ) -> None:
        self._total = len(targets)
        self._marked = marked
        self._context = context
        self._asked = targets if len(targets) <= COUNTED_AT_MOST else _one_of_each(targets)
        self._on_container = bool(container) and not targets
        self._single = targets[0][0] if len(targets) == 1 else None
        self._check = check
        self._keymap = keymap

    def offers(self, action: Action) -> list[Offer]:
        """What an action offers here: mostly one entry or none."""
        verb = action.verb or _VERBS.get(action.id, "")
        if verb:
            return self._of_verb(action, verb)
        possible = _POSSIBLE.get(action.id)
        return [_offer(action, self._keymap)] if possible is None or possible(self) else []

    def any_defined(self) -> bool:
        """Some target exists on its container."""
        return any(vm.defined for vm, _ in self._asked)

    def all_startable(self) -> bool:
        """Every target is in the store and could be started."""
        return bool(self._asked) and all(
            vm.record is not None and isinstance(self._check("start", vm, container), Allowed)
            for vm, container in self._asked
        )

    def one_in_store(self) -> bool:
        """One VM that the store has is targeted."""
        return self._single is not None and self._single.record is not None

    def one_node(self) -> bool:
        """The cursor, and no mark, is on one node of the store: such a VM, or a container."""
        return self._on_container or (not self._marked and self.one_in_store())

    def in_tree(self) -> bool:
        """The footer is the tree's."""
        return self._context is Context.TREE

    def on_container(self) -> bool:
        """The cursor is on a container's row."""
        return self._on_container

    def _of_verb(self, action: Action, verb: str) -> list[Offer]:
        verbs = {"pause": "Pause", "resume": "Resume"} if verb == "pause" else {verb: action.label}
        counts = {label: self._touched(one) for one, label in verbs.items()}
        able = {label: number for label, number in counts.items() if number}
        if not able:
            return []
        key = self._keymap.shown(action.id)
        if len(able) > 1:
            return [Offer(action.id, key, "/".join(able), None)]
        label, number = next(iter(able.items()))
        alike = number == self._total or self._total > COUNTED_AT_MOST
        return [Offer(action.id, key, label, None if alike else number)]

    def _touched(self, verb: str) -> int:
        return sum(isinstance(self._check(verb, vm, container), Allowed) for vm, container in self._asked)


_POSSIBLE: Mapping[str, Callable[[_Scene], bool]] = {
    "vm.console": _Scene.any_defined,
    "vm.partitions": _Scene.one_node,
    "vm.install": _Scene.all_startable,
    "vm.edit": _Scene.one_in_store,
    "vm.add": _Scene.in_tree,
    "vm.drain": _Scene.on_container,
    "tree.mark": _Scene.on_container,
}
"""When an action without a verb is offered; one that is not here always is."""


def _offer(action: Action, keymap: Keymap) -> Offer:
    return Offer(action.id, keymap.shown(action.id), action.label)


def _one_of_each(targets: Sequence[tuple[VmView, ContainerView]]) -> list[tuple[VmView, ContainerView]]:
    """One target of every kind that `Check` may tell apart."""
    kinds: dict[object, tuple[VmView, ContainerView]] = {}
    for vm, container in targets:
        kind = (container.name, vm.state, vm.defined, vm.drift, vm.lock is None, vm.record is None, vm.managed_save)
        kinds.setdefault(kind, (vm, container))
    return list(kinds.values())


def _subject(targets: Sequence[tuple[VmView, ContainerView]], marked: bool, row: str) -> str:
    if not marked:
        return targets[0][0].name if targets else row
    containers = len({vm.key.container for vm, _ in targets})
    many = f" on {count(containers, 'container')}" if containers > 1 else ""
    return f"{len(targets)} marked{many}"
