"""Help, forms, choices, questions, output, the log, the containers and the command bar, each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.widgets import Input

from core.errors import ContainerUnreachable, StoreError
from core.hypervisor.model import LinkState
from core.outcome import Refused
from tests.builders import make_container, make_snapshot, make_vm
from tests.tui.plans import DialogHost, text_of
from tui.actions.action import Context
from tui.actions.forms import add_fields, add_lines, edit_fields, edit_lines
from tui.actions.keymap import make_keymap
from tui.fleet import LogRow
from tui.history import History
from tui.render.clock import Clock
from tui.screens.ask import AskScreen
from tui.screens.choice import ChoiceScreen
from tui.screens.command import CommandScreen, Suggestion
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.hosts import HostsScreen
from tui.screens.log import LogScreen, matching
from tui.screens.output import OutputScreen
from tui.widgets.lines import Line
from tui.widgets.row_table import RowTable

KEYS = make_keymap({})
HOSTILE = "[bold]x[/] \x1b[2J <b>&'"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def test_help_lists_the_views_own_keys_and_is_searchable() -> None:
    app = DialogHost(HelpScreen(Context.TREE, KEYS))
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        assert "Power off; the dialog also offers shut down" in text_of(app)
        await pilot.press(*"guest")
        await pilot.pause()
        screen = text_of(app)
        assert "Ask the guest to shut down" in screen
        assert "Power off; the dialog" not in screen
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


async def test_help_says_when_nothing_fits() -> None:
    app = DialogHost(HelpScreen(Context.TREE, KEYS))
    async with app.run_test() as pilot:
        await pilot.press(*"zzz")
        await pilot.pause()
        assert 'nothing about "zzz"' in text_of(app)


async def test_help_of_a_read_only_session_leaves_changes_out() -> None:
    app = DialogHost(HelpScreen(Context.TREE, KEYS, read_only=True))
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*"power")
        await pilot.pause()
        assert "nothing about" in text_of(app)


async def test_a_dialog_that_closes_before_it_is_fitted_again_just_closes() -> None:
    dialog = HelpScreen(Context.TREE, KEYS)
    app = DialogHost(dialog)
    async with app.run_test(size=(100, 40)) as pilot:
        fitted: list[bool] = []
        dialog.after_refresh(lambda: fitted.append(True))
        await pilot.pause()
        assert fitted == [True]
        await dialog.query_one("#box").remove()
        dialog.after_refresh(lambda: fitted.append(False))
        await pilot.pause()
        assert fitted == [True]


async def test_help_shows_remapped_keys() -> None:
    app = DialogHost(HelpScreen(Context.TREE, make_keymap({"vm.stop": "f9"})))
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*"power off")
        await pilot.pause()
        assert "f9" in text_of(app)


async def test_a_choice_is_its_own_key_and_nothing_else() -> None:
    app = DialogHost(ChoiceScreen("Some run, some are paused", {"p": "Pause 3 running", "r": "Resume 2 paused"}))
    async with app.run_test() as pilot:
        await pilot.press("enter", "y", "s")
        assert not app.answers
        assert "Pause 3 running" in text_of(app)
        await pilot.press("r")
        await pilot.pause()
        assert app.answer == "r"


async def test_a_question_wants_its_phrase() -> None:
    app = DialogHost(AskScreen("Sure?", ["removes 3 VMs"], "remove 3"))
    async with app.run_test() as pilot:
        await pilot.press("y", "enter")
        assert not app.answers
        await pilot.press("backspace", *"remove 3", "enter")
        await pilot.pause()
        assert app.answer is True


async def test_output_is_text_and_can_be_copied() -> None:
    app = DialogHost(OutputScreen(f":list host vm {HOSTILE}", [Line(f"row {HOSTILE}")]))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "[bold]x[/]" in text_of(app) and "\x1b" not in text_of(app)
        await pilot.press("Y")
        assert app.clipboard == f"row {HOSTILE}\n"


async def test_add_form_makes_a_line_that_is_shown_before_yes() -> None:
    app = DialogHost(FormScreen("Add VMs", add_fields("vm-container-0-0"), add_lines, "Add"))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("enter", "enter", "backspace", "3")
        await pilot.pause()
        assert "quarry add host vm vm-container-0-0 membership=Compute count=3" in text_of(app)
        await pilot.press(*["enter"] * 6)
        assert not app.answers, "Enter is never yes"
        await pilot.press("y")
        await pilot.pause()
        assert app.answer == ["add host vm vm-container-0-0 membership=Compute count=3"], "all of them, or none"


async def test_y_in_a_field_is_a_letter() -> None:
    app = DialogHost(FormScreen("Add VMs", add_fields(""), add_lines, "Add"))
    async with app.run_test() as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert not app.answers
        assert app.screen.query_one("#field-containers", Input).value == "y"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"containers": ""}, "at least one container"),
        ({"membership": ""}, "membership"),
        ({"count": "0"}, "How many"),
        ({"count": "lots"}, "How many"),
        ({"count": "2", "name": "web"}, "single VM"),
        ({"mem": "1g"}, "Memory"),
    ],
)
def test_add_form_refuses_with_a_reason(changed: dict[str, str], words: str) -> None:
    values = {field.name: field.value for field in add_fields("vm-container-0-0")} | changed
    lines = add_lines(values)
    assert isinstance(lines, Refused)
    assert words in lines.reason


def test_form_values_are_quoted_for_the_command_line() -> None:
    values = {field.name: field.value for field in add_fields("vm-container-0-[0,2]")}
    assert add_lines(values | {"name": "a b; rm -rf /"}) == [
        "add host vm 'vm-container-0-[0,2]' membership=Compute name='a b; rm -rf /'"
    ]


def test_edit_sends_only_what_changed() -> None:
    record = make_vm("compute-0-0-0", memory_mib=1024).record
    assert record is not None
    values = {field.name: field.value for field in edit_fields(record)}
    assert isinstance(edit_lines(record, values), Refused)
    assert edit_lines(record, values | {"mem": "2048"}) == ["set host vm compute-0-0-0 mem=2048"]
    assert isinstance(edit_lines(record, values | {"mem": ""}), Refused)
    assert isinstance(edit_lines(record, values | {"cpus": "0"}), Refused)


def rows() -> list[LogRow]:
    return [
        LogRow(NOON, "ann", "stop host vm compute-0-0-0", "compute-0-0-0", "ok"),
        LogRow(NOON, "bob", "start host vm compute-0-0-1", "compute-0-0-1", "failed", f"no space {HOSTILE}"),
    ]


async def test_log_is_filtered_as_typed_and_escape_clears_first() -> None:
    async def load(_limit: int) -> Sequence[LogRow]:
        return rows()

    app = DialogHost(LogScreen(load))
    async with app.run_test(size=(120, 20)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "stop host vm compute-0-0-0" in text_of(app)
        assert "[bold]x[/]" in text_of(app) and "\x1b" not in text_of(app)
        await pilot.press("slash", *"failed")
        await pilot.pause()
        assert "stop host vm" not in text_of(app)
        assert "1 of 2" in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "stop host vm" in text_of(app)
        assert isinstance(app.screen, LogScreen)


async def test_log_entry_opens_in_full() -> None:
    async def load(_limit: int) -> Sequence[LogRow]:
        return rows()

    app = DialogHost(LogScreen(load))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.press("j", "enter")
        await pilot.pause()
        assert isinstance(app.screen, OutputScreen)
        assert "no space" in text_of(app)


async def test_log_says_why_it_cannot_be_read() -> None:
    async def load(_limit: int) -> Sequence[LogRow]:
        raise StoreError("cannot read the store", "it is locked")

    app = DialogHost(LogScreen(load))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.pause()
        assert "cannot read the store: it is locked" in text_of(app)


def test_log_filter_takes_words_and_their_opposite() -> None:
    assert [row.who for row in matching(rows(), "host !start")] == ["ann"]
    assert [row.who for row in matching(rows(), "BOB failed")] == ["bob"]
    assert len(matching(rows(), "")) == 2


async def test_containers_show_state_reason_and_round_trip() -> None:
    fleet = make_snapshot(
        [
            make_container("vm-container-0-0"),
            make_container(
                "vm-container-0-1",
                link=LinkState.DOWN,
                link_reason="connection refused",
                link_remedy="start libvirtd",
                retry_at_s=108.0,
            ),
        ]
    )
    retried: list[str] = []

    async def round_trip(name: str) -> float:
        if name == "vm-container-0-1":
            raise ContainerUnreachable(name, "no")
        return 0.012

    screen = HostsScreen(lambda: fleet, round_trip, retried.extend, Clock(lambda: 0, lambda: 100))
    app = DialogHost(screen)
    async with app.run_test(size=(160, 20)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "12 ms" in text_of(app)
        assert "connection refused (start libvirtd), next try in 8 s" in text_of(app)
        await pilot.press("j", "enter")
        await pilot.pause()
        assert retried == ["vm-container-0-1"]
        assert app.screen.query_one(RowTable).cursor_row == 1


WORDS = ("list host vm", "list host", "list membership")


async def complete(line: str) -> Sequence[Suggestion]:
    return [Suggestion(word, word.rsplit(" ", 1)[-1], "shows things") for word in WORDS if word.startswith(line)]


async def test_tab_completes_and_enter_hands_the_line_over() -> None:
    app = DialogHost(CommandScreen(complete, History(None)))
    async with app.run_test() as pilot:
        await pilot.press(*"list m")
        await pilot.pause()
        assert "membership" in text_of(app)
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert app.answer == "list membership"


async def test_tab_goes_round_and_ghost_text_is_taken_by_right() -> None:
    app = DialogHost(CommandScreen(complete, History(None)))
    async with app.run_test() as pilot:
        await pilot.press(*"list h")
        await pilot.pause()
        line = app.screen.query_one(Input)
        await pilot.press("tab", "tab")
        assert line.value == "list host"
        await pilot.press("tab")
        assert line.value == "list host vm"
        await pilot.press("escape")
    app = DialogHost(CommandScreen(complete, History(None)))
    async with app.run_test() as pilot:
        await pilot.press(*"list m")
        await pilot.pause()
        await pilot.press("right", "enter")
        await pilot.pause()
        assert app.answer == "list membership"


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_a_command_bar_that_closes_awaits_no_completion(key: str) -> None:
    async def never(_line: str) -> Sequence[Suggestion]:
        await asyncio.Event().wait()
        return []

    bar = CommandScreen(never, History(None))
    app = DialogHost(bar)
    async with app.run_test() as pilot:
        await pilot.press("x")
        (asking,) = [worker for worker in app.workers if worker.group == "completion" and worker.is_running]
        if key == "enter":
            bar.entered(Input.Submitted(bar.query_one(Input), "x"))
        else:
            bar.action_leave()
        assert asking.is_cancelled, "at once: its answer may be on its way"
        await pilot.pause()
        assert app.answer == ("x" if key == "enter" else None)


async def test_each_completion_is_one_row_and_the_rest_are_counted() -> None:
    async def verbose(line: str) -> Sequence[Suggestion]:
        return [Suggestion(f"{line}verb{number}", f"verb{number}", "tells much " * 12) for number in range(11)]

    app = DialogHost(CommandScreen(verbose, History(None)))
    async with app.run_test() as pilot:
        await pilot.press("x")
        await pilot.pause()
        rows = [row.strip() for row in text_of(app).splitlines() if row.strip()]
        assert [row.split()[0] for row in rows if row.startswith("verb")] == [f"verb{number}" for number in range(8)]
        assert "and 3 more" in rows


async def test_history_goes_up_and_comes_back_and_outlives_the_session(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"
    history = History(path)
    for typed in ("list host", "list host", "list network"):
        history.add(typed)
    assert path.stat().st_mode & 0o077 == 0
    app = DialogHost(CommandScreen(complete, History(path)))
    async with app.run_test() as pilot:
        line = app.screen.query_one(Input)
        await pilot.press(*"half")
        await pilot.press("up")
        assert line.value == "list network"
        await pilot.press("up", "up", "up")
        assert line.value == "list host"
        await pilot.press("down", "down")
        assert line.value == "half"
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


def test_history_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "history")
    history.add("list host")
    assert history.lines == ["list host"]


async def test_a_pasted_colon_line_is_the_line() -> None:
    app = DialogHost(CommandScreen(complete, History(None), start=":list host"))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == "list host"
