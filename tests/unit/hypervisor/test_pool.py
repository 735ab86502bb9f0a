"""The pool: connects what it is given, reports every change, tries again for ever, never waits for the hung."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ContainerUnreachable
from core.hypervisor.backoff import retry_delay_s
from core.hypervisor.model import ContainerName, DomainEvent, EventKind, LinkReport, LinkState
from core.hypervisor.pool import HypervisorPool
from core.settings import ContainerSettings

A, B, HUNG = ContainerName("vm-container-0-0"), ContainerName("vm-container-0-1"), ContainerName("vm-container-0-2")
QUICK = ContainerSettings(retry_first_s=0.05, retry_most_s=0.2, connect_timeout_s=0.5, call_timeout_s=1.0)


class Reports:
    """Link reports as they come, by container."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[ContainerName, LinkReport]] = SimpleQueue()
        self.seen: list[tuple[ContainerName, LinkReport]] = []

    def __call__(self, name: ContainerName, report: LinkReport) -> None:
        self._queue.put((name, report))

    def wait(self, name: ContainerName, state: LinkState, timeout_s: float = 5.0) -> LinkReport:
        """The next report of this container with this state."""
        give_up_at = time.monotonic() + timeout_s
        while True:
            try:
                who, report = self._queue.get(timeout=max(0.01, give_up_at - time.monotonic()))
            except Empty:
                raise AssertionError(f"no report {state} of {name}; seen {self.seen}") from None
            self.seen.append((who, report))
            if (who, report.state) == (name, state):
                return report


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def make_pool(reports: Reports) -> Iterator[Callable[..., HypervisorPool]]:
    made: list[HypervisorPool] = []

    def make(
        settings: ContainerSettings = QUICK, on_event: Callable[[DomainEvent], None] | None = None
    ) -> HypervisorPool:
        made.append(HypervisorPool(settings, on_event, reports))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


