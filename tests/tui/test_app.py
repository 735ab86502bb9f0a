"""The whole screen on a scripted fleet: keys to actions, dialogs, pages, and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from core.errors import SettingsError, StoreError
from core.hypervisor.model import DomainState
from core.settings import Settings, TuiSettings
from tests.builders import make_container, make_vm
from tests.tui.fleets import ScriptedFleet
from tests.tui.patience import until
from tests.tui.plans import text_of
from tui.actions.command_line import CommandAsks
from tui.actions.keymap import key_name
from tui.app import QuarryApp
from tui.fleet import Printed
from tui.history import History
from tui.screens.command import CommandScreen
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.hosts import HostsScreen
from tui.screens.log import LogScreen
from tui.screens.output import OutputScreen
from tui.screens.plan import PlanScreen
from tui.widgets.footer import ActionFooter

RUNNING, PAUSED, OFF = "compute-0-0-0", "compute-0-0-1", "compute-0-0-2"


def make_app(fleet: ScriptedFleet | None = None, **tui: object) -> QuarryApp:
    settings = Settings(tui=replace(TuiSettings(), **tui))  # type: ignore[arg-type]
    return QuarryApp(fleet or ScriptedFleet(), settings, history=History(None))


def fleet_of(app: QuarryApp) -> ScriptedFleet:
    assert isinstance(app.fleet, ScriptedFleet)
    return app.fleet


async def go_to(pilot: Pilot[None], app: QuarryApp, name: str) -> None:
    """Put the cursor on a VM."""
    await until(pilot, lambda: name in text_of(app))
    assert app.main.fleet_tree.move_to(app.fleet.snapshot().by_name()[name].key)
    await pilot.pause()


async def test_stop_by_key_asks_and_powers_off() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("y")
        await until(pilot, lambda: fleet_of(app).state_of(RUNNING) is DomainState.SHUT_OFF)
        await until(pilot, lambda: "○ off" in text_of(app))


async def test_marked_vms_are_paused_together() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("space")
        await go_to(pilot, app, "compute-0-1-0")
        await pilot.press("space", "p")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(fleet_of(app).ran) == 1)
        assert len(fleet_of(app).ran[0].targets) == 2


async def test_a_vm_that_changed_while_the_plan_was_shown_is_not_touched() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        fleet_of(app).change(RUNNING, state=DomainState.SHUT_OFF)
        await pilot.press("y")
        await until(pilot, lambda: "changed since the plan was shown" in text_of(app))
        assert fleet_of(app).ran == []


async def test_read_only_offers_nothing_and_refuses_with_a_sentence() -> None:
    app = make_app(ScriptedFleet(read_only=True))
    async with app.run_test(size=(120, 24), notifications=True) as pilot:
        await go_to(pilot, app, RUNNING)
        await until(pilot, lambda: "read-only" in text_of(app).splitlines()[-1])
        assert "Stop" not in text_of(app).splitlines()[-1]
        await pilot.press("S")
        await until(pilot, lambda: "This Quarry is read-only" in " ".join(text_of(app).split()))
        await pilot.press("a")
        await pilot.pause()
        assert not isinstance(app.screen, FormScreen)


async def test_the_footer_follows_cursor_marks_and_state() -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        footer = app.main.query_one(ActionFooter)

        def labels() -> set[str]:
            return {offer.label for offer in footer.offers.offers}

        await go_to(pilot, app, RUNNING)
        await until(pilot, lambda: footer.offers.subject == RUNNING and "Stop" in labels())
        assert "Start" not in labels()
        fleet_of(app).change(RUNNING, state=DomainState.SHUT_OFF)
        await until(pilot, lambda: "Start" in labels())
        await pilot.press("space")
        await until(pilot, lambda: footer.offers.subject == "1 marked")


async def test_a_remapped_key_works_and_the_old_one_does_not() -> None:
    app = make_app(keys={"vm.stop": "f9"})
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("S")
        await pilot.pause(0.1)
        assert not isinstance(app.screen, PlanScreen)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))


async def test_swapped_and_removed_keys() -> None:
    app = make_app(keys={"vm.start": "S", "vm.stop": "s", "vm.remove": "", "confirm.yes": "f8"})
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, OFF)
        await pilot.press("X")
        await pilot.pause(0.1)
        assert app.screen_stack[-1] is app.main
        await pilot.press("S")
        await until(pilot, lambda: fleet_of(app).state_of(OFF) is DomainState.RUNNING)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert "f8 Power off" in text_of(app)
        await pilot.press("y")
        await pilot.pause(0.1)
        assert isinstance(app.screen, PlanScreen)
        await pilot.press("f8")
        await until(pilot, lambda: fleet_of(app).state_of(OFF) is DomainState.SHUT_OFF)


def test_a_key_clash_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="belongs to both"):
        make_app(keys={"vm.start": "S"})


def test_an_unknown_theme_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="quarry-dark"):
        make_app(theme="plaid")


async def test_capital_d_only_says_what_to_press() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("D")
        await until(pilot, lambda: "use S to power off" in " ".join(text_of(app).split()))
        assert fleet_of(app).ran == []


async def test_names_and_scripts_are_copied() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == RUNNING)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("escape", "Y")
        await until(pilot, lambda: app.clipboard.startswith("#!/bin/sh"))


async def test_pages_open_and_lead_back() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press("L")
        await until(pilot, lambda: isinstance(app.screen, LogScreen))
        await pilot.press("H")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen))
        await pilot.press("q")
        await until(pilot, lambda: app.screen is app.main)
        await pilot.press("minus")
        await until(pilot, lambda: isinstance(app.screen, HostsScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_vm_keys_do_nothing_on_other_pages() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("L")
        await until(pilot, lambda: isinstance(app.screen, LogScreen))
        await pilot.press("S", "X", "d")
        await pilot.pause(0.1)
        assert isinstance(app.screen, LogScreen)
        assert fleet_of(app).ran == []


async def test_a_command_line_runs_and_its_output_is_shown() -> None:
    app = make_app()
    fleet_of(app).answers["list host vm"] = Printed("VM-HOST SLICE\n[b]x[/]  0\n", "", False)
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press(":")
        await until(pilot, lambda: isinstance(app.screen, CommandScreen))
        await pilot.press(*"list host vm", "enter")
        await until(pilot, lambda: isinstance(app.screen, OutputScreen))
        assert "[b]x[/]  0" in text_of(app)
        assert fleet_of(app).lines == ["list host vm"]


async def test_a_command_that_asks_waits_for_the_answer() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press(":")
        await until(pilot, lambda: isinstance(app.screen, CommandScreen))
        await pilot.press(*"remove host x", "enter")
        await until(pilot, lambda: "remove host x removes a row" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "nothing was done" in text_of(app))
        assert "error - left out" not in text_of(app), "no panel for a no"


async def test_the_screens_own_words_in_the_command_bar() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press(":", *"theme mono", "enter")
        await until(pilot, lambda: app.theme == "mono")
        await pilot.press(":", *"filter state:paused", "enter")
        await until(pilot, lambda: RUNNING not in text_of(app) and PAUSED in text_of(app))
        await pilot.press(":", *"filter", "enter")
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press(":", *"log", "enter")
        await until(pilot, lambda: isinstance(app.screen, LogScreen))
        assert fleet_of(app).lines == []


async def test_the_add_form_runs_its_lines() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        await pilot.press(*["enter"] * 8, "y")
        await until(pilot, lambda: bool(fleet_of(app).lines))
        assert fleet_of(app).lines == ["add host vm vm-container-0-0 membership=Compute"]


async def test_the_edit_form_sends_what_changed() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        await pilot.press("end", "backspace", "8", *["enter"] * 6, "y")
        await until(pilot, lambda: bool(fleet_of(app).lines))
        assert fleet_of(app).lines == [f"set host vm {RUNNING} mem=1028"]


async def test_help_and_theme_and_refresh() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press("?")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape", "T", "ctrl+r")
        await until(pilot, lambda: app.theme == "quarry-light")
        await until(pilot, lambda: fleet_of(app).refreshed == [None])


async def test_quitting_with_something_running_asks_once() -> None:
    import threading

    app = make_app()
    going, enough = threading.Event(), threading.Event()

    def hold() -> None:
        going.set()
        enough.wait(20)

    fleet_of(app).before_run = hold
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await go_to(pilot, app, OFF)
        await pilot.press("s")
        await until(pilot, going.is_set)
        await pilot.press("q")
        await until(pilot, lambda: "1 action still runs" in " ".join(text_of(app).split()))
        assert app._exit is False
        await pilot.press("q")
        await until(pilot, lambda: app._exit)
        enough.set()


async def test_an_unforeseen_mistake_is_told_and_the_screen_lives_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = make_app()

    def fails(limit: int) -> list[object]:
        raise ZeroDivisionError("oops [b]")

    monkeypatch.setattr(fleet_of(app), "script", fails)
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("escape", "Y")
        await until(pilot, lambda: "mistake (ZeroDivisionError: oops" in text_of(app))
        await pilot.press("L")
        await until(pilot, lambda: isinstance(app.screen, LogScreen))


async def test_a_store_that_fails_is_said_while_the_screen_goes_on() -> None:
    app = make_app()

    def broken(limit: int) -> list[object]:
        raise StoreError("cannot read the store", "it is locked", "try again")

    fleet_of(app).log = broken  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press("L")
        await until(pilot, lambda: "it is locked" in text_of(app))


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (60, 20)])
async def test_small_terminals_and_resizes_break_nothing(size: tuple[int, int]) -> None:
    name = "[red]<evil>[/] \x1b[31m&'\""
    vm = make_vm(name, state=DomainState.RUNNING)
    app = make_app(ScriptedFleet(make_container("vm-container-0-0", [vm])))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.1)
        app.main.fleet_tree.move_to(vm.key)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.resize_terminal(120, 40)
        await pilot.resize_terminal(*size)
        await pilot.press("y")
        await until(pilot, lambda: len(fleet_of(app).ran) == 1)
        for key in ("L", "H"):
            await pilot.press(key)
            await pilot.pause()
        await pilot.press("escape", "?")
        await pilot.pause()
        assert "\x1b" not in text_of(app)


async def test_an_unknown_domain_is_adopted_with_one_key() -> None:
    stray = make_vm("test-guest", in_store=False)
    app = make_app(ScriptedFleet(make_container("vm-container-0-0", [stray])))
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, "test-guest")
        await pilot.press("=")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(fleet_of(app).ran) == 1)
        assert fleet_of(app).ran[0].verb == "adopt"


async def test_the_palette_finds_an_action_by_its_words() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        await pilot.press("ctrl+p", *"next theme")
        await until(pilot, lambda: "Theme  (T)" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.theme == "quarry-light")


async def test_a_store_that_cannot_be_read_is_said_above_the_tree_until_it_can() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: RUNNING in text_of(app))
        containers = app.fleet.snapshot().containers
        fleet_of(app).show(*containers, store_error="cannot read the store: it is locked")
        await until(pilot, lambda: "it is locked" in text_of(app))
        assert RUNNING in text_of(app), "what is known must stay"
        fleet_of(app).show(*containers)
        await until(pilot, lambda: "it is locked" not in text_of(app))


async def test_repeat_by_key() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, OFF)
        await pilot.press("s")
        await until(pilot, lambda: len(fleet_of(app).ran) == 1)
        await go_to(pilot, app, "compute-0-1-2")
        await pilot.press("full_stop")
        await until(pilot, lambda: len(fleet_of(app).ran) == 2)
        assert fleet_of(app).ran[1].targets[0].name == "compute-0-1-2"


def test_a_commands_question_has_its_first_line_for_a_title_where_that_fits() -> None:
    short = CommandAsks(["Install compute-0-0-4", "compute-0-0-4 on vm-container-0-0"], "").screen
    long = CommandAsks(["what is on the disks of all nodes of the rack is lost for good", "compute-0-0-4"], "").screen
    assert short.heading == "Install compute-0-0-4"
    assert [line.text for line in short.lines] == ["compute-0-0-4 on vm-container-0-0"]
    assert long.heading == "Sure?"
    assert len(long.lines) == 2


@pytest.mark.parametrize("opening", [":", "/", "?", "a"])
async def test_what_is_typed_in_one_burst_is_for_the_field_that_opens_and_for_no_vm(opening: str) -> None:
    """Over a slow line, or pasted, keys come at once: ``s`` must not start the VM under the cursor."""
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await go_to(pilot, app, OFF)
        for key in (opening, *"sjs"):
            app.post_message(Key(key_name(key), key))
        await until(
            pilot, lambda: isinstance(app.focused, Input) and sorted(app.focused.value[-3:]) == ["j", "s", "s"]
        )
        assert fleet_of(app).ran == []
        assert app.fleet.snapshot().by_name()[OFF].state is DomainState.SHUT_OFF
