"""The main screen as an operator uses it: filter, details, command words, and news of the fleet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.errors import HypervisorError
from core.hypervisor.model import DomainState
from core.inventory.snapshot import InventorySnapshot, VmKey
from core.settings import TuiSettings
from tests.builders import make_container, make_fleet, make_vm
from tests.tui.patience import until
from tests.tui.screens import fleet_of, hostile_fleet, lively_fleet, make_app, screen_text
from tui.actions.lifecycle import Run
from tui.app import QuarryApp
from tui.render.details import Tab
from tui.screens.details import DetailsScreen
from tui.screens.main import MainScreen
from tui.widgets.fleet_tree import FleetTree


def shown(app: QuarryApp) -> list[str]:
    """Names of the slices shown."""
    return [vm.name for vm in app.main.fleet_tree.model.shown_vms()]


async def settled(pilot: Pilot[None]) -> None:
    """Let messages, workers and the details' rest pass."""
    await pilot.pause(0.25)
    await pilot.app.workers.wait_for_complete([worker for worker in pilot.app.workers if worker.group == "details"])
    await pilot.pause()


async def test_the_tree_narrows_with_every_letter(tmp_path: Path) -> None:
    app = make_app(*make_fleet(3, 3).containers, folder=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"0-1")
        await pilot.pause()
        assert "0-1   " in screen_text(app)
        assert len(shown(app)) == 4
        assert "4 of 9" in screen_text(app)
        await pilot.press(*"-2")
        assert shown(app) == ["compute-0-1-2"]
        await pilot.press("enter")
        assert isinstance(app.focused, FleetTree)
        assert shown(app) == ["compute-0-1-2"]
        await pilot.press("escape")
        await pilot.pause()
        assert len(shown(app)) == 9


