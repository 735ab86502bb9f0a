"""The store as the inventory reads it: fleet, locks, attributes, saved memory. Imports no SQLAlchemy itself."""

from __future__ import annotations

import dataclasses
import os
import socket
from typing import TYPE_CHECKING

from core.hypervisor.model import DomainUuid
from core.inventory.snapshot import Lock, VmRecord
from core.inventory.state import FleetRecords
from core.jobs.process import is_interrupted
from core.jobs.view import percent_of
from core.store.install_records import InstallStage
from core.store.records import LockRecord

if TYPE_CHECKING:
    from core.store.repository import Repository
    from core.store.store import Store

WAITS = "waits for you: P"
"""What an installing VM that waits for its operator is held for, as the tree shows it."""

SAVED_ATTRIBUTE = "saved_file"
"""Attribute of a VM's node that names the file its memory was saved to."""


class StoreFleet:
    """A `FleetSource` over the store. Safe to use from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def revision(self) -> int:
        """The store's counter of changes. Raises StoreError."""
        return self._store.revision()

    def fleet(self) -> FleetRecords:
        """Everything, as of one moment. Raises StoreError."""
        with self._store.reading() as rows:
            return read_records(rows)


def read_records(rows: Repository) -> FleetRecords:
    """The fleet of one transaction."""
    fleet = rows.fleet()
    vms = tuple(_with_saved_file(one) for one in fleet.vms)
    locks = [one for one in rows.locks.all() if not is_abandoned(one)]
    uuids = {one.name: one.uuid for one in vms} if locks else {}
    return FleetRecords(fleet.containers, vms, fleet.frontend, _locks(rows, locks, uuids))


def is_abandoned(lock: LockRecord) -> bool:
    """Its process ran on this host and is no more. Of other hosts nothing is known."""
    if lock.host != socket.gethostname() or lock.job is not None:
        return False
    try:
        os.kill(lock.pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _with_saved_file(record: VmRecord) -> VmRecord:
    saved = record.attributes.get(SAVED_ATTRIBUTE)
    return record if saved is None else dataclasses.replace(record, saved_file=saved)


def _locks(rows: Repository, locks: list[LockRecord], uuids: dict[str, DomainUuid]) -> dict[DomainUuid, Lock]:
    """Locks by VM; those of jobs with how far the job is with that VM, or that its worker is gone."""
    numbers = sorted({one.job for one in locks if one.job is not None})
    asking = {one.node for one in rows.installs.open() if one.stage is InstallStage.ASKING} if numbers else set()
    jobs, steps = rows.jobs.named(numbers), rows.jobs.steps_of(numbers)
    found: dict[DomainUuid, Lock] = {}
    for one in locks:
        if one.name not in uuids:
            continue
        job = jobs.get(one.job) if one.job is not None else None
        if job is None:
            found[uuids[one.name]] = Lock(one.owner, one.reason, one.job)
            continue
        percent = percent_of([step for step in steps.get(job.id, ()) if step.vm == one.name])
        reason = f"{one.reason}, interrupted" if job.state.is_over or is_interrupted(job) else one.reason
        if one.node in asking:
            reason = WAITS
        found[uuids[one.name]] = Lock(one.owner, reason, one.job, percent)
    return found
