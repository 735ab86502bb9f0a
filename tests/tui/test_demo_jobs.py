"""The demo fleet runs jobs in this process, through the same interface as the real one."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from core.demo.carrier import PretendCarrier
from core.errors import RemoteError
from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import InventorySnapshot
from core.operations.plan import Outcome, Plan
from core.operations.run import Progress
from core.settings import Settings
from tui.composition import ComposedFleet, open_demo


@pytest.fixture
def demo() -> ComposedFleet:
    fleet = open_demo(Settings(), frozen=True)
    give_up_at = time.monotonic() + 20
    while not fleet.snapshot().containers or not all(
        one.link is LinkState.UP and one.host for one in fleet.snapshot().containers if one.uri
    ):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    return fleet


def some_vm(snapshot: InventorySnapshot, state: DomainState) -> tuple[str, str]:
    """A VM in a state, and a container it is not on."""
    names = [one.name for one in snapshot.containers if one.uri]
    for container in snapshot.containers:
        for vm in container.vms:
            if vm.state is state and vm.record is not None and vm.defined and vm.lock is None and not vm.drift.value:
                return vm.name, next(name for name in names if name != container.name)
    raise AssertionError("none")


@pytest.mark.parametrize("state", [DomainState.RUNNING, DomainState.SHUT_OFF])
def test_a_vm_of_the_demo_moves(demo: ComposedFleet, state: DomainState) -> None:
    name, there = some_vm(demo.snapshot(), state)
    key = demo.snapshot().by_name()[name].key
    plan = demo.plan("move", [key], {"physhost": there})
    assert isinstance(plan, Plan), plan
    told: list[Progress] = []
    results = demo.run(plan, told.append)
    assert [one.outcome for one in results] == [Outcome.DONE], results
    assert told
    give_up_at = time.monotonic() + 10
    while demo.snapshot().by_name()[name].key.container != there:
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    assert demo.snapshot().by_name()[name].state is state
    assert demo.desk.jobs()[0].percent == 100
    demo.close()


def test_the_command_bar_moves_too(demo: ComposedFleet) -> None:
    name, there = some_vm(demo.snapshot(), DomainState.RUNNING)
    printed = demo.command(f"move host vm {name} {there}", lambda lines, phrase: True)
    assert (printed.err, printed.failed) == ("", False)
    assert printed.out.startswith("Saving the VM's current state.\n")
    assert "move host vm" in demo.command("list log", lambda lines, phrase: True).out
    demo.close()


def test_leaving_the_demo_while_a_job_runs_is_no_failure_to_tell_of(
    demo: ComposedFleet, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    copying, go_on = threading.Event(), threading.Event()

    def wait_in_the_middle(*_: object) -> None:
        copying.set()
        go_on.wait(60)
        raise RemoteError("could not copy", "the demo is over")

    monkeypatch.setattr(PretendCarrier, "copy", wait_in_the_middle)
    name, there = some_vm(demo.snapshot(), DomainState.SHUT_OFF)
    plan = demo.plan("move", [demo.snapshot().by_name()[name].key], {"physhost": there})
    assert isinstance(plan, Plan), plan
    job = demo.desk.submit(plan)
    assert copying.wait(60)
    demo.close()
    go_on.set()
    for thread in [one for one in threading.enumerate() if one.name == f"job-{job}"]:
        thread.join(60)
        assert not thread.is_alive()
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []
