"""The locks of a job: taken when it is written down, kept over the death of its worker, released VM by VM."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from core.inventory.records import is_abandoned
from core.inventory.snapshot import VmKey
from core.operations.plan import Plan, TargetPlan

if TYPE_CHECKING:
    from core.store.repository import Repository


def take(rows: Repository, plan: Plan, who: str, job: int) -> dict[VmKey, str]:
    """Lock every target the store knows; say of each that somebody else holds why it is left alone."""
    refusals: dict[VmKey, str] = {}
    for target in plan.targets:
        node = node_of(rows, target)
        if node is None:
            continue
        held = rows.locks.holder(node)
        if held is not None and is_abandoned(held):
            rows.locks.release(node)
            held = None
        if held is None:
            rows.locks.take(node, owner=who, reason=plan.verb, pid=os.getpid(), host=socket.gethostname(), job=job)
        elif held.job != job:
            of_job = f", job {held.job}" if held.job is not None else ""
            refusals[target.key] = f"is held by {held.owner} ({held.reason}{of_job}): try again when it is released"
    return refusals


def release(rows: Repository, target: TargetPlan, job: int) -> None:
    """Let go of one VM, if this job holds it; the node of one that the job has removed is held no longer, either."""
    node = node_of(rows, target)
    if node is None:
        left = rows.nodes.find(target.name)
        node = left.id if left is not None else None
    if node is not None:
        rows.locks.release(node, job=job)


def node_of(rows: Repository, target: TargetPlan) -> int | None:
    """The VM's `nodes.id`; None when the store does not know it under this name and UUID."""
    vm = rows.vms.find(target.name)
    return vm.node if vm is not None and vm.uuid == target.key.uuid else None
