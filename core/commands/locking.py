"""VMs a job holds: nobody else changes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.commands.refusal import refuse
from core.inventory.records import is_abandoned

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository


def refuse_locked(repository: Repository, nodes: Iterable[Node]) -> None:
    """Refuse to touch a VM a job or another operator holds.

    Raises:
        Refusal: Who holds it, and why.
    """
    held = {lock.node: lock for lock in repository.locks.all() if not is_abandoned(lock)}
    for node in nodes:
        lock = held.get(node.id)
        if lock is not None:
            job = f" (job {lock.job})" if lock.job is not None else ""
            refuse(f"{node.name} is held by {lock.owner}{job}: {lock.reason}; wait for it or cancel it")
