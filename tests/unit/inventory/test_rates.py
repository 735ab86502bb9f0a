"""Rates from two samples: never negative, never invented."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from core.hypervisor.model import DomainStatistics, DomainUuid
from core.inventory.history import HISTORY_LENGTH
from core.inventory.rates import RateBook, rates_between

UUID = DomainUuid("00000000-0000-0000-0000-000000000001")
counters = st.one_of(st.none(), st.integers(0, 2**63))
samples = st.builds(
    DomainStatistics,
    uuid=st.just(UUID),
    taken_at_s=st.floats(0, 1e6),
    cpu_time_ns=counters,
    vcpus=st.one_of(st.none(), st.integers(0, 64)),
    balloon_kib=counters,
    unused_kib=counters,
    disk_read_bytes=counters,
    disk_written_bytes=counters,
    net_received_bytes=counters,
    net_sent_bytes=counters,
)


def sample(
    at_s: float, cpu_time_ns: int | None = None, vcpus: int | None = None, net_received_bytes: int | None = None
) -> DomainStatistics:
    return DomainStatistics(UUID, at_s, cpu_time_ns=cpu_time_ns, vcpus=vcpus, net_received_bytes=net_received_bytes)


def test_half_a_core_of_two_is_a_quarter() -> None:
    rates = rates_between(sample(10, cpu_time_ns=0, vcpus=2), sample(12, cpu_time_ns=10**9, vcpus=2))
    assert rates.cpu_percent == 25.0


def test_bytes_per_second() -> None:
    rates = rates_between(sample(10, net_received_bytes=1000), sample(14, net_received_bytes=9000))
    assert rates.net_received_bytes_s == 2000.0
    assert rates.net_sent_bytes_s is None


def test_a_restart_in_between_gives_nothing_instead_of_a_negative_rate() -> None:
    rates = rates_between(sample(10, cpu_time_ns=10**12, vcpus=1), sample(12, cpu_time_ns=10**9, vcpus=1))
    assert rates.cpu_percent is None


@given(samples, samples)
def test_rates_are_never_negative_and_percentages_never_above_100(
    before: DomainStatistics, after: DomainStatistics
) -> None:
    rates = rates_between(before, after)
    values = [getattr(rates, one.name) for one in fields(rates) if not one.name.endswith("history")]
    assert all(value is None or value >= 0 for value in values)
    assert rates.cpu_percent is None or rates.cpu_percent <= 100


def test_histories_are_bounded_and_oldest_first() -> None:
    book = RateBook()
    for second in range(200):
        found = book.add([sample(second, cpu_time_ns=second * second * 10**6, vcpus=1)])
    history = found[UUID].cpu_history
    assert len(history) == HISTORY_LENGTH
    assert list(history) == sorted(history)


def test_an_idle_vm_keeps_the_same_object() -> None:
    book = RateBook()
    for second in range(70):
        before = book.add([sample(second, cpu_time_ns=5, vcpus=1)])[UUID]
    assert book.add([sample(70, cpu_time_ns=5, vcpus=1)])[UUID] is before


def test_samples_far_apart_make_no_rate() -> None:
    book = RateBook()
    book.add([sample(0, cpu_time_ns=0, vcpus=1)])
    assert book.add([sample(3, cpu_time_ns=10**9, vcpus=1)])[UUID].cpu_percent is not None
    later = book.add([sample(600, cpu_time_ns=10**10, vcpus=1)])[UUID]
    assert later.cpu_percent is None and len(later.cpu_history) == 1
