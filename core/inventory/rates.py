"""Rates and short histories from two samples of counters. Pure but for `RateBook`, which one collector thread owns.

A counter that went backwards (the VM was restarted between the samples) or is missing gives None, never a negative
or invented rate. Histories are for sparklines; an idle VM's stays equal from one sample to the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.hypervisor.model import DomainStatistics, DomainUuid
from core.inventory.history import History
from core.inventory.snapshot import Rates

FORGET_AFTER_S = 30.0
"""Two samples further apart than this make no rate: the VM was out of view in between."""


def per_second(before: int | None, after: int | None, seconds: float) -> float | None:
    """The growth of a counter per second, or None when the samples cannot tell."""
    if before is None or after is None or seconds <= 0 or after < before:
        return None
    return (after - before) / seconds


def cpu_percent(before: DomainStatistics, after: DomainStatistics) -> float | None:
    """Use of all the VM's vCPUs together between two samples, 0 to 100."""
    growth = per_second(before.cpu_time_ns, after.cpu_time_ns, after.taken_at_s - before.taken_at_s)
    if growth is None or not after.vcpus:
        return None
    return min(100.0, growth / 1e9 / after.vcpus * 100.0)


def memory_used_kib(sample: DomainStatistics) -> int | None:
    """What the guest says it uses, or None without a balloon driver."""
    if sample.balloon_kib is None or sample.unused_kib is None:
        return None
    return max(0, sample.balloon_kib - sample.unused_kib)


def rates_between(before: DomainStatistics, after: DomainStatistics) -> Rates:
    """Everything two samples of one VM say, without histories."""
    seconds = after.taken_at_s - before.taken_at_s
    return Rates(
        cpu_percent=cpu_percent(before, after),
        memory_used_kib=memory_used_kib(after),
        disk_read_bytes_s=per_second(before.disk_read_bytes, after.disk_read_bytes, seconds),
        disk_written_bytes_s=per_second(before.disk_written_bytes, after.disk_written_bytes, seconds),
        net_received_bytes_s=per_second(before.net_received_bytes, after.net_received_bytes, seconds),
        net_sent_bytes_s=per_second(before.net_sent_bytes, after.net_sent_bytes, seconds),
        disk_allocated_bytes=after.disk_allocated_bytes,
    )


def longer(history: Sequence[float], value: float | None) -> Sequence[float]:
    """The history with one more sample, the oldest dropped when it is full; unchanged for None."""
    if value is None:
        return history
    return (history if isinstance(history, History) else History(history)).longer(value)


def extended(history: Rates, rates: Rates, sample: DomainStatistics) -> Rates:
    """`rates` with the histories of `history`, one sample longer."""
    used = rates.memory_used_kib
    memory = None if used is None or not sample.balloon_kib else used / sample.balloon_kib * 100.0
    return replace(
        rates,
        cpu_history=longer(history.cpu_history, rates.cpu_percent),
        memory_history=longer(history.memory_history, memory),
        disk_history=longer(history.disk_history, _sum(rates.disk_read_bytes_s, rates.disk_written_bytes_s)),
        net_history=longer(history.net_history, _sum(rates.net_received_bytes_s, rates.net_sent_bytes_s)),
    )


def _sum(one: float | None, other: float | None) -> float | None:
    if one is None:
        return other
    return one if other is None else one + other


@dataclass(slots=True)
class _Entry:
    sample: DomainStatistics
    rates: Rates


class RateBook:
    """The last sample and the rates of each VM of one container. Not thread-safe: its collector's alone.

    Attributes:
        newest_s: Monotonic time of the newest sample taken in.
    """

    def __init__(self) -> None:
        self._entries: dict[DomainUuid, _Entry] = {}
        self.newest_s = -math.inf

    def add(self, samples: Iterable[DomainStatistics]) -> dict[DomainUuid, Rates]:
        """Take in one bulk answer.

        Returns:
            The rates of the VMs in it. A VM seen for the first time, or again after a pause, has its histories but
            no rates yet.
        """
        found: dict[DomainUuid, Rates] = {}
        for sample in samples:
            self.newest_s = max(self.newest_s, sample.taken_at_s)
            entry = self._entries.get(sample.uuid)
            if entry is not None and sample.taken_at_s <= entry.sample.taken_at_s:
                rates = entry.rates
            elif entry is None:
                rates = _first(sample, Rates())
                self._entries[sample.uuid] = _Entry(sample, rates)
            else:
                if sample.taken_at_s - entry.sample.taken_at_s > FORGET_AFTER_S:
                    rates = _first(sample, entry.rates)
                else:
                    rates = extended(entry.rates, rates_between(entry.sample, sample), sample)
                if rates == entry.rates:
                    rates = entry.rates
                entry.sample, entry.rates = sample, rates
            found[sample.uuid] = rates
        return found

    def cpu_percent(self, uuid: DomainUuid) -> float | None:
        """What the last two samples of a VM say."""
        entry = self._entries.get(uuid)
        return None if entry is None else entry.rates.cpu_percent

    def keep_only(self, uuids: Iterable[DomainUuid]) -> None:
        """Forget every VM but these."""
        wanted = set(uuids)
        for uuid in [one for one in self._entries if one not in wanted]:
            del self._entries[uuid]


def _first(sample: DomainStatistics, history: Rates) -> Rates:
    return Rates(
        memory_used_kib=memory_used_kib(sample),
        disk_allocated_bytes=sample.disk_allocated_bytes,
        cpu_history=history.cpu_history,
        memory_history=history.memory_history,
        net_history=history.net_history,
        disk_history=history.disk_history,
    )
