"""Locks on the VMs a plan works on, so that two operators do not act on one VM at the same time.

A lock names its process. One whose process is gone from this host is a leftover of a crash and is taken over.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.inventory.records import is_abandoned
from core.inventory.snapshot import VmKey
from core.operations.plan import Plan
from core.store.records import LockRecord

if TYPE_CHECKING:
    from core.store.repository import Repository
    from core.store.store import Store

log = logging.getLogger(__name__)


def hold(store: Store, plan: Plan, who: str) -> tuple[list[int], dict[VmKey, str]]:
    """Lock every target the store knows, in one transaction.

    Returns:
        The node ids locked, for `let_go`, and why each target that somebody else holds is left alone.

    Raises:
        StoreError: The store cannot be written.
    """

    def work(rows: Repository) -> tuple[list[int], dict[VmKey, str]]:
        held: list[int] = []
        refusals: dict[VmKey, str] = {}
        for target in plan.targets:
            vm = rows.vms.find(target.name)
            if vm is None or vm.uuid != target.key.uuid:
                continue
            other = _take(rows, vm.node, who, plan.verb)
            if other is None:
                held.append(vm.node)
            elif not (other.pid == os.getpid() and vm.node in held):
                refusals[target.key] = f"is held by {other.owner} ({other.reason}): try again when it is released"
        return held, refusals

    return store.transact(work)


def let_go(store: Store, nodes: list[int]) -> None:
    """Release what `hold` took. A store that fails now leaves locks behind that the next taker finds abandoned."""
    if not nodes:
        return

    def work(rows: Repository) -> None:
        for node in nodes:
            rows.locks.release(node)

    try:
        store.transact(work)
    except StoreError as error:
        log.warning("locks left behind: %s", error.sentence)


def _take(rows: Repository, node: int, who: str, verb: str) -> LockRecord | None:
    host, pid = socket.gethostname(), os.getpid()
    other = rows.locks.take(node, owner=who, reason=verb, pid=pid, host=host)
    if other is not None and is_abandoned(other):
        rows.locks.release(node)
        other = rows.locks.take(node, owner=who, reason=verb, pid=pid, host=host)
    return other
