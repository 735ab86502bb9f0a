"""Believable load for VMs that do not exist: counters as a pure function of seed, UUID and time.

The test driver has no load of its own. The same seed gives the same curves, so that screenshots stay the same.
"""

from __future__ import annotations

import hashlib
import math

from core.hypervisor.model import DomainFacts, DomainStatistics

_PERIODS_S = (47.0, 173.0, 611.0)


def statistics_at(facts: DomainFacts, seed: int, now_s: float, idle_s: float = 0.0) -> DomainStatistics:
    """The counters of one domain at one moment.

    Args:
        now_s: Seconds since the demo began.
        idle_s: How many of them it was paused; a paused VM's counters stand still.
    """
    character = _character(facts.uuid, seed)
    work_s = _area(character, max(0.0, now_s - idle_s))
    reading, writing, received, sent = (0.2 + share for share in character[4:8])
    allocated = int((1.2 + 3 * character[8]) * 1e9)
    unused = 0.25 + 0.5 * character[9] + 0.05 * math.sin(now_s / 97.0 + 6 * character[1])
    return DomainStatistics(
        uuid=facts.uuid,
        taken_at_s=now_s,
        cpu_time_ns=int(work_s * facts.vcpus * 1e9),
        vcpus=facts.vcpus,
        balloon_kib=facts.memory_kib,
        unused_kib=int(facts.memory_kib * min(0.95, unused)),
        disk_read_bytes=int(work_s * reading * 1.5e6),
        disk_written_bytes=int(work_s * writing * 0.8e6),
        disk_allocated_bytes=allocated,
        net_received_bytes=int(work_s * received * 2.0e6),
        net_sent_bytes=int(work_s * sent * 0.9e6),
    )


def _character(uuid: str, seed: int) -> tuple[float, ...]:
    digest = hashlib.sha256(f"{seed}/{uuid}".encode()).digest()
    return tuple(byte / 255.0 for byte in digest[:10])


def _area(character: tuple[float, ...], now_s: float) -> float:
    """The integral of a load between 0 and 1 that swings in three periods, from 0 to now."""
    level = 0.02 + 0.5 * character[0] ** 3
    area = level * now_s
    for period, phase in zip(_PERIODS_S, character[1:4], strict=True):
        swing, pace = level / 4, 2 * math.pi / period
        area += swing / pace * (math.cos(phase * 6.28) - math.cos(pace * now_s + phase * 6.28))
    return max(0.0, area)
