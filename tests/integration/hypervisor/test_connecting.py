"""Getting there: keys, refusals, power cuts, containers that hang."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from core.errors import ContainerUnreachable
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainEvent, DomainUuid, LinkReport, LinkState
from core.hypervisor.pool import HypervisorPool
from core.settings import ContainerSettings
from tests.integration.hypervisor.conftest import FIRST, SECOND, guest_record, guest_xml
from tests.integration.hypervisor.helping import eventually
from tests.lab.netns.lab import Lab
from tests.lab.rpcproxy import DOMAIN_GET_XML_DESC, GET_ALL_DOMAIN_STATS, LIST_ALL_DOMAINS, RpcProxy

pytestmark = pytest.mark.real


def failure(lab: Lab, settings: ContainerSettings, uri: str = "") -> ContainerUnreachable:
    with pytest.raises(ContainerUnreachable) as caught:
        LibvirtHypervisor(ContainerName(FIRST), uri or lab.containers[FIRST].uri, settings).open()
    return caught.value


def test_an_unknown_host_key_is_refused(lab: Lab, tmp_path: Path) -> None:
    empty = tmp_path / "known hosts"
    empty.touch()
    error = failure(lab, replace(lab.settings(), known_hosts=str(empty)))
    assert "Host key verification failed" in error.why
    assert "known_hosts" in error.remedy


def test_a_changed_host_key_is_refused_by_both_doors(lab: Lab, tmp_path: Path) -> None:
    swapped = tmp_path / "known_hosts"
    first, second = lab.containers[FIRST], lab.containers[SECOND]
    swapped.write_text(second.host_key.replace(second.address, first.address), encoding="utf-8")
    settings = replace(lab.settings(), known_hosts=str(swapped))
    error = failure(lab, settings)
    assert "Host key verification failed" in error.why
    assert "known_hosts" in error.remedy
    with pytest.raises(ContainerUnreachable, match=r"host key .* is not the known one.*known_hosts"):
        LibvirtHypervisor(ContainerName(FIRST), first.uri, settings).largest_file_system()


def test_no_verify_in_the_uri_does_not_help(lab: Lab, tmp_path: Path) -> None:
    empty = tmp_path / "known_hosts"
    empty.touch()
    settings = replace(lab.settings(), known_hosts=str(empty))
    assert "Host key" in failure(lab, settings, lab.containers[FIRST].uri + "?no_verify=1").why


def test_a_key_the_container_does_not_know_is_refused(lab: Lab) -> None:
    stranger = lab.containers[SECOND].base / "host_key"
    error = failure(lab, replace(lab.settings(), keyfile=str(stranger)))
    assert "Permission denied" in error.why
    assert "SSH key" in error.remedy


def test_a_libvirtd_that_is_not_there(lab: Lab) -> None:
    uri = lab.containers[FIRST].uri + "?socket=/run/libvirt/none"
    assert "libvirtd" in failure(lab, lab.settings(), uri).remedy


def test_a_frozen_container_is_given_up_in_time(lab: Lab) -> None:
    lab.freeze(FIRST)
    try:
        begun = time.monotonic()
        error = failure(lab, lab.settings(connect_timeout_s=1.5))
        assert "no answer within" in error.why
        assert time.monotonic() - begun < 3
    finally:
        lab.thaw(FIRST)


class Watch:
    """Link reports and events of a pool as they come."""

    def __init__(self) -> None:
        self.reports: SimpleQueue[tuple[ContainerName, LinkReport]] = SimpleQueue()
        self.events: SimpleQueue[DomainEvent] = SimpleQueue()

    def until(self, name: str, state: LinkState, within_s: float) -> LinkReport:
        give_up_at = time.monotonic() + within_s
        while True:
            try:
                who, report = self.reports.get(timeout=max(0.01, give_up_at - time.monotonic()))
            except Empty:
                raise AssertionError(f"{name} did not become {state.value}") from None
            if (who, report.state) == (name, state):
                return report


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pool(lab: Lab, watch: Watch) -> Iterator[HypervisorPool]:
    settings = lab.settings(
        keepalive_s=1,
        keepalive_count=2,
        retry_first_s=0.2,
        retry_most_s=1.0,
        connect_timeout_s=3.0,
        call_timeout_s=4.0,
    )
    made = HypervisorPool(settings, watch.events.put, lambda name, report: watch.reports.put((name, report)))
    made.set_containers({ContainerName(name): one.uri for name, one in lab.containers.items()})
    for name in list(lab.containers):
        eventually(lambda name=name: made.report(ContainerName(name)) == LinkReport(LinkState.UP))  # type: ignore[misc]
    yield made
    made.close()


def test_a_container_that_loses_power_comes_back(lab: Lab, pool: HypervisorPool, watch: Watch) -> None:
    assert pool.get(ContainerName(FIRST)).domains() == []
    lab.kill_container(FIRST)
    try:
        report = watch.until(FIRST, LinkState.DOWN, 15)
        assert report.reason
        with pytest.raises(ContainerUnreachable):
            pool.get(ContainerName(FIRST)).domains()
        assert pool.get(ContainerName(SECOND)).domains() == []
    finally:
        lab.revive(FIRST)
    watch.until(FIRST, LinkState.UP, 20)
    hypervisor = pool.get(ContainerName(FIRST))
    while not watch.events.empty():
        watch.events.get()
    uuid = hypervisor.define(guest_xml(lab, hypervisor.host(), guest_record("after-the-cut")))
    assert watch.events.get(timeout=5).uuid == uuid, "events are registered again after a reconnect"
    hypervisor.undefine(uuid)


def test_a_restarted_libvirtd_is_found_again(lab: Lab, pool: HypervisorPool, watch: Watch) -> None:
    container = lab.containers[FIRST]
    container.stop_libvirtd()
    watch.until(FIRST, LinkState.DOWN, 10)
    container.start_libvirtd()
    eventually(lambda: pool.report(ContainerName(FIRST)) == LinkReport(LinkState.UP), 10)
    assert pool.get(ContainerName(FIRST)).domains() == []


def test_a_frozen_container_costs_the_others_nothing(lab: Lab, pool: HypervisorPool, watch: Watch) -> None:
    frozen, other = pool.get(ContainerName(FIRST)), pool.get(ContainerName(SECOND))
    lab.freeze(FIRST)
    try:
        worst_s = 0.0
        begun = time.monotonic()
        with pytest.raises(ContainerUnreachable):
            frozen.domains()
        assert time.monotonic() - begun < 6
        for _ in range(50):
            asked = time.monotonic()
            other.statistics()
            worst_s = max(worst_s, time.monotonic() - asked)
        assert worst_s < 1
        watch.until(FIRST, LinkState.DOWN, 15)
        begun = time.monotonic()
        pool.retry_now(ContainerName(FIRST))
        other.domains()
        assert time.monotonic() - begun < 1
    finally:
        lab.thaw(FIRST)
    watch.until(FIRST, LinkState.UP, 15)
    assert frozen.domains() == []


def test_closing_while_a_container_is_frozen(lab: Lab, pool: HypervisorPool) -> None:
    lab.freeze(FIRST)
    try:
        begun = time.monotonic()
        pool.close()
        assert time.monotonic() - begun < 2
    finally:
        lab.thaw(FIRST)


def test_one_call_a_refresh_whatever_the_number_of_vms(lab: Lab, connect: Callable[[str], LibvirtHypervisor]) -> None:
    """Counted at libvirtd's socket."""
    count = 12
    names = [f"many-{number}" for number in range(count)]
    direct = connect(FIRST)
    host = direct.host()
    uuids: list[DomainUuid] = [direct.define(guest_xml(lab, host, guest_record(name))) for name in names]
    for uuid in uuids[:2]:
        direct.start(uuid)
    listen = lab.base / "proxy"
    try:
        with RpcProxy(listen, lab.containers[FIRST].socket) as proxy:
            counted = LibvirtHypervisor(ContainerName(FIRST), proxy.uri, lab.settings(), on_event=lambda event: None)
            counted.open()
            proxy.calls.clear()
            assert len(counted.domains()) == count
            assert proxy.calls[DOMAIN_GET_XML_DESC] == count, "each definition is read once"
            proxy.calls.clear()
            assert len(counted.domains()) == count
            assert proxy.calls == {GET_ALL_DOMAIN_STATS: 1, LIST_ALL_DOMAINS: 3}
            proxy.calls.clear()
            for _ in range(5):
                assert len(counted.statistics()) == 2
            assert proxy.calls == {GET_ALL_DOMAIN_STATS: 5}
            proxy.calls.clear()
            direct.destroy(uuids[0])
            direct.start(uuids[0])
            eventually(lambda: counted.domain(uuids[0]).domain_id is not None)
            proxy.calls.clear()
            counted.domains()
            assert proxy.calls[DOMAIN_GET_XML_DESC] <= 1, "only what changed is read again"
            counted.close()
    finally:
        for uuid in uuids[:2]:
            direct.destroy(uuid)
        for uuid in uuids:
            direct.undefine(uuid)