async def test_escape_while_typing_clears(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test() as pilot:
        await pilot.press("slash", *"nothing", "escape")
        await pilot.pause()
        assert isinstance(app.focused, FleetTree)
        assert len(shown(app)) == 6


async def test_a_mistake_is_said_and_what_stands_before_it_filters_on(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(160, 24)) as pilot:
        await pilot.press("slash", *"0-1-0 state:", *"fly")
        await pilot.pause()
        assert 'no state "fly"' in screen_text(app)
        assert shown(app) == ["compute-0-1-0"]
        await pilot.press(*["backspace"] * 3, *"run")
        await pilot.pause()
        assert app.main.filter_line.error is None


async def test_tab_completes_and_up_recalls(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test() as pilot:
        await pilot.press("slash", *"state:pau", "tab", "enter")
        await pilot.pause()
        assert app.main.filter_line.value == "state:paused"
        assert shown(app) == ["compute-0-0-1", "compute-0-1-1"]
        await pilot.press("escape", "slash", "up")
        await pilot.pause()
        assert app.main.filter_line.value == "state:paused"


async def test_saved_filters(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path, tui=TuiSettings(filters={"off": "state:off"}))
    async with app.run_test() as pilot:
        await pilot.press("slash", *"@off", "enter")
        assert shown(app) == ["compute-0-0-2", "compute-0-1-2"]


async def test_marks_on_two_containers_are_counted(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("slash", *"compute", "enter", "asterisk")
        await pilot.pause()
        assert "6 of 6, 6 marked on 2 containers" in screen_text(app)
        await pilot.press("escape", "escape")
        assert app.main.fleet_tree.targets() == []


async def test_filter_result_can_be_marked_and_is_named_when_hidden(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test() as pilot:
        await pilot.press("slash", *"state:running", "enter", "asterisk", "slash", *" x", "enter")
        assert app.main.hidden_marks() == ["compute-0-0-0", "compute-0-1-0"]


@pytest.mark.parametrize(
    ("word", "rest", "complaint"),
    [
        ("filter", "state:off", ""),
        ("filter", "state:flying", 'no state "flying"'),
        ("sort", "cpu", ""),
        ("sort", "colour", 'no column "colour"'),
        ("group", "cluster", ""),
        ("group", "rack", "container"),
    ],
)
async def test_words_of_the_command_bar(tmp_path: Path, word: str, rest: str, complaint: str) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test():
        answer = app.main.tell(word, rest)
        assert complaint in answer
        assert bool(answer) == bool(complaint)


async def test_details_open_over_a_narrow_screen_and_follow_the_fleet(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "enter")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, DetailsScreen)
        assert "● running" in screen_text(app)
        assert "Shut down" in screen_text(app)
        fleet_of(app).change("compute-0-0-0", state=DomainState.PAUSED)
        await settled(pilot)
        assert "‖ paused" in screen_text(app)
        assert "Resume" in screen_text(app)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, MainScreen)
        assert "‖ paused" in screen_text(app)


async def test_details_beside_a_wide_tree_follow_the_cursor(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.press("j", "j", "j")
        await settled(pilot)
        assert app.main.details.texts[0].startswith("‖ paused")
        await pilot.press("enter", "5")
        await settled(pilot)
        assert app.main.details.tab is Tab.XML
        assert "<uuid>" in screen_text(app)
        await pilot.press("escape")
        assert isinstance(app.focused, FleetTree)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert not app.main.details.display


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("1", ["● running", "Compute · rack 0 rank 0", "00:16:3e:00:00:01", "36 GB asked"]),
        ("2", ["CPU", "12%", "▁", "read", "↓"]),
        ("3", ["In the store", "On the container", "/state/partition1/xen/disks/compute-0-0-0.hda"]),
        ("4", ["eth0", "10.255.255.251", "xenbr.eth0"]),
        ("5", ["<domain>"]),
        ("6", ["Nothing was done to it yet."]),
    ],
)
async def test_tabs(tmp_path: Path, tab: str, words: Sequence[str]) -> None:
    app = make_app(*lively_fleet(), folder=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("j", "j", "enter", tab)
        await settled(pilot)
        text = screen_text(app)
        assert [word for word in words if word not in text] == []


async def test_xml_that_cannot_be_had_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(folder=tmp_path)

    def fail(key: VmKey) -> str:
        raise HypervisorError(key.container, "could not read the definition", "connection reset")

    monkeypatch.setattr(app.fleet, "domain_xml", fail)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("j", "j", "x")
        await settled(pilot)
        assert "could not read the definition: connection reset" in screen_text(app)


async def test_searching_in_xml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(folder=tmp_path)
    xml = "\n".join(f"<line number='{at}'/>" for at in range(200))
    monkeypatch.setattr(app.fleet, "domain_xml", lambda key: xml)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("j", "j", "x")
        await settled(pilot)
        await pilot.press("slash", *"'15", "enter")
        await pilot.pause()
        assert "11 lines" in screen_text(app)
        assert "number='15'" in screen_text(app)
        await pilot.press("n")
        await pilot.pause()
        assert "number='150'" in screen_text(app)


async def test_what_the_cursor_was_on_is_gone(tmp_path: Path) -> None:
    app = make_app(make_container(vms=[make_vm()]), folder=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "enter")
        await settled(pilot)
        fleet_of(app).show(make_container())
        await settled(pilot)
        assert "It is gone." in screen_text(app)


async def test_news_come_through_the_bridge_however_many(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        shown_times = 0
        show = app.main.bridge._show

        def counted(snapshot: InventorySnapshot) -> None:
            nonlocal shown_times
            shown_times += 1
            show(snapshot)

        app.main.bridge._show = counted
        for at in range(500):
            fleet_of(app).change("compute-0-0-0", memory_kib=at * 1024 + 1024)
        await until(pilot, lambda: "500M" in screen_text(app))
        assert 1 <= shown_times < 10


async def test_a_store_that_fails_is_said_and_taken_back(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:
        boxes = fleet_of(app).snapshot().containers
        fleet_of(app).show(*boxes, store_error="the database is locked")
        await settled(pilot)
        assert "the database is locked" in screen_text(app)
        fleet_of(app).show(*boxes)
        await settled(pilot)
        assert "locked" not in screen_text(app)


async def test_what_runs_is_said(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:
        app.main.show_runs([Run("Stop 12 VMs", 12, 4, "compute-0-0-3: power off")])
        await pilot.pause()
        assert "Stop 12 VMs   4 of 12   compute-0-0-3: power off" in screen_text(app)
        app.main.show_runs([])
        await pilot.pause()
        assert "Stop 12 VMs" not in screen_text(app)


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (10, 3), (1, 1), (200, 60)])
async def test_any_size_and_any_names(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(*hostile_fleet(), folder=tmp_path)
    async with app.run_test(size=size) as pilot:
        for key in ["j", "j", "space", "G", "enter", "2", "5", "escape", "slash", "a", "enter", "escape", "z", "M"]:
            await pilot.press(key)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "container" in screen_text(app)
        assert "\x1b" not in screen_text(app)


async def test_the_clock_changes_the_header_once_a_minute(tmp_path: Path) -> None:
    app = make_app(folder=tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert screen_text(app).splitlines()[0].endswith("11:47")
        app.main.look = replace(app.main.look, clock=replace(app.clock, wall=lambda: app.clock.wall() + 60))
        await pilot.pause(1.2)
        assert screen_text(app).splitlines()[0].endswith("11:48")


@pytest.mark.parametrize("keys", [(), ("J",), ("question_mark",), ("S",), ("H",), ("colon",)], ids=" ".join)
async def test_a_terminal_without_lines_gets_none(tmp_path: Path, keys: Sequence[str]) -> None:
    """Borders, notices and dialogs too: the Linux console shows nothing but ASCII for sure."""
    app = make_app(*lively_fleet(), folder=tmp_path, tui=TuiSettings(ascii=True))
    async with app.run_test(size=(160, 45), notifications=True) as pilot:
        await pilot.press("j", "j")
        for severity in ("information", "warning", "error"):
            app.notify("said", severity=severity)
        await pilot.press(*keys)
        await until(pilot, lambda: "said" in screen_text(app))
        text = screen_text(app).replace("\xa0", " ")
        assert [line for line in text.splitlines() if not line.isascii()] == []
