"""What a pane says in each state, what it shows of a guest larger than itself, and how tiles share the screen."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path

import pytest
from textual.events import Paste

from core.console.line import Line, NotNow, SessionState, Status
from core.remote.console_process import ConsoleProcess
from tests.tui.consoles import ConsolesApp, eventually, seen, shown
from tui.screens.consoles import layout


class BusyOnce:
    """Somebody has the console until it is taken over."""

    def open(self, columns: int, rows: int, *, take_over: bool) -> Line | NotNow:
        said = "echo mine now; sleep 60" if take_over else "echo error: Active console session exists"
        return ConsoleProcess(["sh", "-c", said], columns, rows)

    def history(self, most_bytes: int) -> bytes:
        return b""

    def refusal(self, said: str) -> Status | None:
        return Status(SessionState.BUSY, "bob on pts/3 since 10:12 has it")


class OffAtFirst(BusyOnce):
    """A VM that is off, and runs later."""

    on = False

    def open(self, columns: int, rows: int, *, take_over: bool) -> Line | NotNow:
        if not self.on:
            return NotNow("node is off; its console opens by itself when it runs")
        return ConsoleProcess(["sh", "-c", "echo booting; sleep 60"], columns, rows)

    def history(self, most_bytes: int) -> bytes:
        return b"".join(b"line %d\r\n" % number for number in range(40)) + b"Kernel panic - not syncing: bad\r\n"


async def test_a_busy_console_says_who_has_it_and_one_key_takes_it_over(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open_on("node", BusyOnce())
        await eventually(lambda: "busy: bob on pts/3 since 10:12 has it" in seen(app))
        assert "t takes it over" in seen(app)
        await pilot.press("t")
        await eventually(lambda: "mine now" in seen(app))
        assert "busy" not in seen(app)


async def test_a_machine_that_is_off_shows_its_last_words_and_opens_when_it_runs(tmp_path: Path) -> None:
    opener = OffAtFirst()
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)):
        await app.open_on("node", opener)
        await eventually(lambda: "waiting: node is off" in seen(app))
        await eventually(lambda: "typing waits for node" in seen(app).splitlines()[-1])
        assert "Kernel panic - not syncing: bad" in seen(app), "the notice must not hide the last words"
        opener.on = True
        await eventually(lambda: "booting" in seen(app))
        await eventually(lambda: "typing goes to node" in seen(app).splitlines()[-1])
        assert "waiting" not in seen(app)


async def test_the_hint_keeps_the_name_in_sight_however_much_there_is_to_say(tmp_path: Path) -> None:
    name = "compute-with-a-rather-long-name-0-0"
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)):
        await app.open_on(name, OffAtFirst())
        await eventually(lambda: f"typing waits for {name}" in seen(app).splitlines()[-1])
        assert seen(app).splitlines()[-1].endswith("…")


async def test_a_small_pane_is_a_window_that_follows_the_cursor_of_an_80_by_24_guest(tmp_path: Path) -> None:
    draw = r"printf '\033[1;1HTOP\033[24;70Hbottom END'; sleep 60"
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node", shlex.join(["sh", "-c", draw]))
        await eventually(lambda: "bottom END" in seen(app))
        assert "TOP" not in seen(app), "80x24 with a line for hints shows 23 of the 24 rows"
        await pilot.press("ctrl+right_square_bracket", "k")
        await eventually(lambda: "TOP" in seen(app))
        assert "bottom END" not in seen(app)
        await pilot.press("G")
        await eventually(lambda: "bottom END" in seen(app))
        await pilot.resize_terminal(50, 20)
        await eventually(lambda: "END" in seen(app))
        await pilot.press("h", "h", "h", "h", "h", "g")
        await eventually(lambda: "TOP" in seen(app) and "END" not in seen(app))
        await pilot.press("l", "l", "l", "l", "l", "j", "j", "j", "j", "j")
        await eventually(lambda: "END" in seen(app))


async def test_a_pane_that_grows_shows_again_what_it_had_cut_off_above_the_cursor(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(90, 4)) as pilot:
        await app.open("web", "sh -c 'for i in 1 2 3 4 5 6 7 8; do echo line $i; done; sleep 60'")
        await eventually(lambda: "line 8" in shown(app, "web"))
        await pilot.pause(0.1)
        assert "line 1" not in seen(app)
        await pilot.resize_terminal(90, 24)
        await eventually(lambda: "line 1" in seen(app))


async def test_a_light_screen_is_drawn_light(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)):
        await app.open("node", shlex.join(["sh", "-c", r"printf '\033[?5hlight'; sleep 60"]))
        await eventually(lambda: "light" in seen(app))
        style = app.pane.render_line(0)._segments[0].style
        assert style is not None and style.reverse


async def test_a_search_finds_the_line_behind_long_ones_and_marks_cells(tmp_path: Path) -> None:
    say = "import time; print('w'*500); print('\\u65e5\\u672c needle'); [print(_) for _ in range(60)]; time.sleep(60)"
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node", shlex.join([sys.executable, "-u", "-c", say]))
        await eventually(lambda: len(app.pane.session.contents()) > 60)
        await pilot.press("ctrl+right_square_bracket", "/", *"NEEDLE", "enter")
        await eventually(lambda: "needle" in seen(app))
        picture = app.pane._picture
        assert picture.found is not None
        row, cell, size = picture.found
        assert (cell, size) == (5, 6)
        strip = app.pane.render_line(row - picture.top)
        assert "needle" in [segment.text for segment in strip if segment.style and segment.style.reverse]


async def test_a_hidden_console_costs_no_frames_and_is_whole_when_it_returns(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node", "sh -c 'read go; seq 1 300; sleep 60'")
        await eventually(lambda: app.pane.session.status.state is SessionState.OPEN)
        pane = app.pane
        app.pop_screen()
        await pilot.pause()
        pane.session.send(b"\r")
        await eventually(lambda: pane.session.received > 1000)
        await asyncio.sleep(0.2)
        assert "300" not in pane.shown_text()
        app.push_screen("consoles")
        await eventually(lambda: "300" in pane.shown_text())


async def test_nothing_is_typed_read_only(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path, read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node")
        await eventually(lambda: "hello from node" in seen(app))
        await pilot.press("c", "x", "enter", "ctrl+right_square_bracket", "x", "enter")
        app.pane.post_message(Paste("pasted\n"))
        await asyncio.sleep(0.3)
        assert "got" not in seen(app)
        assert "read-only" in seen(app).splitlines()[-1]


async def test_pasting_sends_the_text_without_escapes(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node")
        await eventually(lambda: "hello from node" in seen(app))
        app.pane.post_message(Paste("one\x1b[A\ntwo\n"))
        await pilot.pause()
        await eventually(lambda: "got one[A" in seen(app) and "got two" in seen(app))


@pytest.mark.parametrize(
    ("count", "size", "tiles"),
    [
        (1, (80, 22), (1, 1)),
        (2, (80, 22), (1, 2)),
        (3, (80, 22), (2, 2)),
        (4, (80, 22), (2, 2)),
        (6, (80, 22), None),
        (2, (170, 43), (2, 1)),
        (6, (170, 43), (2, 3)),
        (12, (250, 70), (3, 4)),
        (2, (60, 10), None),
    ],
)
def test_tiles_keep_whole_lines_as_long_as_they_can(
    count: int, size: tuple[int, int], tiles: tuple[int, int] | None
) -> None:
    assert layout(count, *size) == tiles


async def test_with_many_consoles_the_names_line_shows_the_current_one(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        for number in range(6):
            await app.open(f"compute-0-0-{number}", "sleep 60")
        await pilot.pause()
        assert "compute-0-0-5]" in seen(app).splitlines()[0]
        assert len([pane for pane in app.consoles.panes if pane.display]) == 1
        await pilot.press("ctrl+right_square_bracket", "]")
        await eventually(lambda: "compute-0-0-0]" in seen(app).splitlines()[0])


async def test_view_mode_names_its_keys_and_how_to_leave(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("a", "b"):
            await app.open(name)
        await pilot.press("ctrl+right_square_bracket")
        await eventually(
            lambda: seen(app).splitlines()[-1].startswith(" VIEW  c Type  Esc Leave  ? Help  / Search  ] Next")
        )


async def test_one_console_alone_says_in_the_hints_what_a_border_would(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node", "sh -c 'seq 1 500; sleep 60'")
        await eventually(lambda: "500" in shown(app, "node"))
        await pilot.press("ctrl+right_square_bracket", "W", "pageup")
        await eventually(lambda: "VIEW · log on · 21 lines back  c Type" in seen(app).splitlines()[-1])


async def test_the_last_of_three_tiles_takes_the_rest_of_its_row(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        for name in "abc":
            await app.open(name)
        await pilot.pause()
        assert [pane.outer_size.width for pane in app.consoles.panes] == [40, 40, 80]
        await app.open("d")
        await pilot.pause()
        assert [pane.outer_size.width for pane in app.consoles.panes] == [40, 40, 40, 40]
