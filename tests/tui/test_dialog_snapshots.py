"""Pictures of the dialogs at a small and a large terminal, compared with the kept ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from textual.app import App
from textual.pilot import Pilot

from core.operations.plan import Confirm, Outcome, StepKind, TargetResult
from tests.tui.plans import DialogHost, PlanHost, key_of, make_plan, make_target
from tui.actions.action import Context
from tui.actions.forms import add_fields, add_lines
from tui.actions.keymap import make_keymap
from tui.fleet import LogRow
from tui.history import History
from tui.screens.command import CommandScreen, Suggestion
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.log import LogScreen
from tui.screens.results import ResultsScreen

SIZES = [(80, 24), (160, 45)]
Compare = Callable[..., bool]

pytestmark = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")

TWO = (make_target("compute-0-0-0"), make_target("compute-0-0-2", warnings=["its guest has not answered for 3 min"]))


def test_one_key(snap_compare: Compare, size: tuple[int, int]) -> None:
    pause = make_target("compute-0-0-0", kind=StepKind.SUSPEND, sentence="pause its vCPUs")
    plan = make_plan(pause, verb="pause", title="Pause compute-0-0-0", confirm=Confirm.KEY, afterwards=())
    assert snap_compare(PlanHost(plan), terminal_size=size)


def test_list_with_refusals_and_hidden_marks(snap_compare: Compare, size: tuple[int, int]) -> None:
    plan = make_plan(
        *TWO,
        refused=[("compute-0-0-1", "is already off"), ("compute-0-0-7", "is held by ann: moving")],
        warnings=["what the guests have not written is lost"],
    )
    assert snap_compare(PlanHost(plan, hidden=["compute-0-0-2"]), terminal_size=size)


def test_typed_phrase_typed_wrong(snap_compare: Compare, size: tuple[int, int]) -> None:
    targets = [make_target(f"compute-0-0-{at}", kind=StepKind.FORGET, sentence="remove") for at in range(30)]
    plan = make_plan(*targets, verb="remove", title="Remove 30 VMs", confirm=Confirm.TYPED, phrase="remove 30")
    assert snap_compare(PlanHost(plan), press=[*"remove", "space", "3", "enter"], terminal_size=size)


def test_results(snap_compare: Compare, size: tuple[int, int]) -> None:
    results = [
        TargetResult(key_of("compute-0-0-0"), "compute-0-0-0", Outcome.DONE),
        TargetResult(key_of("compute-0-0-1"), "compute-0-0-1", Outcome.SKIPPED, "changed since: is off"),
        TargetResult(key_of("compute-0-0-2"), "compute-0-0-2", Outcome.FAILED, "no space left (free 4 GB on /state)"),
    ]
    assert snap_compare(DialogHost(ResultsScreen("Stop 3 VMs", results)), terminal_size=size)


def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(DialogHost(HelpScreen(Context.TREE, make_keymap({}))), terminal_size=size)


def test_add_form(snap_compare: Compare, size: tuple[int, int]) -> None:
    form = FormScreen("Add VMs", add_fields("vm-container-0-0"), add_lines, "Add")
    assert snap_compare(DialogHost(form), terminal_size=size)


def test_log(snap_compare: Compare, size: tuple[int, int]) -> None:
    at = datetime(2026, 3, 1, 12, 40, tzinfo=UTC)

    async def load(_limit: int) -> Sequence[LogRow]:
        return [
            LogRow(at, "ann", "pause host vm compute-0-0-1", "compute-0-0-1", "ok"),
            LogRow(at, "bob", "start host vm compute-0-0-2", "compute-0-0-2", "failed", "not enough memory"),
            LogRow(at, "bob", "remove host vm compute-0-0-3", "compute-0-0-3", "refused", "it is running"),
        ]

    async def settle(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    assert snap_compare(DialogHost(LogScreen(load)), run_before=settle, terminal_size=size)


def test_command_bar_with_completion(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def complete(line: str) -> Sequence[Suggestion]:
        return [
            Suggestion("list host vm", "vm", "VMs, their slices, memory and state"),
            Suggestion("list host interface", "interface", "interfaces of hosts"),
            Suggestion("list host partition", "partition", "partitions of hosts"),
        ]

    async def type_and_tab(pilot: Pilot[None]) -> None:
        await pilot.press(*"list host ")
        await pilot.pause()
        await pilot.press("tab", "tab")
        await pilot.pause()

    app: App[None] = DialogHost(CommandScreen(complete, History(None)))
    assert snap_compare(app, run_before=type_and_tab, terminal_size=size)
