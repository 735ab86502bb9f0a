"""Everything a container's row and its slices' rows show, in as few calls as the driver allows.

A listing is four calls whatever the number of domains: one bulk statistics call carries every domain's state, memory
and vCPUs; three filtered listings say which are saved, start by themselves, or are transient. A definition's XML
costs a call for each domain, so it is fetched once and again only when an event says that it changed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import libvirt

from core.hypervisor.facts import devices_of, state_of
from core.hypervisor.model import DiskFacts, DomainEvent, DomainFacts, DomainUuid, EventKind, InterfaceFacts
from core.hypervisor.statistics import number

_LISTED = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_VCPU

Devices = tuple[tuple[DiskFacts, ...], tuple[InterfaceFacts, ...]]

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

    def devices(self, domain: libvirt.virDomain) -> Devices:
        """The devices of a domain, from memory or with one call. A domain that is gone has none."""
        uuid = DomainUuid(domain.UUIDString())
        with self._lock:
            known = self._known.get(uuid)
            generation = self._generation.get(uuid, 0)
        if known is not None:
            return known
        try:
            devices = devices_of(domain.XMLDesc(0))
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                return (), ()
            raise
        with self._lock:
            if self._generation.get(uuid, 0) == generation:
                self._known[uuid] = devices
        return devices


@dataclass(frozen=True, slots=True)
class _Basics:
    state: int
    reason: int
    memory_kib: int
    max_memory_kib: int
    vcpus: int


def list_domains(connection: libvirt.virConnect, cache: DefinitionCache) -> list[DomainFacts]:
    """Every domain but Xen's Domain-0.

    Raises:
        libvirt.libvirtError: The listing failed as a whole. A domain that vanishes meanwhile is left out.
    """
    on_xen = connection.getType().lower() == "xen"
    saved = _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)
    autostart = _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
    transient = _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT)
    found = []
    for domain, values in _records(connection):
        if on_xen and domain.ID() == 0:
            continue
        uuid = DomainUuid(domain.UUIDString())
        try:
            found.append(
                _facts(
                    domain,
                    _basics(domain, values),
                    cache.devices(domain),
                    managed_save=uuid in saved,
                    autostart=uuid in autostart,
                    persistent=uuid not in transient,
                )
            )
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
    cache.keep_only(facts.uuid for facts in found)
    return found


def one_domain(domain: libvirt.virDomain, cache: DefinitionCache) -> DomainFacts:
    """One domain, asked by itself.

    Raises:
        libvirt.libvirtError: It is gone, or the link broke.
    """
    persistent = bool(domain.isPersistent())
    state, reason = domain.state()
    _, max_memory_kib, memory_kib, vcpus, _ = domain.info()
    return _facts(
        domain,
        _Basics(state, reason, memory_kib, max_memory_kib, vcpus),
        cache.devices(domain),
        managed_save=persistent and _managed_save(domain),
        autostart=persistent and bool(domain.autostart()),
        persistent=persistent,
    )


def _managed_save(domain: libvirt.virDomain) -> bool:
    try:
        return bool(domain.hasManagedSaveImage(0))
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT:
            return False
        raise


def _uuids(connection: libvirt.virConnect, flags: int) -> frozenset[DomainUuid]:
    return frozenset(DomainUuid(domain.UUIDString()) for domain in connection.listAllDomains(flags))


def _records(connection: libvirt.virConnect) -> list[tuple[libvirt.virDomain, Mapping[str, object]]]:
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


def _facts(
    domain: libvirt.virDomain,
    basics: _Basics,
    devices: Devices,
    *,
    managed_save: bool,
    autostart: bool,
    persistent: bool,
) -> DomainFacts:
    state, reason = state_of(basics.state, basics.reason, managed_save=managed_save)
    active = basics.state not in (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_CRASHED)
    number_while_active = domain.ID()
    disks, interfaces = devices
    return DomainFacts(
        uuid=DomainUuid(domain.UUIDString()),
        name=domain.name(),
        state=state,
        reason=reason,
        persistent=persistent,
        memory_kib=basics.memory_kib,
        max_memory_kib=basics.max_memory_kib,
        vcpus=basics.vcpus,
        managed_save=managed_save,
        autostart=autostart,
        disks=disks,
        interfaces=interfaces,
        domain_id=number_while_active if active and number_while_active >= 0 else None,
    )
