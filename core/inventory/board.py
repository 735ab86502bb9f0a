"""The merged fleet, kept up to date change by change. No lock and no thread of its own: `Inventory` guards it.

A change costs the rows it concerns plus one pass over the rows of their containers; rows and containers that come out
equal stay the same objects, so that a painter can skip them by identity.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.hypervisor.model import ContainerName, DomainUuid, LinkState
from core.inventory.merge import ACTIVE_STATES, vm_view
from core.inventory.order import NaturalKey, natural_key
from core.inventory.snapshot import ContainerView, Lock, VmRecord, VmView
from core.inventory.state import ContainerState, FleetRecords
from core.store.records import ContainerRecord

_NOTHING_SAID = ContainerState()
URI_ATTRIBUTE = "libvirt_uri"
"""Host attribute that makes Quarry connect to a node."""
RowOrder = tuple[int, int, NaturalKey, str]
_NO_NAME: NaturalKey = ("", "")


@dataclass(slots=True)
class _Cell:
    """One container: its two sides and the rows made of them."""

    record: ContainerRecord
    state: ContainerState = _NOTHING_SAID
    at_home: dict[DomainUuid, VmRecord] = field(default_factory=dict)
    rows: dict[DomainUuid, VmView] = field(default_factory=dict)
    """In the order they are shown."""
    view: ContainerView | None = None


class Board:
    """All containers with their rows."""

    def __init__(self) -> None:
        self._cells: dict[ContainerName, _Cell] = {}
        self._order: list[ContainerName] = []
        self._records: dict[DomainUuid, VmRecord] = {}
        self._locks: Mapping[DomainUuid, Lock] = {}
        self._holders: dict[DomainUuid, tuple[ContainerName, ...]] = {}
        self._boots: dict[str, str] = {}
        self._views: tuple[ContainerView, ...] = ()
        self.frontend = ""

    @property
    def containers(self) -> tuple[ContainerView, ...]:
        """Every container with its rows, in the order they are shown."""
        return self._views

    def uris(self) -> dict[ContainerName, str]:
        """The containers Quarry connects to."""
        return {name: cell.record.uri for name, cell in self._cells.items() if cell.record.uri}

    def set_fleet(self, fleet: FleetRecords) -> bool:
        """Take over a newer reading of the store. Returns whether anything shown changed."""
        before = (self._views, self.frontend)
        self.frontend = fleet.frontend
        dirty: dict[ContainerName, set[DomainUuid] | None] = {}
        wanted = {one.name: one for one in fleet.containers}
        for name in [one for one in self._cells if one not in wanted]:
            self._hold(name, self._cells[name].state.domains, {}, dirty)
            del self._cells[name]
        for name, record in wanted.items():
            cell = self._cells.get(name)
            if cell is None:
                self._cells[name] = _Cell(record, _unsaid(record))
                dirty[name] = None
            elif cell.record != record:
                if cell.record.uri != record.uri:
                    self._hold(name, cell.state.domains, {}, dirty)
                    cell.state = _unsaid(record)
                cell.record = record
                dirty[name] = None
        self._take_records(fleet.vms, dirty)
        self._take_locks(fleet.locks, dirty)
        self._order = sorted(
            self._cells, key=lambda name: (not self._cells[name].record.is_frontend, natural_key(name))
        )
        self._rebuild(dirty)
        return (self._views, self.frontend) != before

    def set_state(self, name: ContainerName, state: ContainerState, changed: Collection[DomainUuid] | None) -> bool:
        """Take over what a container said.

        Args:
            changed: UUIDs whose facts or rates may differ from the last time; None for "look at all of them".

        Returns:
            Whether anything shown changed.
        """
        cell = self._cells.get(name)
        if cell is None or not cell.record.uri:
            return False
        before = self._views
        dirty: dict[ContainerName, set[DomainUuid] | None] = {}
        old = cell.state
        sweeping = changed is None or (old.listed, old.fresh, old.seen_at_s if not state.fresh else None) != (
            state.listed,
            state.fresh,
            state.seen_at_s if not state.fresh else None,
        )
        dirty[name] = None if sweeping or changed is None else set(changed)
        cell.state = state
        self._hold(name, old.domains, state.domains, dirty, None if changed is None else changed)
        self._rebuild(dirty)
        return self._views is not before

    def set_boot(self, name: str, stage: str) -> bool:
        """Take over a VM's boot stage; empty forgets it. Returns whether anything shown changed."""
        if self._boots.get(name, "") == stage:
            return False
        if stage:
            self._boots[name] = stage
        else:
            del self._boots[name]
        before = self._views
        dirty: dict[ContainerName, set[DomainUuid] | None] = {}
        for container, cell in self._cells.items():
            for uuid, row in cell.rows.items():
                if row.name == name:
                    _mark(dirty, container, uuid)
        self._rebuild(dirty)
        return self._views is not before

    def _hold(
        self,
        name: ContainerName,
        before: Mapping[DomainUuid, object],
        after: Mapping[DomainUuid, object],
        dirty: dict[ContainerName, set[DomainUuid] | None],
        only: Iterable[DomainUuid] | None = None,
    ) -> None:
        """Keep the index of who has which UUID; rows elsewhere that a change concerns become dirty."""
        for uuid in before.keys() | after.keys() if only is None else only:
            if (uuid in before) == (uuid in after):
                continue
            others = tuple(one for one in self._holders.get(uuid, ()) if one != name)
            holders = tuple(sorted((*others, name))) if uuid in after else others
            if holders:
                self._holders[uuid] = holders
            else:
                self._holders.pop(uuid, None)
            record = self._records.get(uuid)
            for other in {*others, record.container} if record is not None else others:
                _mark(dirty, other, uuid)

    def _take_records(self, vms: Iterable[VmRecord], dirty: dict[ContainerName, set[DomainUuid] | None]) -> None:
        newer: dict[DomainUuid, VmRecord] = {}
        for record in vms:
            old = self._records.get(record.uuid)
            newer[record.uuid] = old if old == record and old is not None else record
        for uuid in self._records.keys() | newer.keys():
            old, new = self._records.get(uuid), newer.get(uuid)
            if old is new:
                continue
            for one in (old, new):
                if one is not None:
                    _mark(dirty, one.container, uuid)
            for name in self._holders.get(uuid, ()):
                _mark(dirty, name, uuid)
            if old is not None and old.container in self._cells:
                self._cells[old.container].at_home.pop(uuid, None)
        self._records = newer
        for name in dirty:
            if name in self._cells and dirty[name] is None:
                self._cells[name].at_home.clear()
        for uuid, record in newer.items():
            cell = self._cells.get(record.container)
            if cell is not None:
                cell.at_home[uuid] = record

    def _take_locks(
        self, locks: Mapping[DomainUuid, Lock], dirty: dict[ContainerName, set[DomainUuid] | None]
    ) -> None:
        for uuid in self._locks.keys() | locks.keys():
            if self._locks.get(uuid) != locks.get(uuid):
                record = self._records.get(uuid)
                for name in {*self._holders.get(uuid, ()), *([record.container] if record else [])}:
                    _mark(dirty, name, uuid)
        self._locks = dict(locks)

    def _rebuild(self, dirty: Mapping[ContainerName, set[DomainUuid] | None]) -> None:
        for name, uuids in dirty.items():
            cell = self._cells.get(name)
            if cell is not None:
                self._rebuild_cell(name, cell, uuids)
        views = tuple(view for name in self._order if (view := self._cells[name].view) is not None)
        if len(views) != len(self._views) or any(a is not b for a, b in zip(views, self._views, strict=True)):
            self._views = views

    def _rebuild_cell(self, name: ContainerName, cell: _Cell, uuids: set[DomainUuid] | None) -> None:
        reorder = False
        everything = cell.at_home.keys() | cell.state.domains.keys() | cell.rows.keys()
        for uuid in everything if uuids is None else uuids:
            old = cell.rows.get(uuid)
            new = self._row(name, cell, uuid)
            if new is None:
                reorder = cell.rows.pop(uuid, None) is not None or reorder
            elif old is None or old != new:
                reorder = reorder or old is None or _row_order(name, old) != _row_order(name, new)
                cell.rows[uuid] = new
        if reorder:
            ordered = sorted(cell.rows.items(), key=lambda item: _row_order(name, item[1]))
            cell.rows = dict(ordered)
        view = _container_view(cell)
        if cell.view is None or view != cell.view:
            cell.view = view

    def _row(self, name: ContainerName, cell: _Cell, uuid: DomainUuid) -> VmView | None:
        facts = cell.state.domains.get(uuid)
        record = self._records.get(uuid)
        if facts is None and (record is None or record.container != name):
            return None
        holders = self._holders.get(uuid, ())
        others = () if holders == (name,) else tuple(one for one in holders if one != name)
        row = vm_view(name, record, facts, others, cell.state, self._locks.get(uuid))
        boot = self._boots.get(row.name, "")
        return replace(row, boot=boot) if boot and row.state in ACTIVE_STATES else row


