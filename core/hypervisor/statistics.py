"""Counters of every active domain: one bulk call where the driver has it, each domain's info where not (Xen)."""

from __future__ import annotations

import time
from collections.abc import Mapping

import libvirt

from core.hypervisor.facts import state_of
from core.hypervisor.model import DomainStatistics, DomainUuid

WANTED = (
    libvirt.VIR_DOMAIN_STATS_STATE
    | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
    | libvirt.VIR_DOMAIN_STATS_BLOCK
)
"""What one refresh asks for."""

_ACTIVE_NOW = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT

StatsRecord = tuple["libvirt.virDomain", Mapping[str, object]]


class Sampler:
    """Reads a connection's counters and remembers whether its driver has a useful bulk call."""

    def __init__(self) -> None:
        self._bulk = True

    def sample(self, connection: libvirt.virConnect) -> list[DomainStatistics]:
        """Counters of every active domain: one call whatever their number, or one for each where need be.

        A domain busy with a job answers with what is known, without waiting for the job.

        Raises:
            libvirt.libvirtError: The link broke.
        """
        if self._bulk:
            flags = (
                libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
            )
            try:
                records = connection.getAllDomainStats(WANTED, flags)
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
                    raise
                self._bulk = False
            else:
                # The test driver answers in bulk, but with nothing except states.
                if not records or any(len(values) > 2 for _, values in records):
                    return from_records(records, time.monotonic())
                self._bulk = False
        return _one_by_one(connection)


def _one_by_one(connection: libvirt.virConnect) -> list[DomainStatistics]:
    """What `virDomainGetInfo` has of each active domain; disk and network counters stay None."""
    found = []
    for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
        if domain.ID() == 0 and connection.getType().lower() == "xen":
            continue
        try:
            state, _, memory_kib, vcpus, cpu_time_ns = domain.info()
            reason = domain.state()[1] if state == libvirt.VIR_DOMAIN_SHUTOFF else 0
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                continue
            raise
        found.append(
            DomainStatistics(
                uuid=DomainUuid(domain.UUIDString()),
                taken_at_s=time.monotonic(),
                cpu_time_ns=cpu_time_ns,
                vcpus=vcpus,
                balloon_kib=memory_kib,
                state=state_of(state, reason, is_held=True)[0],
            )
        )
    return found


def from_records(records: list[StatsRecord], taken_at_s: float) -> list[DomainStatistics]:
    """Put libvirt's records into our words. What a record lacks is None."""
    return [_statistics(DomainUuid(domain.UUIDString()), values, taken_at_s) for domain, values in records]


def _statistics(uuid: DomainUuid, values: Mapping[str, object], taken_at_s: float) -> DomainStatistics:
    state = number(values, "state.state")
    return DomainStatistics(
        uuid=uuid,
        taken_at_s=taken_at_s,
        cpu_time_ns=number(values, "cpu.time"),
        vcpus=number(values, "vcpu.current"),
        balloon_kib=number(values, "balloon.current"),
        unused_kib=number(values, "balloon.unused"),
        disk_read_bytes=_sum(values, "block", "rd.bytes"),
        disk_written_bytes=_sum(values, "block", "wr.bytes"),
        disk_allocated_bytes=_sum(values, "block", "allocation"),
        net_received_bytes=_sum(values, "net", "rx.bytes"),
        net_sent_bytes=_sum(values, "net", "tx.bytes"),
        state=None if state is None else state_of(state, number(values, "state.reason") or 0)[0],
    )


def number(values: Mapping[str, object], key: str) -> int | None:
    """An integer of a statistics record, or None when it is not there."""
    value = values.get(key)
    return value if isinstance(value, int) else None


def _sum(values: Mapping[str, object], group: str, field: str) -> int | None:
    count = number(values, f"{group}.count")
    if count is None:
        return None
    found = [number(values, f"{group}.{index}.{field}") for index in range(count)]
    known = [value for value in found if value is not None]
    return sum(known) if known or count == 0 else None
