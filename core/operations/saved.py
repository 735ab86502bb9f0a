"""What the store remembers of memory saved to a file: two attributes of the VM's node.

`saved_file` names the file. It is set before the memory is written and removed after it was restored, and
`saved_file_used` is set while it is being restored. Whoever is killed in between leaves a VM whose memory may be
lost, never one whose old memory is resumed over newer disks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.inventory.records import SAVED_ATTRIBUTE
from core.store.records import Scope

if TYPE_CHECKING:
    from core.store.store import Store

USED_ATTRIBUTE = "saved_file_used"


def mark_saved(store: Store, vm: str, path: str) -> None:
    """Remember where the memory of a VM goes. Does nothing for a VM that is not in the store. Raises StoreError."""
    _set(store, vm, {SAVED_ATTRIBUTE: path, USED_ATTRIBUTE: None})


def mark_used(store: Store, vm: str) -> None:
    """Remember that a restore has begun. Raises StoreError."""
    _set(store, vm, {USED_ATTRIBUTE: "yes"})


def unmark_used(store: Store, vm: str) -> None:
    """The restore failed for certain: the file is as good as before. Raises StoreError."""
    _set(store, vm, {USED_ATTRIBUTE: None})


def forget_saved(store: Store, vm: str) -> None:
    """There is no saved memory any more. Raises StoreError."""
    _set(store, vm, {SAVED_ATTRIBUTE: None, USED_ATTRIBUTE: None})


def was_used(store: Store, vm: str) -> bool:
    """A restore of the file has begun and nobody saw its end. Raises StoreError."""
    with store.reading() as rows:
        node = rows.nodes.find(vm)
        return node is not None and rows.attributes.find(Scope.HOST, node.id, USED_ATTRIBUTE) is not None


def saved_path(store: Store, vm: str) -> str:
    """Where the memory of a VM is saved, or is being saved; empty when it is not. Raises StoreError."""
    with store.reading() as rows:
        node = rows.nodes.find(vm)
        return (rows.attributes.find(Scope.HOST, node.id, SAVED_ATTRIBUTE) or "") if node is not None else ""


def _set(store: Store, vm: str, values: dict[str, str | None]) -> None:
    with store.begin() as rows:
        node = rows.nodes.find(vm)
        if node is None:
            return
        for name, value in values.items():
            if value is None:
                rows.attributes.remove(Scope.HOST, node.id, name)
            else:
                rows.attributes.set(Scope.HOST, node.id, name, value)