def _unsaid(record: ContainerRecord) -> ContainerState:
    """What is known of a container before it said anything."""
    if record.uri:
        return _NOTHING_SAID
    return ContainerState(
        link=LinkState.DOWN,
        reason="no libvirt URI is set",
        remedy=f"set host attr {record.name} {URI_ATTRIBUTE} URI",
    )


def _mark(dirty: dict[ContainerName, set[DomainUuid] | None], name: ContainerName, uuid: DomainUuid) -> None:
    concerned = dirty.setdefault(name, set())
    if concerned is not None:
        concerned.add(uuid)


def _row_order(container: ContainerName, row: VmView) -> RowOrder:
    record = row.record
    if record is not None and record.container == container:
        # No two VMs of a container have one slice: their names need no key.
        return (0, record.slice_no, _NO_NAME, row.key.uuid)
    return (1, 0, natural_key(row.name), row.key.uuid)


def _container_view(cell: _Cell) -> ContainerView:
    state, record = cell.state, cell.record
    rows = tuple(cell.rows.values())
    if cell.view is not None and len(rows) == len(cell.view.vms):
        old = cell.view.vms
        if all(a is b for a, b in zip(rows, old, strict=True)):
            rows = old
    return ContainerView(
        name=record.name,
        uri=record.uri,
        link=state.link,
        vms=rows,
        host=state.host,
        link_reason=state.reason,
        link_remedy=state.remedy,
        retry_at_s=state.retry_at_s,
        seen_at_s=state.seen_at_s,
        cpu_percent=_cpu_percent(rows, state),
        cpu_history=state.cpu_history,
        memory_used_kib=sum(row.memory_kib for row in rows if row.state in ACTIVE_STATES),
        disk_total_bytes=state.space_total_bytes,
        disk_free_bytes=state.space_free_bytes,
        rack=record.rack,
        rank=record.rank,
        is_frontend=record.is_frontend,
        membership=record.membership,
        image_mount=state.space_mount,
    )


def _cpu_percent(rows: tuple[VmView, ...], state: ContainerState) -> float | None:
    if state.host is None or not state.host.cpus:
        return None
    busy = [row.rates.cpu_percent * row.vcpus for row in rows if row.rates.cpu_percent is not None]
    return min(100.0, sum(busy) / state.host.cpus) if busy else None
