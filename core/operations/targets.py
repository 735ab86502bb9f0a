"""From what the operator pointed at to rows of the snapshot. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from core.operations.plan import RefusedTarget


@dataclass(frozen=True, slots=True)
class Target:
    """A VM with the container of its row."""

    vm: VmView
    container: ContainerView


class _Index:
    def __init__(self, snapshot: InventorySnapshot) -> None:
        self.by_key: dict[VmKey, Target] = {}
        self.by_name: dict[str, list[Target]] = {}
        for container in snapshot.containers:
            for vm in container.vms:
                target = Target(vm, container)
                self.by_key[vm.key] = target
                self.by_name.setdefault(vm.name.casefold(), []).append(target)


def find_targets(
    wanted: Sequence[VmKey | str], snapshot: InventorySnapshot
) -> tuple[list[Target], list[RefusedTarget]]:
    """The rows meant, each once, in the order given.

    A name means the VM the store has by that name, on the container where its domain is; a name only containers know
    must be the only one of its kind.
    """
    index = _Index(snapshot)
    found: dict[VmKey, Target] = {}
    refused: list[RefusedTarget] = []
    for one in wanted:
        target = _by_name(one, index) if isinstance(one, str) else index.by_key.get(one)
        if isinstance(target, Target):
            found.setdefault(target.vm.key, target)
        elif isinstance(target, str):
            refused.append(RefusedTarget(None, str(one), target))
        else:
            name = one if isinstance(one, str) else one.uuid
            key = None if isinstance(one, str) else one
            gone = "there is no VM of this name" if key is None else "is gone since it was chosen"
            refused.append(RefusedTarget(key, name, gone))
    return list(found.values()), refused


def _by_name(name: str, index: _Index) -> Target | str | None:
    same = index.by_name.get(name.casefold(), [])
    known = [one for one in same if one.vm.record is not None]
    home = next((one for one in known if one.vm.record and one.vm.record.container == one.container.name), None)
    if home is not None and home.vm.defined:
        return home
    placed = [one for one in known if one.vm.defined]
    if placed:
        return placed[0]
    if home is not None:
        return home
    if len(same) > 1:
        places = ", ".join(one.container.name for one in same)
        return f"there are {len(same)} domains of this name ({places}): choose one in the tree"
    return same[0] if same else None