@pytest.fixture
def hung_uri() -> Iterator[str]:
    """A container that accepts connections and never answers."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    yield f"qemu+ssh://root@127.0.0.1:{server.getsockname()[1]}/system"
    server.close()


def test_containers_come_up(make_pool: Callable[..., HypervisorPool], reports: Reports, host_file: Path) -> None:
    pool = make_pool()
    pool.add(A, f"test://{host_file}")
    assert reports.wait(A, LinkState.UP) == LinkReport(LinkState.UP)
    assert [state.state for _, state in reports.seen] == [LinkState.CONNECTING, LinkState.UP]
    assert pool.names() == (A,)
    assert pool.report(A) == LinkReport(LinkState.UP)
    assert [facts.name for facts in pool.get(A).domains()] == ["compute-0-0-9"]


def test_events_of_every_container_reach_the_sink(
    make_pool: Callable[..., HypervisorPool], reports: Reports, host_file: Path
) -> None:
    heard: SimpleQueue[DomainEvent] = SimpleQueue()
    pool = make_pool(on_event=heard.put)
    pool.set_containers({A: f"test://{host_file}", B: f"test://{host_file}"})
    reports.wait(A, LinkState.UP)
    while pool.report(B) != LinkReport(LinkState.UP):
        time.sleep(0.01)
    for name in (A, B):
        hypervisor = pool.get(name)
        hypervisor.suspend(hypervisor.domains()[0].uuid)
        event = heard.get(timeout=5)
        assert (event.container, event.kind) == (name, EventKind.SUSPENDED)


def test_what_is_down_says_why_and_when_and_is_tried_again(
    make_pool: Callable[..., HypervisorPool], reports: Reports, tmp_path: Path, host_file: Path
) -> None:
    missing = tmp_path / "later.xml"
    pool = make_pool()
    pool.add(A, f"test://{missing}")
    report = reports.wait(A, LinkState.DOWN)
    assert "no file" in report.reason
    assert report.remedy
    assert report.retry_at_s is not None
    again = reports.wait(A, LinkState.CONNECTING)
    assert again.reason == report.reason
    with pytest.raises(ContainerUnreachable):
        pool.get(A).domains()
    missing.write_bytes(host_file.read_bytes())
    reports.wait(A, LinkState.UP)
    assert pool.get(A).domains()


def test_retry_now_does_not_wait(
    make_pool: Callable[..., HypervisorPool], reports: Reports, tmp_path: Path, host_file: Path
) -> None:
    missing = tmp_path / "later.xml"
    pool = make_pool(ContainerSettings(retry_first_s=3600, retry_most_s=3600))
    pool.add(A, f"test://{missing}")
    reports.wait(A, LinkState.DOWN)
    missing.write_bytes(host_file.read_bytes())
    pool.retry_now(A)
    reports.wait(A, LinkState.UP)


def test_a_hung_container_costs_the_others_nothing(
    make_pool: Callable[..., HypervisorPool], reports: Reports, host_file: Path, hung_uri: str
) -> None:
    pool = make_pool()
    begun = time.monotonic()
    pool.set_containers({HUNG: hung_uri, A: f"test://{host_file}"})
    reports.wait(A, LinkState.UP)
    assert pool.get(A).domains()
    assert time.monotonic() - begun < 0.4
    report = reports.wait(HUNG, LinkState.DOWN)
    assert "no answer" in report.reason or "timed out" in report.reason.lower()
    reports.wait(HUNG, LinkState.CONNECTING)


def test_many_hung_containers_do_not_eat_threads(
    make_pool: Callable[..., HypervisorPool], reports: Reports, host_file: Path, hung_uri: str
) -> None:
    pool = make_pool(ContainerSettings(retry_first_s=0.05, retry_most_s=0.1, connect_timeout_s=0.3))
    hung = [ContainerName(f"hung-{number}") for number in range(4)]
    before = threading.active_count()
    for name in hung:
        pool.add(name, hung_uri)
    for _ in range(2):
        reports.wait(hung[0], LinkState.DOWN, 10)
    assert threading.active_count() - before <= 3 * len(hung) + 2


def test_closing_does_not_wait_for_the_hung(
    make_pool: Callable[..., HypervisorPool], reports: Reports, hung_uri: str
) -> None:
    pool = make_pool(ContainerSettings(connect_timeout_s=60))
    pool.add(HUNG, hung_uri)
    reports.wait(HUNG, LinkState.CONNECTING)
    time.sleep(0.2)
    begun = time.monotonic()
    pool.close()
    assert time.monotonic() - begun < 1.5


def test_removed_containers_are_silent(
    make_pool: Callable[..., HypervisorPool], reports: Reports, tmp_path: Path, host_file: Path
) -> None:
    pool = make_pool()
    pool.set_containers({A: f"test://{host_file}", B: f"test://{tmp_path}/none.xml"})
    reports.wait(B, LinkState.DOWN)
    reports.wait(A, LinkState.UP) if pool.report(A) != LinkReport(LinkState.UP) else None
    pool.set_containers({A: f"test://{host_file}"})
    count = len(reports.seen)
    with pytest.raises(AssertionError, match="no report"):
        reports.wait(B, LinkState.CONNECTING, 0.5)
    assert all(report.state is not LinkState.UP or name == A for name, report in reports.seen[count:])
    with pytest.raises(ContainerUnreachable, match="no VM container"):
        pool.get(B)


def test_another_uri_reconnects(
    make_pool: Callable[..., HypervisorPool], reports: Reports, tmp_path: Path, host_file: Path
) -> None:
    pool = make_pool()
    pool.add(A, f"test://{tmp_path}/none.xml")
    reports.wait(A, LinkState.DOWN)
    pool.add(A, f"test://{host_file}")
    reports.wait(A, LinkState.UP)
    assert pool.get(A).uri == f"test://{host_file}"


@given(st.integers(1, 100), st.floats(0.1, 10), st.floats(0.1, 600))
def test_delays_grow_and_are_capped(failures: int, first_s: float, most_s: float) -> None:
    delay_s = retry_delay_s(failures, first_s, most_s)
    assert min(first_s, most_s) <= delay_s <= max(first_s, most_s)
    assert retry_delay_s(failures + 1, first_s, most_s) >= delay_s


def test_a_crowd_of_hung_containers_does_not_stand_before_the_others(
    make_pool: Callable[..., HypervisorPool], reports: Reports, host_file: Path, hung_uri: str
) -> None:
    """Attempts are begun a few at a time, and one that hangs for a minute soon no longer counts."""
    pool = make_pool(ContainerSettings(connect_timeout_s=60))
    uris = {ContainerName(f"hung-{number}"): hung_uri for number in range(30)}
    pool.set_containers({**uris, A: f"test://{host_file}"})
    reports.wait(A, LinkState.UP, 20)