def own_ssh_processes() -> set[str]:
    """The ``ssh`` processes this test run has under it."""
    me, found = str(os.getpid()), set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = path.read_text(encoding="utf-8", errors="replace").rpartition(")")
            if name.endswith("(ssh") and rest.split()[1] == me:
                found.add(path.parent.name)
    return found


def test_closing_leaves_nothing_behind(lab: Lab) -> None:
    before = own_ssh_processes()
    uri = lab.containers[FIRST].uri
    opened = [
        LibvirtHypervisor(ContainerName(FIRST), uri, lab.settings(), on_event=lambda event: None) for _ in range(5)
    ]
    for one in opened:
        one.open()
        one.domains()
    started = own_ssh_processes() - before
    assert len(started) == 5
    handles = len(list(Path("/proc/self/fd").iterdir()))
    for one in opened:
        one.close()
    eventually(lambda: not own_ssh_processes() & started, 5)
    assert len(list(Path("/proc/self/fd").iterdir())) < handles


def test_a_long_way_costs_few_round_trips(lab: Lab, connect: Callable[[str], LibvirtHypervisor]) -> None:
    """At 50 ms a listing of many new VMs answers soon, and the definitions follow as events."""
    direct = connect(SECOND)
    host = direct.host()
    uuids = [
        direct.define(guest_xml(lab, host, guest_record(f"far-{number}", interface=True))) for number in range(80)
    ]
    listen = lab.base / "proxy"
    heard: SimpleQueue[DomainEvent] = SimpleQueue()
    try:
        with RpcProxy(listen, lab.containers[SECOND].socket, round_trip_s=0.05) as proxy:
            far = LibvirtHypervisor(ContainerName(SECOND), proxy.uri, lab.settings(), on_event=heard.put)
            far.open()
            first = far.domains()
            assert len(first) == 80
            unread = {facts.uuid for facts in first if not facts.interfaces}
            assert unread, "80 definitions take longer than the listing waits"
            told = {heard.get(timeout=10).uuid for _ in unread}
            assert told == unread
            assert all(facts.interfaces for facts in far.domains())
            proxy.calls.clear()
            far.domain(uuids[0])
            assert sum(proxy.calls.values()) <= 6
            far.close()
    finally:
        for uuid in uuids:
            direct.undefine(uuid)
