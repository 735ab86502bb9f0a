"""The real rooms behind the screen's facade, on the demo fleet; and the tour that a fresh installation takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import StoreError
from core.hypervisor.model import DomainState
from core.operations.plan import Outcome, Plan
from core.outcome import Refused
from core.settings import Settings, StoreSettings
from tui.composition import ComposedFleet, open_demo, open_fleet
from tui.tour import tour


@pytest.fixture
def demo() -> Iterator[ComposedFleet]:
    fleet = open_demo(Settings(), frozen=True)
    deadline = time.monotonic() + 20
    while not is_known(fleet):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield fleet
    fleet.close()


def is_known(fleet: ComposedFleet) -> bool:
    containers = fleet.snapshot().containers
    return bool(containers) and all(any(vm.defined for vm in one.vms) for one in containers)


def running_vm(fleet: ComposedFleet) -> str:
    return next(
        vm.name
        for container in fleet.snapshot().containers
        for vm in container.vms
        if vm.state is DomainState.RUNNING and vm.record is not None
    )


def test_a_plan_made_on_the_screen_runs_and_is_logged(demo: ComposedFleet) -> None:
    name = running_vm(demo)
    plan = demo.plan("pause", [demo.snapshot().by_name()[name].key], {})
    assert isinstance(plan, Plan)
    assert "suspend" in demo.script(plan)
    (result,) = demo.run(plan, lambda _progress: None)
    assert result.outcome is Outcome.DONE
    assert demo.log(1)[0].what == f"pause host vm {name}"
    deadline = time.monotonic() + 10
    while demo.snapshot().by_name()[name].state is not DomainState.PAUSED:
        assert time.monotonic() < deadline, "the new state did not come back"
        time.sleep(0.02)


def test_a_removed_vm_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when the store is looked at next: here that would be in a minute."""
    fleet = open_demo(Settings(), frozen=True)
    try:
        deadline = time.monotonic() + 20
        while not is_known(fleet):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        monkeypatch.setattr("core.inventory.inventory.STORE_POLL_S", 60.0)
        time.sleep(0.7)
        vm = next(vm for vm in fleet.snapshot().by_name().values() if vm.state is DomainState.SHUT_OFF and vm.record)
        plan = fleet.plan("remove", [vm.key], {})
        assert isinstance(plan, Plan)
        fleet.run(plan, lambda _progress: None)
        deadline = time.monotonic() + 10
        while vm.name in fleet.snapshot().by_name():
            assert time.monotonic() < deadline, "the tree still has it"
            time.sleep(0.02)
    finally:
        fleet.close()


def test_commands_see_what_the_screen_sees(demo: ComposedFleet) -> None:
    name = running_vm(demo)
    plan = demo.plan("pause", [demo.snapshot().by_name()[name].key], {})
    assert isinstance(plan, Plan)
    demo.run(plan, lambda _progress: None)
    printed = demo.command(f"list host vm {name}", lambda _lines, _phrase: True)
    assert not printed.failed
    assert "paused" in printed.out, "the command opened connections of its own"


def test_a_refused_command_is_one_line(demo: ComposedFleet) -> None:
    printed = demo.command("add host vm nowhere membership=Compute", lambda _lines, _phrase: True)
    assert printed.failed
    assert printed.err.startswith("error - ") and printed.err.count("\n") == 1


def test_completion_gives_whole_lines(demo: ComposedFleet) -> None:
    assert "list host" in [one.line for one in demo.complete("list h")]


def test_the_operator_is_not_among_the_others(demo: ComposedFleet) -> None:
    assert demo.company().names == ()


def test_closing_is_quick_and_leaves_no_files(demo: ComposedFleet) -> None:
    began = time.monotonic()
    demo.close()
    assert time.monotonic() - began < 3


def test_a_read_only_fleet_makes_no_store_and_no_plan(tmp_path: Path) -> None:
    settings = Settings(StoreSettings(f"sqlite:///{tmp_path / 'store.sqlite'}"), read_only=True)
    with pytest.raises(StoreError):
        open_fleet(settings)
    assert list(tmp_path.iterdir()) == []
    open_fleet(Settings(settings.store)).close()
    fleet = open_fleet(settings)
    try:
        assert fleet.read_only
        assert isinstance(fleet.plan("stop", [], {}), Refused)
        assert fleet.command("add network x 10.0.0.0 255.0.0.0", lambda _lines, _phrase: True).failed
    finally:
        fleet.close()


async def test_the_tour_finds_nothing_wrong() -> None:
    printed: list[str] = []
    assert await tour(printed.append) == []
    text = "".join(printed)
    assert text.count("\n== ") >= 10 and ": ok" in text
