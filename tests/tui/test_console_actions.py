"""Consoles from the tree: opening, typing, leaving and returning, watching, alerts."""

from __future__ import annotations

from core.hypervisor.model import DomainState
from core.settings import Settings
from tests.tui.consoles import ECHO, eventually, seen
from tests.tui.fleets import ScriptedFleet
from tests.tui.patience import until
from tests.tui.test_app import go_to, make_app
from tui.app import QuarryApp
from tui.filter import parse_filter
from tui.history import History
from tui.screens.consoles import ConsolesScreen
from tui.screens.help import HelpScreen

RUNNING, OTHER = "compute-0-0-0", "compute-0-1-0"
PANIC = "sh -c 'sleep 0.3; echo Kernel panic - not syncing: no init; echo; sleep 60'"


def fleet_with_consoles(**commands: str) -> ScriptedFleet:
    fleet = ScriptedFleet()
    for name in (RUNNING, OTHER):
        fleet.console_commands[name] = ECHO.replace("NAME", name)
    fleet.console_commands.update({name.replace("_", "-"): command for name, command in commands.items()})
    return fleet


async def test_c_opens_the_cursors_console_and_every_key_is_the_guests() -> None:
    app = make_app(fleet_with_consoles())
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("c")
        await eventually(lambda: f"hello from {RUNNING}" in seen(app))
        await pilot.press(*"S:?q", "enter")
        await eventually(lambda: "got S:?q" in seen(app))
        await pilot.press("ctrl+c")
        await eventually(lambda: "waiting" in seen(app) or "failed" in seen(app))
        assert "leaves at once" not in seen(app)


async def test_marked_vms_open_as_tiles_and_stay_alive_behind_the_tree() -> None:
    app = make_app(fleet_with_consoles())
    async with app.run_test(size=(180, 40)) as pilot:
        for name in (RUNNING, OTHER):
            await go_to(pilot, app, name)
            await pilot.press("space")
        await pilot.press("c")
        await eventually(lambda: all(f"hello from {name}" in seen(app) for name in (RUNNING, OTHER)))
        await pilot.press(*"first", "enter", "ctrl+right_square_bracket", "escape")
        await until(pilot, lambda: app.screen is app.main)
        await pilot.press("C")
        await eventually(lambda: "got first" in seen(app))
        await pilot.press("-")
        await until(pilot, lambda: app.screen is app.main)
        await pilot.press("-")
        await until(pilot, lambda: isinstance(app.screen, ConsolesScreen))
        await pilot.press("q", "q")
        await until(pilot, lambda: app.screen is app.main)
        assert app.fleet.consoles.shown == frozenset()


async def test_the_command_bar_opens_consoles_by_name_and_pattern() -> None:
    app = make_app(fleet_with_consoles())
    async with app.run_test(size=(180, 40)) as pilot:
        await until(pilot, lambda: RUNNING in seen(app))
        await pilot.press(":", *"console compute-0-[01]-0", "enter")
        await eventually(lambda: all(f"hello from {name}" in seen(app) for name in (RUNNING, OTHER)))


async def test_a_machine_without_a_console_is_said_and_nothing_opens() -> None:
    app = make_app(fleet_with_consoles())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: RUNNING in seen(app))
        await pilot.press(":", *"console nosuch", "enter")
        await until(pilot, lambda: "nosuch has no console here" in seen(app))
        assert app.screen is app.main
        await pilot.press("C")
        await until(pilot, lambda: "No console is open." in seen(app))


async def test_on_a_container_row_its_own_console_opens() -> None:
    app = make_app(fleet_with_consoles(vm_container_0_0="sh -c 'echo BMC of the container; sleep 60'"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: RUNNING in seen(app))
        await pilot.press("g", "j", "c")
        await eventually(lambda: "BMC of the container" in seen(app))


async def test_watching_fills_the_boot_field_and_an_alert_is_said() -> None:
    fleet = fleet_with_consoles(compute_0_0_0=PANIC)
    app = make_app(fleet)
    async with app.run_test(size=(140, 24), notifications=True) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("b")
        await until(pilot, lambda: f"{RUNNING}: panic: Kernel panic - not syncing" in seen(app))
        assert fleet.snapshot().by_name()[RUNNING].boot == "panic"
        await until(pilot, lambda: "BOOT" in seen(app).splitlines()[1])
        assert any(RUNNING in line and " panic " in line for line in seen(app).splitlines())
        wanted = parse_filter("boot:panic")
        assert not isinstance(wanted, Exception)
        await pilot.press("/", *"boot:panic", "enter")
        await until(pilot, lambda: "1 of 6" in seen(app))
        assert fleet.consoles.watched == {RUNNING}
        await pilot.press("escape")
        await go_to(pilot, app, RUNNING)
        await pilot.press("b")
        await until(pilot, lambda: fleet.consoles.watched == frozenset())
        assert fleet.snapshot().by_name()[RUNNING].boot == ""
        await until(pilot, lambda: "BOOT" not in seen(app).splitlines()[1])


async def test_a_console_that_was_watched_shows_what_was_said_since() -> None:
    app = make_app(fleet_with_consoles(compute_0_0_0=PANIC))
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("b")
        await until(pilot, lambda: app.fleet.snapshot().by_name()[RUNNING].boot == "panic")
        await pilot.press("c")
        await eventually(lambda: "Kernel panic - not syncing: no init" in seen(app))
        await pilot.press("ctrl+right_square_bracket", "q")
        await until(pilot, lambda: app.screen is app.main)
        assert app.fleet.snapshot().by_name()[RUNNING].boot == "panic", "closing the pane does not end the watch"


async def test_help_in_view_mode_lists_the_consoles_keys_and_remapping_reaches_them() -> None:
    fleet = fleet_with_consoles()
    settings = Settings()
    settings.tui.keys.update({"console.leave": "f10"})  # type: ignore[attr-defined]
    app = QuarryApp(fleet, settings, history=History(None))
    async with app.run_test(size=(100, 30)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("c")
        await eventually(lambda: f"hello from {RUNNING}" in seen(app))
        await pilot.press("ctrl+right_square_bracket", "?")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await until(pilot, lambda: "Search the console's scrollback." in seen(app))
        await pilot.press("escape", "f10")
        await until(pilot, lambda: app.screen is app.main)


async def test_a_read_only_quarry_looks_at_consoles_and_types_nothing() -> None:
    fleet = ScriptedFleet(read_only=True)
    fleet.console_commands[RUNNING] = ECHO.replace("NAME", RUNNING)
    app = make_app(fleet)
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await pilot.press("c")
        await eventually(lambda: f"hello from {RUNNING}" in seen(app))
        await pilot.press("c", "x", "enter")
        await pilot.pause(0.3)
        assert "got" not in seen(app)


async def test_a_vm_that_is_off_has_no_console_in_the_footer_only_when_undefined() -> None:
    app = make_app(fleet_with_consoles())
    async with app.run_test(size=(160, 24)) as pilot:
        await go_to(pilot, app, RUNNING)
        await until(pilot, lambda: "c Console" in seen(app).splitlines()[-1])
        app.fleet.change(RUNNING, state=DomainState.UNKNOWN, defined=False)  # type: ignore[attr-defined]
        await until(pilot, lambda: "c Console" not in seen(app).splitlines()[-1])
