"""What a guest sends, as cells."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.console.cells import CellStyle, Run, row_text
from core.console.emulator import GhosttyEmulator


@pytest.fixture
def terminal() -> Iterator[GhosttyEmulator]:
    emulator = GhosttyEmulator(40, 5, scrollback=100)
    yield emulator
    emulator.close()


def shown(terminal: GhosttyEmulator) -> list[str]:
    rows = terminal.frame(everything=True).changed
    return [row_text(rows[number]) for number in sorted(rows)]


def test_text_lands_in_rows(terminal: GhosttyEmulator) -> None:
    terminal.feed(b"login: root\r\nPassword:")
    assert shown(terminal) == ["login: root", "Password:", "", "", ""]


def test_a_shell_that_asks_where_the_cursor_is_gets_an_answer(terminal: GhosttyEmulator) -> None:
    assert terminal.feed(b"ab\x1b[6n") == b"\x1b[1;3R"


def test_device_attributes_are_answered(terminal: GhosttyEmulator) -> None:
    assert terminal.feed(b"\x1b[c").startswith(b"\x1b[?")


def test_colours_attributes_and_wide_characters(terminal: GhosttyEmulator) -> None:
    terminal.feed("日本\x1b[1;31mred\x1b[0;48;2;1;2;3m \x1b[0me\u0301".encode())
    assert terminal.frame().changed[0] == (
        Run("日本", 4),
        Run("red", 3, CellStyle(foreground=1, bold=True)),
        Run(" ", 1, CellStyle(background=(1, 2, 3))),
        Run("e\u0301", 1),
    )


def test_only_changed_rows_come_in_the_next_frame(terminal: GhosttyEmulator) -> None:
    terminal.feed(b"one\r\ntwo\r\n")
    terminal.frame()
    terminal.feed(b"three")
    assert list(terminal.frame().changed) == [2]
    assert terminal.frame().changed == {}


def test_scrolling_back_shows_older_output_and_following_returns(terminal: GhosttyEmulator) -> None:
    terminal.feed(b"".join(b"line %d\r\n" % number for number in range(30)))
    terminal.scroll(-10)
    frame = terminal.frame()
    assert (frame.offset, row_text(frame.changed[0])) == (10, "line 16")
    assert not frame.cursor.visible
    terminal.follow()
    assert (terminal.frame().offset, shown(terminal)[0]) == (0, "line 26")


def test_contents_are_rows_as_scroll_to_counts_them(terminal: GhosttyEmulator) -> None:
    terminal.feed(b"\r\n\r\nfirst\r\n" + b"w" * 100 + b"\r\n" + b"more\r\n" * 20)
    rows = terminal.contents()
    assert rows[:7] == ["", "", "first", "w" * 40, "w" * 40, "w" * 20, "more"]
    terminal.scroll_to(rows.index("first"))
    assert shown(terminal)[0] == "first"


@pytest.mark.parametrize("columns", [40, 80, 132, 200])
def test_all_the_lines_asked_for_are_kept_and_not_many_more(columns: int) -> None:
    emulator = GhosttyEmulator(40, 24, scrollback=10_000)
    emulator.resize(columns, 24)
    emulator.feed(b"some line of output\r\n" * 20_000)
    assert 10_000 <= emulator.frame().scrollback <= 14_000
    emulator.feed(b"\x1b[1;32mok\x1b[0m another line of output\r\n" * 20_000)
    assert 10_000 <= emulator.frame().scrollback <= 14_000
    emulator.close()


def test_no_scrollback_is_kept_where_none_is_asked_for() -> None:
    emulator = GhosttyEmulator(80, 24, scrollback=0)
    emulator.feed(b"some line of output\r\n" * 20_000)
    assert emulator.frame().scrollback == 0
    emulator.close()


def test_titles_bells_and_clipboard_never_come_back(terminal: GhosttyEmulator) -> None:
    hostile = b"\x1b]0;owned\x07\x07\x1b]52;c;aGVsbG8=\x07\x1b]9;note\x07\x1b[21t"
    answer = terminal.feed(hostile)
    assert b"owned" not in answer and b"aGVsbG8" not in answer
    assert shown(terminal) == [""] * 5


def test_bytes_that_are_no_utf8_become_cells(terminal: GhosttyEmulator) -> None:
    terminal.feed(b"\xff\xfe\xc3(ok\x9b")
    assert "ok" in shown(terminal)[0]


def test_modes_the_keyboard_must_know(terminal: GhosttyEmulator) -> None:
    terminal.feed(b"\x1b[?1h\x1b[?2004h\x1b[?1049h")
    modes = terminal.frame().modes
    assert modes.application_cursor and modes.bracketed_paste and modes.alternate_screen


def test_resize_keeps_the_text(terminal: GhosttyEmulator) -> None:
    terminal.feed(b"x" * 40)
    terminal.resize(20, 5)
    assert shown(terminal)[:2] == ["x" * 20, "x" * 20]


DROPPED_UNDER_THE_LOCK = """
import gc
from pyghostty import ffi
from core.console.emulator import GhosttyEmulator

ring = [GhosttyEmulator(80, 24)]
ring.append(ring)
with ffi._lock:
    del ring
    gc.collect()
"""


def test_an_emulator_the_collector_finds_is_freed_whatever_cffi_is_doing() -> None:
    # The collector runs wherever memory is asked for, in cffi too; only a fresh process has looked nothing up yet.
    subprocess.run([sys.executable, "-c", DROPPED_UNDER_THE_LOCK], check=True, timeout=60)
