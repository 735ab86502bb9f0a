"""The fleet preview on the screen: groups, details, losses, other hosts, the install from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.outcome import Refused
from core.settings import Settings
from core.store.store import Store
from partition_editor.fleet.asking import preview_store
from partition_editor.fleet.preview import FleetPreview
from tests.tui.fleets import ScriptedFleet
from tests.tui.patience import until
from tests.tui.screens import screen_text
from tui.app import QuarryApp
from tui.fleet import Printed
from tui.history import History
from tui.screens.output import OutputScreen
from tui.screens.preview import PreviewScreen
from tui.widgets.row_table import RowTable

ROOT = (
    ("hda1", "/", "32.3kB", "8390MB", "ext3"),
    ("hda2", "/var", "8390MB", "4195MB", "ext3"),
    ("hda5", "/state/partition1", "13.6GB", "66.4GB", "ext3"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three nodes alike, one that never reported."""
    opened = Store.open(f"sqlite:///{tmp_path / 'quarry.sqlite'}")
    with opened.begin() as rows:
        for rank in range(4):
            node = rows.nodes.add(f"compute-0-{rank}", membership="Compute", rack=0, rank=rank)
            for device, mount, start, size, fstype in ROOT if rank < 3 else ():
                rows.partitions.add(
                    node.id, device=device, mountpoint=mount, sectorstart=start, partitionsize=size, fstype=fstype
                )
    yield opened
    opened.close()


def make_app(store: Store, *, read_only: bool = False) -> tuple[QuarryApp, ScriptedFleet]:
    fleet = ScriptedFleet(read_only=read_only)
    fleet.previews = lambda hosts, release: preview_store(store, hosts, release=release)
    return QuarryApp(fleet, Settings(), history=History(None)), fleet


async def open_it(pilot: Pilot[None], app: QuarryApp) -> None:
    await pilot.press("F")
    await until(pilot, lambda: isinstance(app.screen, PreviewScreen) and "no data lost:" in screen_text(app))


async def test_equal_results_are_one_row_and_unknown_disks_say_so(store: Store) -> None:
    app, _ = make_app(store)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_it(pilot, app)
        await until(pilot, lambda: "compute-0-0 … compute-0-2" in screen_text(app))
        text = screen_text(app)
        assert "Partitions of 4 nodes, no data lost: 3 alike · 1 unknown disks" in text
        assert "it never reported its disks" in text
        await pilot.press("t")
        assert app.screen.query_one(RowTable).row_count == 4
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_as_if_released_names_what_would_be_lost(store: Store) -> None:
    app, _ = make_app(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_it(pilot, app)
        await pilot.press("r")
        await until(pilot, lambda: "data lost on 3:" in screen_text(app))
        assert "data lost: compute-0-0 … compute-0-2 hda1 /, hda2 /var, hda5 /state/partition1" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, OutputScreen))
        shown = screen_text(app)
        assert "nothing is attached: Rocks' default scheme" in shown
        assert "clearpart --all --initlabel --drives=hda" in shown


async def test_other_hosts_are_chosen_and_nonsense_is_said(store: Store) -> None:
    app, _ = make_app(store)
    async with app.run_test(size=(100, 24)) as pilot:
        await open_it(pilot, app)
        for words, said in (
            ("compute-0-1", "1 node, no data lost"),
            ("nobody", "cannot resolve host"),
        ):
            await pilot.press("h")
            app.screen.query_one("#hosts", Input).value = words
            await pilot.press("enter")
            await until(pilot, partial(lambda wanted: wanted in screen_text(app), said))


async def test_install_runs_the_command_that_asks(store: Store) -> None:
    app, fleet = make_app(store)
    line = "release host partition compute-0-0 compute-0-1 compute-0-2 reinstall=yes wait=no"
    fleet.answers[line] = Printed("released\n", "", failed=False)
    async with app.run_test(size=(100, 24)) as pilot:
        await open_it(pilot, app)
        await pilot.press("I")
        await until(pilot, lambda: line in fleet.lines)


async def test_read_only_mode_refuses_the_install(store: Store) -> None:
    app, fleet = make_app(store, read_only=True)
    async with app.run_test(size=(100, 24)) as pilot:
        await open_it(pilot, app)
        await pilot.press("I")
        await until(pilot, lambda: any("read-only" in one.message for one in app._notifications))
        assert fleet.lines == []


async def test_a_refusal_is_the_title(store: Store) -> None:
    app, fleet = make_app(store)
    fleet.previews = lambda hosts, release: Refused("no such thing")
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("F")
        await until(pilot, lambda: "Partitions: no such thing" in screen_text(app))


async def test_a_filter_leaves_the_nodes_that_fit(store: Store) -> None:
    app, fleet = make_app(store)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_it(pilot, app)
        await pilot.press("slash", *"0-1")
        await until(
            pilot,
            lambda: "1 shown. Partitions of 4 nodes, no data lost: 3 alike · 1 unknown disks" in screen_text(app),
        )
        table = app.screen.query_one(RowTable)
        assert table.row_count == 1
        await pilot.press("enter", "I")
        line = "release host partition compute-0-1 reinstall=yes wait=no"
        await until(pilot, lambda: line in fleet.lines)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen) and table.row_count == 2)
        await pilot.press("slash", *"!reported", "enter")
        await until(pilot, lambda: "3 shown. " in screen_text(app))
        await pilot.press("slash", *" nothing")
        await until(pilot, lambda: table.row_count == 0)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_what_changes_against_today_and_the_version_before(store: Store) -> None:
    app, fleet = make_app(store)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_it(pilot, app)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, OutputScreen))
        assert "3 nodes, compute-0-0 … compute-0-2: / formatted anew on hda1; /var formatted anew" in screen_text(app)
        await pilot.press("escape", "v", "c")
        await until(pilot, lambda: len(fleet.lines) == 2)
        assert fleet.lines[0] == "report host partition against=previous"
        assert fleet.lines[1] == "report host partition installed compute-0-0 compute-0-1 compute-0-2"


async def test_how_far_the_programs_are_is_said_while_they_run(store: Store) -> None:
    app, fleet = make_app(store)
    go_on = threading.Event()

    def slowly(hosts: str, release: bool) -> FleetPreview | Refused:
        assert go_on.wait(60)
        return preview_store(store, hosts, release=release)

    fleet.previews = slowly
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("F")
        await until(pilot, lambda: "Partitions of every node: 1 of 3 programs run …" in screen_text(app))
        go_on.set()
        await until(pilot, lambda: "Partitions of 4 nodes, no data lost" in screen_text(app))


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(snap_compare: Callable[..., bool], store: Store, size: tuple[int, int]) -> None:
    async def shown(pilot: Pilot[None]) -> None:
        app = cast(QuarryApp, pilot.app)
        await pilot.app.workers.wait_for_complete()
        await open_it(pilot, app)
        await pilot.press("r")
        await until(pilot, lambda: "data lost on 3:" in screen_text(app))
        await pilot.press("slash", *"hda", "enter")
        await until(pilot, lambda: "3 shown. " in screen_text(app))

    assert snap_compare(make_app(store)[0], terminal_size=size, run_before=shown)
