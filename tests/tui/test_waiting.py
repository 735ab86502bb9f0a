"""A node that waits for its operator: the notice, its real disks in the editor, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.inventory.records import WAITS
from core.inventory.snapshot import InventorySnapshot, Lock
from tests.builders import make_container, make_vm
from tests.tui.patience import until
from tests.tui.screens import fleet_of, make_app, screen_text
from tui.actions.waiting import WaitingNotices, told_of_ended
from tui.app import QuarryApp
from tui.fleet import Printed
from tui.screens.ask import AskScreen
from tui.screens.main import MainScreen
from tui.screens.partitioning.editor import PartitionScreen

NODE = "compute-0-0-0"
LSBLK = '{"blockdevices": [{"name": "vda", "type": "disk", "size": 8589934592, "model": "QEMU"}]}'


def test_a_notice_once_when_a_vm_begins_to_wait() -> None:
    said: list[str] = []
    ended: list[Sequence[str]] = []
    notices = WaitingNotices(said.append, ended.append)
    idle = make_container("vm-container-0-0", [make_vm(NODE, slice_no=0), make_vm("compute-0-0-1", slice_no=1)])
    waits = replace(idle, vms=(replace(idle.vms[0], lock=Lock("anna", WAITS, 7, 20.0)), idle.vms[1]))
    for number, container in enumerate((idle, waits, waits, replace(waits, cpu_percent=5.0), idle, waits)):
        notices.look(InventorySnapshot(serial=number, containers=(container,)))
    assert said == [f"{NODE} waits for you to partition its disks: P on its row"] * 2
    assert ended == [[NODE]], "its lock was gone for a moment"


def test_many_that_begin_to_wait_at_once_are_one_notice() -> None:
    said: list[str] = []
    idle = make_container("vm-container-0-0", [make_vm(f"compute-0-0-{n}", slice_no=n) for n in range(9)])
    waits = replace(idle, vms=tuple(replace(vm, lock=Lock("anna", WAITS, 7, 20.0)) for vm in idle.vms))
    WaitingNotices(said.append, lambda _: None).look(InventorySnapshot(serial=1, containers=(waits,)))
    assert said == ["9 VMs wait for you to partition their disks: P on each row"]


FAILED = '[{"host": "compute-0-0-0", "stage": "failed", "detail": "panic on its console: no init"}]'


async def test_a_failed_install_is_told_with_its_reason_and_one_key_tries_again(tmp_path: Path) -> None:
    house = make_container("vm-container-0-0", [make_vm(NODE, slice_no=0)])
    installs = replace(house, vms=(replace(house.vms[0], lock=Lock("anna", "create", 7, 20.0)),))
    app = make_app(installs, folder=tmp_path)
    fleet = fleet_of(app)
    fleet.answers[f"list host install {NODE} output-format=json"] = Printed(FAILED, "", False)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until(pilot, lambda: NODE in screen_text(app))
        fleet.show(house)
        await until(pilot, lambda: "was not installed: panic on its console" in _words(app))
        assert "I tries again" in _words(app)
        await pilot.press("j", "j", "I")
        await until(pilot, lambda: f"create host vm {NODE} wait=no" in fleet.lines)


async def test_an_install_that_is_not_as_it_was_told_to_be(tmp_path: Path) -> None:
    house = make_container("vm-container-0-0", [make_vm(NODE, slice_no=0)])
    fleet = fleet_of(make_app(house, folder=tmp_path))
    detail = "vda: free: it is blank.; /export was asked for and is not there"
    answer = f'[{{"host": "{NODE}", "stage": "done", "detail": "{detail}"}}]'
    fleet.answers[f"list host install {NODE} output-format=json"] = Printed(answer, "", False)
    assert await told_of_ended(fleet, [NODE]) == [
        (f"{NODE} is not as it was told to be: /export was asked for and is not there", "warning"),
        (f"{NODE} installed", "information"),
    ]


def _words(app: QuarryApp) -> str:
    """All notices, however they wrap."""
    return " ".join(str(one.message) for one in app._notifications)


@pytest.mark.parametrize("key", ["y", "escape"])
async def test_its_real_disks_are_edited_and_yes_releases_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    text = "part / --size=4000 --ondisk=vda\n"
    path = tmp_path / f"user_partition_info.{NODE}"
    path.write_text(text, encoding="utf-8")
    app = make_app(make_container("vm-container-0-0", [make_vm(NODE, slice_no=0)]), folder=tmp_path)
    fleet = fleet_of(app)
    fleet.answers[f"report host install disks {NODE}"] = Printed(LSBLK, "", False)
    fleet.answers[f"report host install disks {NODE} mark=yes"] = Printed("c0ffee\n", "", False)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: NODE in screen_text(app))
        await pilot.press("j", "j", "P")
        await until(pilot, lambda: isinstance(app.screen, PartitionScreen) and app.screen.table.rows)
        await until(pilot, lambda: "/dev/vda  8192 MiB" in screen_text(app))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        assert f"Tell {NODE}" in screen_text(app) and "part / --size=4000" in screen_text(app)
        await pilot.press("enter")
        assert isinstance(app.screen, AskScreen), "Enter is never yes"
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        said = "was told and goes on" if key == "y" else "waits on"
        await until(pilot, lambda: said in _words(app))
    told = [line for line in fleet.lines if line.startswith("set host install answer")]
    assert told == ([f"set host install answer {NODE} disks=c0ffee file={path}"] if key == "y" else [])


async def test_one_key_installs_the_marked_vms_or_tries_again(tmp_path: Path) -> None:
    vms = [make_vm(NODE, slice_no=0), make_vm("compute-0-0-1", slice_no=1)]
    app = make_app(make_container("vm-container-0-0", vms), folder=tmp_path)
    fleet = fleet_of(app)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: NODE in screen_text(app))
        await pilot.press("j", "j", "I")
        await until(pilot, lambda: f"create host vm {NODE} wait=no" in fleet.lines)
