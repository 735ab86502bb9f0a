"""Everything a container's row and its slices' rows show, in as few calls as the driver allows.

A listing is four calls whatever the number of domains: one bulk statistics call carries every domain's state, memory
and vCPUs; three filtered listings say which are saved, start by themselves, or are transient. A definition's XML
costs a call for each domain, so it is fetched once and again only when an event says that it changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import libvirt

from core.hypervisor.calls import begin, side_by_side
from core.hypervisor.facts import devices_of, recipe_of, state_of
from core.hypervisor.model import DiskFacts, DomainEvent, DomainFacts, DomainUuid, EventKind, InterfaceFacts
from core.hypervisor.statistics import number

_LISTED = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_VCPU

Devices = tuple[tuple[DiskFacts, ...], tuple[InterfaceFacts, ...], str]
"""Disks, interfaces and recipe: what a definition tells beside what the bulk calls do."""
NO_DEVICES: Devices = ((), (), "")
Records = list[tuple[libvirt.virDomain, Mapping[str, object]]]

_STALE_AFTER = frozenset({EventKind.DEFINED, EventKind.UNDEFINED, EventKind.CHANGED, EventKind.STARTED})


class DefinitionCache:
    """Disks and interfaces by UUID, forgotten when an event says that the definition changed.

    Safe from any thread; `note` runs on the event thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[DomainUuid, Devices] = {}
        self._generation: dict[DomainUuid, int] = {}

    def note(self, event: DomainEvent) -> None:
        """Forget a definition that an event made stale."""
        if event.kind in _STALE_AFTER:
            with self._lock:
                self._known.pop(event.uuid, None)
                self._generation[event.uuid] = self._generation.get(event.uuid, 0) + 1

    def clear(self) -> None:
        """Forget everything: after a reconnect nobody knows what was missed."""
        with self._lock:
            self._known.clear()

    def keep_only(self, uuids: Iterable[DomainUuid]) -> None:
        """Forget the domains that are gone."""
        wanted = set(uuids)
        with self._lock:
            for gone in self._known.keys() - wanted:
                del self._known[gone]
            for gone in self._generation.keys() - wanted:
                del self._generation[gone]

    def known(self, uuid: DomainUuid) -> Devices | None:
        """The devices of a domain as far as they are in memory."""
        with self._lock:
            return self._known.get(uuid)

    def devices(self, domain: libvirt.virDomain) -> Devices:
        """The devices of a domain, from memory or with one call. A domain that is gone has none."""
        uuid = DomainUuid(domain.UUIDString())
        with self._lock:
            known = self._known.get(uuid)
            generation = self._generation.get(uuid, 0)
        if known is not None:
            return known
        try:
            xml = domain.XMLDesc(0)
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                return NO_DEVICES
            raise
        devices = (*devices_of(xml), recipe_of(xml))
        with self._lock:
            if self._generation.get(uuid, 0) == generation:
                self._known[uuid] = devices
        return devices


@dataclass(frozen=True, slots=True)
class Listing:
    """The domains, and those whose definitions the time did not suffice for: they are shown without devices."""

    domains: list[DomainFacts]
    unread: tuple[DomainUuid, ...] = ()


@dataclass(frozen=True, slots=True)
class _Basics:
    state: int
    reason: int
    memory_kib: int
    max_memory_kib: int
    vcpus: int


@dataclass(frozen=True, slots=True)
class _Marks:
    managed_save: bool
    autostart: bool
    persistent: bool


@dataclass(frozen=True, slots=True)
class _MarkSets:
    saved: frozenset[DomainUuid]
    autostart: frozenset[DomainUuid]
    transient: frozenset[DomainUuid]

    def of(self, uuid: DomainUuid) -> _Marks:
        return _Marks(uuid in self.saved, uuid in self.autostart, uuid not in self.transient)


def list_domains(connection: libvirt.virConnect, cache: DefinitionCache, budget_s: float | None = None) -> Listing:
    """Every domain but Xen's Domain-0.

    Args:
        budget_s: Stop reading new definitions after so long; None reads all.

    Raises:
        libvirt.libvirtError: The listing failed as a whole. A domain that vanishes meanwhile is left out.
    """
    give_up_at = None if budget_s is None else time.monotonic() + budget_s
    on_xen = connection.getType().lower() == "xen"
    saved = begin(lambda: _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE))
    autostart = begin(lambda: _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART))
    transient = begin(lambda: _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT))
    records = _records(connection)
    marks = _MarkSets(saved(), autostart(), transient())
    rows = [row for row in records if not (on_xen and row[0].ID() == 0)]
    read = _read_definitions([domain for domain, _ in rows], cache, give_up_at)
    found: list[DomainFacts] = []
    for domain, values in rows:
        uuid = DomainUuid(domain.UUIDString())
        try:
            basics = _basics(domain, values)
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                continue
            raise
        found.append(_facts(domain, basics, read.get(uuid, NO_DEVICES), marks.of(uuid)))
    cache.keep_only(facts.uuid for facts in found)
    return Listing(found, tuple(facts.uuid for facts in found if facts.uuid not in read))


