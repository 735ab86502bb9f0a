"""The store as the inventory reads it: fleet, locks, and where memory was saved. Imports no SQLAlchemy itself."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from core.hypervisor.model import DomainUuid
from core.inventory.snapshot import Lock, VmRecord
from core.inventory.state import FleetRecords
from core.store.records import LockRecord, Scope

if TYPE_CHECKING:
    from core.store.repository import Repository
    from core.store.store import Store

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
    saved = {
        one.target: one.value
        for one in rows.attributes.all()
        if one.scope is Scope.HOST and one.attr == SAVED_ATTRIBUTE and one.value
    }
    vms = tuple(_with_saved(one, saved) for one in fleet.vms) if saved else fleet.vms
    locks = rows.locks.all()
    uuids = {one.name: one.uuid for one in vms} if locks else {}
    return FleetRecords(fleet.containers, vms, fleet.frontend, _locks(locks, uuids))


def _with_saved(record: VmRecord, saved: dict[str, str]) -> VmRecord:
    path = saved.get(record.name)
    return record if path is None else dataclasses.replace(record, saved_file=path)


def _locks(locks: list[LockRecord], uuids: dict[str, DomainUuid]) -> dict[DomainUuid, Lock]:
    return {uuids[one.name]: Lock(one.owner, one.reason, one.job) for one in locks if one.name in uuids}
