"""Writing with a difference, and sessions that were cut off."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.errors import QuarryError
from core.settings import Settings
from partition_editor.document.journal import lost_sessions
from partition_editor.document.lines import Document
from tests.tui.partitioning.desk import SEED, at_editor, choose, make_app, opened, press, shown, text_of
from tests.tui.patience import until
from tui.partition_app import PartitionApp, edit, open_session
from tui.screens.ask import AskScreen
from tui.screens.choice import ChoiceScreen
from tui.screens.partitioning.destination import WriteScreen


async def delete_var(pilot: Pilot[None], app: PartitionApp) -> None:
    """One edit, as soon as the editor is open."""
    await opened(pilot, app)
    await choose(pilot, app.editor, "hda2")
    await press(pilot, "d")
    await until(pilot, lambda: "/var" not in text_of(app))


async def test_write_shows_the_difference_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "user_partition_info"
    path.write_text(SEED)
    path.chmod(0o600)
    app = make_app(path=path)
    async with app.run_test(size=(120, 40)) as pilot:
        await delete_var(pilot, app)
        await press(pilot, "w")
        assert isinstance(app.screen, WriteScreen)
        assert "-part /var --size 4000 --ondisk=hda" in shown(app)
        await press(pilot, "enter")
        assert "Enter is not yes" in shown(app) and path.read_text() == SEED
        await press(pilot, "y")
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "deeds"])
        await pilot.pause()
        assert path.read_text() == text_of(app) and "/var" not in path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        assert "written to" in shown(app) and app.editor.session.is_saved


async def test_a_file_changed_meanwhile_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "user_partition_info"
    path.write_text(SEED)
    app = make_app(path=path)
    async with app.run_test(size=(120, 40)) as pilot:
        await delete_var(pilot, app)
        path.write_text("rocks manual\n")
        await press(pilot, "w", "y")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        assert "Write over it all the same?" in shown(app)
        await press(pilot, "n")
        assert path.read_text() == "rocks manual\n"


async def test_a_node_s_text_is_written_where_asked(tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await press(pilot, "f12")
        name = app.screen.query_one("#path", Input)
        name.value = str(tmp_path / "missing" / "file")
        await press(pilot, "y")
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "deeds"])
        await pilot.pause()
        assert "cannot write" in shown(app)
        await press(pilot, "w")
        app.screen.query_one("#path", Input).value = str(tmp_path / "file")
        await press(pilot, "y")
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "deeds"])
        assert (tmp_path / "file").read_text() == SEED


async def test_leaving_asks_when_the_text_is_not_written() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await delete_var(pilot, app)
        await press(pilot, "q")
        assert isinstance(app.screen, AskScreen)
        await press(pilot, "escape")
        assert at_editor(app)
        await press(pilot, "q", "y")
        assert not app.is_running or not at_editor(app)


async def test_a_cut_off_session_is_offered_with_its_undo_steps(tmp_path: Path) -> None:
    app = make_app(journals=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await delete_var(pilot, app)
        cut_off = text_of(app)
        app.editor.session.close(keep_journal=True)
    assert len(lost_sessions(tmp_path)) == 1
    again = make_app(journals=tmp_path)
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(again.screen, ChoiceScreen))
        assert "was being edited when its session was cut" in shown(again)
        await press(pilot, "r")
        await until(pilot, lambda: text_of(again) == cut_off)
        await press(pilot, "u")
        assert text_of(again) == SEED
        again.editor.session.close()
    assert lost_sessions(tmp_path) == []


async def test_a_lost_session_can_be_discarded(tmp_path: Path) -> None:
    app = make_app(journals=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await delete_var(pilot, app)
        app.editor.session.close(keep_journal=True)
    again = make_app(journals=tmp_path)
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(again.screen, ChoiceScreen))
        await press(pilot, "d")
        await until(pilot, lambda: at_editor(again))
        assert text_of(again) == SEED
        again.editor.session.close()
    assert lost_sessions(tmp_path) == []


def test_edit_opens_a_file_with_its_drives_and_release(tmp_path: Path) -> None:
    path = tmp_path / "user_partition_info"
    path.write_text(SEED)
    opening = open_session([str(path), "--disk", "hda=80G", "--release", "rhel5", "--node", "compute-0-0"])
    assert [disk.name for disk in opening.session.disks] == ["hda"]
    assert (opening.session.profile.release, opening.session.node) == ("RHEL5", "compute-0-0")
    assert opening.path == path


def test_edit_begins_a_file_that_does_not_exist(tmp_path: Path) -> None:
    assert open_session([str(tmp_path / "new")]).session.document == Document()
    with pytest.raises(QuarryError, match="folder does not exist"):
        open_session([str(tmp_path / "no" / "new")])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--disk", "hda=1G", "--disk", "hda=2G"], "two disks are named hda"),
        (["--disk", "hda"], "write NAME=SIZE"),
        (["--release", "RHEL99"], "no release RHEL99"),
        (["--firmware", "coreboot"], "no firmware coreboot"),
    ],
)
def test_wrong_arguments_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    path = tmp_path / "file"
    path.write_text("")
    assert edit([str(path), *words], Settings()) == 3
    out = capsys.readouterr()
    assert out.out == "" and out.err.startswith("error - ") and said in out.err


def test_a_folder_and_a_huge_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit([str(tmp_path)], Settings()) == 3
    huge = tmp_path / "huge"
    with huge.open("wb") as stream:
        stream.truncate(1 << 30)
    assert edit([str(huge)], Settings()) == 3
    assert "is not a file" in (said := capsys.readouterr().err) and "larger than" in said


async def test_a_dropped_line_keeps_the_edits_for_next_time(tmp_path: Path) -> None:
    """What the command does when a signal ends the app: the journal stays as long as something is not written."""
    app = make_app(journals=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await delete_var(pilot, app)
        app.exit()
    session = app.editor.session
    session.close(keep_journal=not session.is_saved)
    assert [one.edits for one in lost_sessions(tmp_path)] == [1]
