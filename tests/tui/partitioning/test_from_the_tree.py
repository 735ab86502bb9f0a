"""``P`` in the tree opens the editor on the node under the cursor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from partition_editor.disks import Disk, Profile
from partition_editor.scopes import NodeCase, ScopeText
from tests.builders import make_container, make_vm
from tests.tui.patience import until
from tests.tui.screens import fleet_of, make_app, screen_text
from tui.app import QuarryApp
from tui.screens.main import MainScreen
from tui.screens.partitioning.destination import WriteScreen
from tui.screens.partitioning.editor import PartitionScreen


async def test_p_opens_the_editor_with_the_vm_s_drives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "user_partition_info.compute-0-0-0").write_text("clearpart --all\npart / --size=4000 --ondisk=hda\n")
    app = make_app(make_container("vm-container-0-0", [make_vm("compute-0-0-0", slice_no=0)]), folder=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "compute-0-0-0" in screen_text(app))
        await pilot.press("j", "j", "P")
        await until(pilot, lambda: isinstance(app.screen, PartitionScreen) and bool(app.screen.table.rows))
        await pilot.pause()
        assert "Partitions  compute-0-0-0" in screen_text(app)
        assert "/dev/hda  33.5 GiB" in screen_text(app) and "/ 4000" in screen_text(app)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


TEXT = "clearpart --all\npart / --size=4000 --ondisk=hda\n"
OWN = ScopeText("compute-0-0-0", "compute-0-0-0")
APPLIANCE = ScopeText("compute", "appliance compute", 3, "directives", TEXT, nodes=2)
PROGRAM = ScopeText("everything", "everything", 1, "program", nodes=2)


def case_of(name: str, *drives: Disk) -> NodeCase:
    own = replace(OWN, words=name, shown=name)
    scopes = (own, APPLIANCE, PROGRAM)
    return NodeCase(name, drives, Profile("RHEL5"), scopes, APPLIANCE, ("compute-0-0-0", "compute-0-0-1"))


@asynccontextmanager
async def editing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[QuarryApp, Pilot[None]]]:
    """The editor on compute-0-0-0, whose appliance has a scheme that compute-0-0-1 shares."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    vms = [make_vm("compute-0-0-0", slice_no=0), make_vm("compute-0-0-1", slice_no=1)]
    app = make_app(make_container("vm-container-0-0", vms), folder=tmp_path)
    fleet_of(app).cases = {
        "compute-0-0-0": case_of("compute-0-0-0", Disk("hda", 36 * 10**9 // 512)),
        "compute-0-0-1": case_of("compute-0-0-1", Disk("sda", 80 * 10**9 // 512)),
    }
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: "compute-0-0-0" in screen_text(app))
        await pilot.press("j", "j", "P")
        await until(pilot, lambda: isinstance(app.screen, PartitionScreen) and bool(app.screen.table.rows))
        yield app, pilot


async def test_the_scheme_s_text_on_every_node_that_shares_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with editing(tmp_path, monkeypatch) as (app, pilot):
        head = screen_text(app).splitlines()[0]
        assert "scheme: appliance compute, version 3" in head and "no problems" not in head
        assert "/dev/hda" in screen_text(app)
        await pilot.press("}")
        await until(pilot, lambda: "compute-0-0-1: 2 of 2 with this scheme" in screen_text(app))
        await until(pilot, lambda: "/dev/sda" in screen_text(app))
        assert "Partitions  compute-0-0-1" in screen_text(app) and 'disk "hda"' in screen_text(app)
        await pilot.press("{")
        await until(pilot, lambda: "/dev/hda" in screen_text(app))


async def test_the_text_becomes_the_next_version_of_its_scheme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with editing(tmp_path, monkeypatch) as (app, pilot):
        editor = app.screen
        assert isinstance(editor, PartitionScreen)
        editor.go(("line", 2))
        await pilot.press("g", "w")
        await until(pilot, lambda: isinstance(app.screen, WriteScreen))
        await until(pilot, lambda: "decides 2 nodes at their next installs" in screen_text(app))
        assert "+part / --size=4000 --ondisk=hda --grow" in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: "version 4" in screen_text(app).splitlines()[0])
        line = fleet_of(app).lines[-1]
        assert line == "set host partition scheme compute text='" + str(editor.session.document) + "'"
        assert editor.session.is_saved


async def test_another_place_and_a_scheme_that_somebody_changed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with editing(tmp_path, monkeypatch) as (app, pilot):
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, WriteScreen))
        await pilot.press("tab", "right")
        await until(pilot, lambda: "program, version 1, stands there now" in screen_text(app))
        await pilot.press("left")
        newer = replace(APPLIANCE, version=4, text="rocks manual\n")
        case = fleet_of(app).cases["compute-0-0-0"]
        fleet_of(app).cases["compute-0-0-0"] = replace(case, scopes=(OWN, newer, PROGRAM))
        lines = len(fleet_of(app).lines)
        await pilot.press("tab", "y")
        await until(pilot, lambda: "Somebody wrote version 4 of appliance compute meanwhile" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, PartitionScreen))
        assert len(fleet_of(app).lines) == lines
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, WriteScreen))
        await pilot.press("tab", "right", "right", "tab")
        name = app.screen.query_one("#path", Input)
        assert app.screen.focused is name
        name.value = str(tmp_path / "mine")
        await pilot.press("enter", "y")
        await until(pilot, (tmp_path / "mine").exists)
        assert (tmp_path / "mine").read_text() == TEXT


async def test_a_file_beside_the_scheme_is_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "user_partition_info.compute-0-0-0").write_text("rocks manual\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = make_app(make_container("vm-container-0-0", [make_vm("compute-0-0-0", slice_no=0)]), folder=tmp_path)
    fleet_of(app).cases = {"compute-0-0-0": case_of("compute-0-0-0", Disk("hda", 36 * 10**9 // 512))}
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "compute-0-0-0" in screen_text(app))
        await pilot.press("j", "j", "P")
        await until(pilot, lambda: "two texts that differ" in screen_text(app))
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, PartitionScreen))
        assert isinstance(app.screen, PartitionScreen) and str(app.screen.session.document) == "rocks manual\n"
