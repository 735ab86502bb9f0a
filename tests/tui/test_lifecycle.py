"""From a wish to results: what asks, what runs at once, what is refused and how it is told."""

from __future__ import annotations

from typing import TypeVar

from textual.app import App
from textual.notifications import SeverityLevel
from textual.screen import Screen

from core.hypervisor.model import DomainState
from core.inventory.snapshot import VmKey
from tests.tui.fleets import ScriptedFleet
from tests.tui.patience import until
from tests.tui.plans import text_of
from tui.actions.lifecycle import Lifecycle, Wish
from tui.screens.choice import ChoiceScreen
from tui.screens.plan import PlanScreen
from tui.screens.results import ResultsScreen
from tui.themes import register_themes

Answer = TypeVar("Answer")

RUNNING, PAUSED, OFF = "compute-0-0-0", "compute-0-0-1", "compute-0-0-2"


class StageApp(App[None]):
    """The smallest app a lifecycle action can play on."""

    def __init__(self, fleet: ScriptedFleet) -> None:
        super().__init__()
        register_themes(self)
        self.fleet = fleet
        self.said: list[str] = []
        self.lifecycle = Lifecycle(self, fleet, self.call_later)

    def wish(self, verb: str, *names: str, hidden: tuple[str, ...] = ()) -> None:
        keys = [self.key(name) for name in names]
        self.run_worker(self.lifecycle.act(Wish(verb, keys, {}, hidden)))

    def key(self, name: str) -> VmKey:
        return self.fleet.snapshot().by_name()[name].key

    async def ask(self, screen: Screen[Answer]) -> Answer | None:
        return await self.push_screen_wait(screen)

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        self.said.append(text)

    def open_dialog(self, screen: Screen[None]) -> None:
        self.push_screen(screen)

    def runs_changed(self) -> None:
        """Nothing is painted here."""


async def test_start_runs_at_once() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.wish("start", OFF)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.fleet.state_of(OFF) is DomainState.RUNNING
        assert app.said and "done" in app.said[-1]


async def test_stop_asks_and_runs_after_yes() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.wish("stop", RUNNING)
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert app.fleet.ran == []
        await pilot.press("y")
        await app.workers.wait_for_complete()
        assert app.fleet.state_of(RUNNING) is DomainState.SHUT_OFF


async def test_leaving_the_dialog_touches_nothing() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.wish("stop", RUNNING)
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        assert app.fleet.ran == []


async def test_what_changes_while_the_dialog_is_open_is_skipped_and_told() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.wish("stop", RUNNING, PAUSED)
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        app.fleet.change(PAUSED, state=DomainState.SHUT_OFF)
        await pilot.press("y")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [target.name for target in app.fleet.ran[0].targets] == [RUNNING]
        assert isinstance(app.screen, ResultsScreen)
        assert f"{PAUSED}" in text_of(app) and "changed since the plan was shown" in text_of(app)


async def test_one_failure_among_several_is_listed_with_its_reason() -> None:
    app = StageApp(ScriptedFleet())
    app.fleet.failing[PAUSED] = "the disk is gone (look at /state)"
    async with app.run_test(size=(100, 24)) as pilot:
        app.wish("stop", RUNNING, PAUSED)
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("y")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "1 done, 1 failed" in text_of(app)
        assert f"✖ {PAUSED}  the disk is gone (look at /state)" in text_of(app)


async def test_a_refused_single_vm_is_told_without_a_dialog() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.wish("start", RUNNING)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert not isinstance(app.screen, PlanScreen)
        assert "running" in app.said[-1]


async def test_pause_of_a_mixed_set_asks_which() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.wish("pause", RUNNING, PAUSED)
        await until(pilot, lambda: isinstance(app.screen, ChoiceScreen))
        assert "Pause 1 running" in text_of(app) and "Resume 1 paused" in text_of(app)
        await pilot.press("r")
        await app.workers.wait_for_complete()
        assert app.fleet.state_of(PAUSED) is DomainState.RUNNING
        assert app.fleet.state_of(RUNNING) is DomainState.RUNNING


async def test_pause_key_on_a_paused_vm_resumes_without_asking() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test():
        app.wish("pause", PAUSED)
        await app.workers.wait_for_complete()
        assert app.fleet.state_of(PAUSED) is DomainState.RUNNING


async def test_stopping_on_several_containers_must_be_typed() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.wish("stop", RUNNING, "compute-0-1-0")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("y")
        await pilot.pause()
        assert app.fleet.ran == []
        await pilot.press("backspace", *"stop 2", "enter")
        await app.workers.wait_for_complete()
        assert len(app.fleet.ran[0].targets) == 2


async def test_read_only_refuses_with_a_sentence() -> None:
    app = StageApp(ScriptedFleet(read_only=True))
    async with app.run_test():
        app.wish("stop", RUNNING)
        await app.workers.wait_for_complete()
        assert "read-only" in app.said[-1]
        assert app.fleet.ran == []


async def test_nothing_targeted_says_what_to_do() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test():
        app.wish("stop")
        await app.workers.wait_for_complete()
        assert "Space" in app.said[-1]


async def test_repeat_does_the_last_action_to_other_targets_with_its_own_asking() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test() as pilot:
        app.run_worker(app.lifecycle.repeat([app.key(OFF)], ()))
        await app.workers.wait_for_complete()
        assert "Nothing to repeat" in app.said[-1]
        app.wish("stop", RUNNING)
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("y")
        await app.workers.wait_for_complete()
        app.run_worker(app.lifecycle.repeat([app.key(PAUSED)], ()))
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert isinstance(app.screen, PlanScreen)
        assert app.screen.plan.targets[0].name == PAUSED


async def test_hidden_marks_are_named_in_the_dialog() -> None:
    app = StageApp(ScriptedFleet())
    async with app.run_test(size=(100, 24)) as pilot:
        app.wish("stop", RUNNING, PAUSED, hidden=(PAUSED,))
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert f"1 of these marked but hidden by the filter: {PAUSED}" in text_of(app)