def read_definitions(connection: libvirt.virConnect, uuids: Iterable[DomainUuid], cache: DefinitionCache) -> None:
    """Fill the cache with the definitions that a listing had no time for.

    Raises:
        libvirt.libvirtError: The link broke.
    """
    wanted = set(uuids)
    domains = [domain for domain in connection.listAllDomains(0) if domain.UUIDString() in wanted]
    _read_definitions(domains, cache, None)


def one_domain(domain: libvirt.virDomain, cache: DefinitionCache) -> DomainFacts:
    """One domain, asked by itself, in two round trips.

    Raises:
        libvirt.libvirtError: It is gone, or the link broke.
    """
    persistent = begin(lambda: bool(domain.isPersistent()))
    managed_save = begin(lambda: _if_possible(lambda: domain.hasManagedSaveImage(0)))
    autostart = begin(lambda: _if_possible(domain.autostart))
    devices = begin(lambda: cache.devices(domain))
    basics = _ask_basics(domain)
    return _facts(domain, basics, devices(), _Marks(managed_save(), autostart(), persistent()))


def _ask_basics(domain: libvirt.virDomain) -> _Basics:
    both = begin(domain.state)
    _, max_memory_kib, memory_kib, vcpus, _ = domain.info()
    state, reason = both()
    return _Basics(state, reason, memory_kib, max_memory_kib, vcpus)


def _if_possible(ask: Callable[[], int]) -> bool:
    """A yes or no that transient domains and some drivers refuse to give: no."""
    try:
        return bool(ask())
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_OPERATION_INVALID):
            return False
        raise


def _read_definitions(
    domains: Sequence[libvirt.virDomain], cache: DefinitionCache, give_up_at: float | None
) -> dict[DomainUuid, Devices]:
    """Devices by UUID, those not in memory asked side by side until the time is up."""
    read: dict[DomainUuid, Devices] = {}
    missing: list[libvirt.virDomain] = []
    for domain in domains:
        uuid = DomainUuid(domain.UUIDString())
        known = cache.known(uuid)
        if known is None:
            missing.append(domain)
        else:
            read[uuid] = known

    def ask(domain: libvirt.virDomain) -> None:
        if give_up_at is None or time.monotonic() < give_up_at:
            read[DomainUuid(domain.UUIDString())] = cache.devices(domain)

    side_by_side([partial(ask, domain) for domain in missing])
    return read


def _uuids(connection: libvirt.virConnect, flags: int) -> frozenset[DomainUuid]:
    return frozenset(DomainUuid(domain.UUIDString()) for domain in connection.listAllDomains(flags))


def _records(connection: libvirt.virConnect) -> Records:
    try:
        return connection.getAllDomainStats(_LISTED, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
    return [(domain, {}) for domain in connection.listAllDomains(0)]


def _basics(domain: libvirt.virDomain, values: Mapping[str, object]) -> _Basics:
    state, reason = number(values, "state.state"), number(values, "state.reason")
    memory_kib, vcpus = number(values, "balloon.current"), number(values, "vcpu.current")
    if state is None or memory_kib is None or vcpus is None:
        state, max_memory_kib, memory_kib, vcpus, _ = domain.info()
        if reason is None:
            state, reason = domain.state()
        return _Basics(state, reason, memory_kib, max_memory_kib, vcpus)
    return _Basics(state, reason or 0, memory_kib, number(values, "balloon.maximum") or memory_kib, vcpus)


def _facts(domain: libvirt.virDomain, basics: _Basics, devices: Devices, marks: _Marks) -> DomainFacts:
    number_while_active = domain.ID()
    is_held = number_while_active >= 0
    state, reason = state_of(basics.state, basics.reason, managed_save=marks.managed_save, is_held=is_held)
    active = basics.state not in (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_CRASHED)
    disks, interfaces, recipe = devices
    return DomainFacts(
        uuid=DomainUuid(domain.UUIDString()),
        name=domain.name(),
        state=state,
        reason=reason,
        persistent=marks.persistent,
        memory_kib=basics.memory_kib,
        max_memory_kib=basics.max_memory_kib,
        vcpus=basics.vcpus,
        managed_save=marks.managed_save,
        autostart=marks.autostart,
        disks=disks,
        interfaces=interfaces,
        domain_id=number_while_active if active and is_held else None,
        recipe=recipe,
    )
