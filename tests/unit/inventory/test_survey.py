"""The one look a command takes: everybody at once, nobody for long, real test driver."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from core.demo.fleet import DemoFleet
from core.hypervisor.api import Hypervisor
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainFacts, DomainState, LinkState
from core.inventory.survey import looking, survey
from core.settings import ContainerSettings, Settings
from core.store.records import Scope

SETTINGS = Settings(containers=ContainerSettings(connect_timeout_s=5))


def test_states_of_all_containers(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path)
    snapshot = survey(demo.store, SETTINGS)
    demo.close()
    assert {one.link for one in snapshot.containers} == {LinkState.UP}
    assert snapshot.by_name()["compute-0-0-1"].state is DomainState.PAUSED


def test_only_those_asked_for(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path)
    snapshot = survey(demo.store, SETTINGS, ["vm-container-0-1"])
    demo.close()
    assert [one.name for one in snapshot.containers if one.link is LinkState.UP] == ["vm-container-0-1"]
    assert snapshot.by_name()["compute-0-0-1"].state is DomainState.UNKNOWN


def test_one_that_never_answers_costs_the_time_given_and_is_named(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with demo.store.begin() as rows:
            node = rows.nodes.find("vm-container-0-0")
            assert node is not None
            uri = f"test+tcp://127.0.0.1:{silent.getsockname()[1]}/default"
            rows.attributes.set(Scope.HOST, node.id, "libvirt_uri", uri)
        began = time.monotonic()
        snapshot = survey(demo.store, SETTINGS, timeout_s=1.0)
        assert time.monotonic() - began < 4.0
    demo.close()
    down = snapshot.container("vm-container-0-0")
    assert down is not None and down.link is LinkState.DOWN and down.link_reason
    assert snapshot.by_name()["compute-0-1-0"].state is not DomainState.UNKNOWN


class Slow(LibvirtHypervisor):
    """A container that answers late, as Xen over SSH does."""

    def domains(self) -> list[DomainFacts]:
        time.sleep(0.5)
        return super().domains()


class Only:
    """One connection held open, as the screen's pool holds all."""

    def __init__(self, hypervisor: Hypervisor) -> None:
        self._hypervisor = hypervisor

    def get(self, name: ContainerName) -> Hypervisor:
        assert name == self._hypervisor.container
        return self._hypervisor

    def set_containers(self, uris: Mapping[ContainerName, str]) -> None:
        """It holds what it holds."""

    def retry_now(self, name: ContainerName | None = None) -> None:
        """It is up."""


def test_one_that_is_needed_is_waited_for_as_long_as_connecting_may_take(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path)
    name = ContainerName("vm-container-0-0")
    with demo.store.reading() as rows:
        slow = Slow(name, next(one.uri for one in rows.fleet().containers if one.name == name))
    slow.open()
    settings = Settings(containers=ContainerSettings(survey_s=0.1, connect_timeout_s=20))
    hasty = survey(demo.store, settings, [name], connections=Only(slow)).container(name)
    with looking(demo.store, settings, [name], needed=[name], connections=Only(slow)) as look:
        patient = look.snapshot.container(name)
    slow.close()
    demo.close()
    assert hasty is not None and hasty.link is LinkState.DOWN and "no answer within 0.1 s" in hasty.link_reason
    assert patient is not None and patient.link is LinkState.UP


def test_the_connections_are_there_for_acting(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path)
    with looking(demo.store, SETTINGS) as look:
        vm = look.snapshot.by_name()["compute-0-0-0"]
        look.hypervisors[vm.key.container].suspend(vm.key.uuid)
        assert look.hypervisors[vm.key.container].domain(vm.key.uuid).state is DomainState.PAUSED
    demo.close()


def test_libvirt_is_not_imported_for_a_cluster_without_uris(tmp_path: Path) -> None:
    program = """
import sys
from core.inventory.survey import survey
from core.settings import Settings
from core.store.store import Store
store = Store.open(sys.argv[1])
with store.begin() as rows:
    rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
assert survey(store, Settings()).containers[0].link.value == "down"
assert "libvirt" not in sys.modules
"""
    url = f"sqlite:///{tmp_path / 'quarry.sqlite'}"
    subprocess.run([sys.executable, "-c", program, url], check=True, timeout=60)


def test_connections_that_are_open_already_are_asked_and_left_open(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path)
    pool = demo.pool()
    with demo.store.reading() as rows:
        uris = {one.name: one.uri for one in rows.fleet().containers}
    late = next(iter(uris))
    pool.set_containers({name: uri for name, uri in uris.items() if name != late})
    names = [name for name in uris if name != late]
    end = time.monotonic() + 5
    while any(not pool.is_up(name) for name in names) and time.monotonic() < end:
        time.sleep(0.01)
    vm = survey(demo.store, SETTINGS, connections=pool).by_name()["compute-0-1-0"]
    pool.get(vm.key.container).destroy(vm.key.uuid)
    again = survey(demo.store, SETTINGS, connections=pool)
    assert again.by_name()["compute-0-1-0"].state is DomainState.SHUT_OFF
    silent = again.container(late)
    assert silent is not None and silent.link is not LinkState.UP
    demo.close()
