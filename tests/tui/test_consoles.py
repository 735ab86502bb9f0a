"""Consoles on the screen, over real processes on pseudo terminals."""

from __future__ import annotations

import sys
from pathlib import Path

from textual.events import Key

from core.console.line import SessionState
from tests.tui.consoles import ConsolesApp, eventually, seen, shown
from tui.screens.ask import AskScreen
from tui.screens.consoles import escape_key

RAW_GUEST = """
import sys, tty
tty.setraw(0)
print("up", end="\\r\\n", flush=True)
print(repr(sys.stdin.read(1)), end="\\r\\n", flush=True)
sys.stdin.read(1)
"""


async def test_typing_goes_to_the_guest_and_its_answer_shows(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("compute-0-0-0")
        await eventually(lambda: "hello from compute-0-0-0" in shown(app, "compute-0-0-0"))
        await pilot.press(*"q:/?", "enter")
        await eventually(lambda: "got q:/?" in shown(app, "compute-0-0-0"))


async def test_the_escape_leaves_typing_and_twice_sends_it(tmp_path: Path) -> None:
    guest = tmp_path / "guest.py"
    guest.write_text(RAW_GUEST)
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node", f"{sys.executable} {guest}")
        await eventually(lambda: "up" in shown(app, "node"))
        await pilot.press("ctrl+right_square_bracket")
        assert [pane.attached for pane in app.consoles.panes] == [False]
        await pilot.press("ctrl+right_square_bracket")
        assert [pane.attached for pane in app.consoles.panes] == [True]
        await eventually(lambda: "'\\x1d'" in shown(app, "node"))


async def test_looking_back_searching_and_returning(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("node", "sh -c 'seq 1 500; sleep 60'")
        await eventually(lambda: "500" in shown(app, "node"))
        await pilot.press("ctrl+right_square_bracket", "pageup")
        assert "500" not in shown(app, "node")
        await pilot.press("/", *"123", "enter")
        await eventually(lambda: "\n123\n" in shown(app, "node"))
        await pilot.press("c")
        await eventually(lambda: "500" in shown(app, "node"))


async def test_tiles_zoom_and_next(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        for name in ("a", "b", "c"):
            await app.open(name)
        await pilot.pause()
        assert [pane.display for pane in app.consoles.panes] == [True, True, True]
        await pilot.press("ctrl+right_square_bracket", "z")
        await pilot.pause()
        assert [pane.session.name for pane in app.consoles.panes if pane.display] == ["c"]
        await pilot.press("]")
        await pilot.pause()
        assert [pane.session.name for pane in app.consoles.panes if pane.display] == ["a"]


async def open_two(app: ConsolesApp) -> None:
    """The consoles ``a`` and ``b``, both of which have said something."""
    for name in ("a", "b"):
        await app.open(name)
    await eventually(lambda: all(f"hello from {name}" in shown(app, name) for name in "ab"))


async def test_broadcasting_asks_and_reaches_every_tile(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_two(app)
        await pilot.press("ctrl+right_square_bracket", "B")
        assert isinstance(app.screen, AskScreen)
        await pilot.press("enter")
        assert isinstance(app.screen, AskScreen), "Enter is not yes"
        await pilot.press("y")
        await pilot.press(*"all", "enter")
        await eventually(lambda: all("got all" in shown(app, name) for name in "ab"))
        assert all(pane.has_class("-broadcast") for pane in app.consoles.panes)


async def test_a_console_opened_while_broadcasting_ends_it(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_two(app)
        await pilot.press("ctrl+right_square_bracket", "B", "y")
        await eventually(lambda: all(pane.has_class("-broadcast") for pane in app.consoles.panes))
        await app.open("c")
        await eventually(lambda: "hello from c" in shown(app, "c"))
        assert not any(pane.has_class("-broadcast") for pane in app.consoles.panes)
        await pilot.press(*"mine", "enter")
        await eventually(lambda: "got mine" in shown(app, "c"))
        assert not any("mine" in shown(app, name) for name in "ab")


async def test_keys_stay_with_the_console_shown_however_fast_one_changes(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        for name in "abcdef":
            await app.open(name)
        assert len([pane for pane in app.consoles.panes if pane.display]) == 1, "they take turns on so small a screen"
        await eventually(lambda: "hello from f" in seen(app))
        await pilot.press("ctrl+right_square_bracket", "]", "[", "]", "]", "[", "]", "[", "[", "c")
        await pilot.press(*"here", "enter")
        await eventually(lambda: "got here" in shown(app, "f"))
        await pilot.press("ctrl+right_square_bracket", "q", "c", *"first", "enter")
        await eventually(lambda: "got first" in shown(app, "a") and "got first" in seen(app))


async def test_copying_takes_what_the_mouse_selected_else_all(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open(
            "node", "sh -c 'echo first line; echo \u65e5\u672c 00:16:3e:00:00:01 eth0; echo last; sleep 99'"
        )
        await eventually(lambda: "last" in seen(app))
        await pilot.press("ctrl+right_square_bracket", "y")
        assert app.clipboard == "first line\n\u65e5\u672c 00:16:3e:00:00:01 eth0\nlast"
        await pilot.mouse_down(app.pane, offset=(5, 1))
        await pilot.hover(app.pane, offset=(21, 1))
        await pilot.mouse_up(app.pane, offset=(21, 1))
        await eventually(lambda: bool(app.screen.get_selected_text()))
        await pilot.press("y")
        assert app.clipboard.startswith("00:16:3e:00:00:0")
        assert app.screen.get_selected_text() is None


async def test_the_log_is_written(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("../etc/x")
        await eventually(lambda: "hello" in shown(app, "../etc/x"))
        await pilot.press("ctrl+right_square_bracket", "W")
        await eventually(lambda: app.consoles.panes[0].session.keeper.log_path is not None)
        await pilot.press("c", *"word", "enter")
        await eventually(lambda: "got word" in shown(app, "../etc/x"))
        assert [path.name for path in tmp_path.iterdir()] == ["_etc_x.log"]
        assert b"got word" in (tmp_path / "_etc_x.log").read_bytes()


async def test_a_console_that_cannot_open_says_why_in_the_pane(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)):
        await app.open("[b]node[/b]", "no-such-ipmitool -H node")
        await eventually(lambda: app.consoles.panes[0].session.status.state is SessionState.FAILED)
        pane = app.consoles.panes[0]
        await eventually(lambda: "no-such-ipmitool is not installed" in seen(app))
        assert "Enter tries again now" in seen(app)
        assert "[b]node[/b]" in pane.title


async def test_leaving_keeps_consoles_and_closing_ends_them(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open("a")
        await eventually(lambda: "hello" in shown(app, "a"))
        session = app.consoles.panes[0].session
        await pilot.press("ctrl+right_square_bracket", "q")
        await eventually(lambda: session.status.state is SessionState.CLOSED)


async def test_a_flooding_guest_does_not_slow_another_pane(tmp_path: Path) -> None:
    app = ConsolesApp(tmp_path)
    async with app.run_test(size=(160, 45)):
        await app.open("flood", "sh -c 'while :; do seq 1 100000; done'")
        await app.open("calm")
        await eventually(lambda: "hello" in shown(app, "calm"))
        await eventually(lambda: app.consoles.panes[0].session.received > 1_000_000)
        for key in ("0", "1", "2", "3", "4", "enter"):
            app.post_message(Key(key, "\r" if key == "enter" else key))
        await eventually(lambda: "got 01234" in shown(app, "calm"))


def test_escape_is_written_as_people_write_it() -> None:
    assert escape_key("ctrl+]") == escape_key("^]") == "ctrl+right_square_bracket"
    assert escape_key("ctrl+o") == "ctrl+o"
