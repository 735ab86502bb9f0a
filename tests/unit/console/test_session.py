"""A session over real processes on pseudo terminals: it reads, types, stays, and says why it cannot."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.console.cells import row_text
from core.console.line import Line, NotNow, SessionState, Status
from core.console.session import ConsoleSession
from core.remote.console_process import ConsoleProcess


class ProcessOpener:
    """Opens a command; `machine_on` stands for the VM running."""

    def __init__(self, *words: str, before: bytes = b"") -> None:
        self.words = words
        self.machine_on = True
        self.before = before
        self.opened = 0
        self.took_over = False

    def open(self, columns: int, rows: int, *, take_over: bool) -> Line | NotNow:
        if not self.machine_on:
            return NotNow("compute-0-0-0 is off")
        self.opened += 1
        self.took_over = take_over
        return ConsoleProcess(self.words, columns, rows)

    def history(self, most_bytes: int) -> bytes:
        return self.before[-most_bytes:]

    def refusal(self, said: str) -> Status | None:
        return Status(SessionState.BUSY, "ann has it") if "Active console session exists" in said else None


Make = Callable[[ProcessOpener], ConsoleSession]


@pytest.fixture
def make() -> Iterator[Make]:
    sessions: list[ConsoleSession] = []

    def build(opener: ProcessOpener) -> ConsoleSession:
        session = ConsoleSession("compute-0-0-0", opener, threading.Event().set, columns=60, rows=8)
        sessions.append(session)
        session.start()
        return session

    yield build
    for session in sessions:
        session.close(5.0)


def eventually(happened: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def screen(session: ConsoleSession) -> str:
    rows = session.frame(everything=True).changed
    return "\n".join(row_text(rows[number]) for number in sorted(rows))


def test_output_shows_and_typing_arrives(make: Make) -> None:
    session = make(ProcessOpener("sh", "-c", "stty -echo; echo ready; read line; echo got $line; sleep 30"))
    eventually(lambda: "ready" in screen(session))
    assert session.send(b"hello\r")
    eventually(lambda: "got hello" in screen(session))


def test_a_guest_that_asks_for_the_cursor_is_answered(make: Make) -> None:
    program = r"""
import sys, termios, tty
tty.setraw(0)
sys.stdout.write("\x1b[6n"); sys.stdout.flush()
answer = ""
while not answer.endswith("R"): answer += sys.stdin.read(1)
print("answer", repr(answer), end="\r\n", flush=True)
import time; time.sleep(30)
"""
    session = make(ProcessOpener(sys.executable, "-c", program))
    eventually(lambda: "answer '\\x1b[1;1R'" in screen(session))


def test_it_comes_back_when_the_machine_does(make: Make) -> None:
    opener = ProcessOpener("sh", "-c", "echo boot; sleep 0.2")
    session = make(opener)
    eventually(lambda: opener.opened >= 2)
    opener.machine_on = False
    eventually(lambda: session.status == Status(SessionState.WAITING, "compute-0-0-0 is off"))
    opened = opener.opened
    opener.machine_on = True
    eventually(lambda: opener.opened > opened)


def test_a_busy_console_says_who_has_it_and_can_be_taken_over(make: Make) -> None:
    opener = ProcessOpener("sh", "-c", "echo error: operation failed: Active console session exists for this domain")
    session = make(opener)
    eventually(lambda: session.status == Status(SessionState.BUSY, "ann has it"))
    opener.words = ("sh", "-c", "echo mine; sleep 30")
    session.reattach(take_over=True)
    eventually(lambda: session.status.state is SessionState.OPEN)
    assert opener.took_over


def test_a_missing_program_is_said_in_the_pane(make: Make) -> None:
    session = make(ProcessOpener("no-such-program-here"))
    eventually(lambda: session.status.state is SessionState.FAILED)
    assert "not installed" in session.status.detail


def test_history_comes_before_the_attach_and_its_queries_are_not_answered(make: Make) -> None:
    program = "stty raw -echo; echo live; head -c 1 | od -c; sleep 30"
    session = make(ProcessOpener("sh", "-c", program, before=b"old panic\r\n\x1b[6n"))
    eventually(lambda: "live" in screen(session))
    assert "old panic" in screen(session).split("live")[0]
    time.sleep(0.3)
    assert "033" not in screen(session)


def test_stages_and_alerts_are_told_and_forgotten_when_the_machine_is_off() -> None:
    stages: list[str] = []
    alerts: list[str] = []
    opener = ProcessOpener("sh", "-c", "echo 'Kernel panic - not syncing: x'; echo; printf 'node login: '; sleep 1")
    session = ConsoleSession(
        "node",
        opener,
        on_stage=lambda stage: stages.append(stage.text if stage else ""),
        on_alert=lambda stage: alerts.append(stage.line),
    )
    session.start()
    try:
        eventually(lambda: "login" in stages)
        opener.machine_on = False
        eventually(lambda: stages[-1] == "")
        assert alerts[0] == "Kernel panic - not syncing: x"
    finally:
        session.close(5.0)


def test_what_the_past_switched_on_is_off_again(make: Make) -> None:
    past = b"\x1b[?1049h\x1b[2;4r\x1b[?1h\x1b[?2004h\x1b[?25l\x1b(0\x1b[7mfull screen"
    session = make(ProcessOpener("sh", "-c", "echo live; sleep 30", before=past))
    eventually(lambda: "live" in screen(session))
    modes = session.frame(everything=True).modes
    assert not (modes.application_cursor or modes.bracketed_paste or modes.alternate_screen)


def test_history_tells_the_stage_too(make: Make) -> None:
    session = make(ProcessOpener("sleep", "30", before=b"...\r\nnode login: "))
    eventually(lambda: session.stage is not None and session.stage.name == "login")


def test_log_and_cast_hold_every_byte(make: Make, tmp_path: Path) -> None:
    opener = ProcessOpener("sh", "-c", "read go; seq 1 5000; sleep 30")
    session = make(opener)
    session.keeper.log_to(tmp_path / "log")
    session.keeper.record_to(tmp_path / "cast")
    eventually(lambda: session.status.state is SessionState.OPEN)
    session.send(b"\r")
    eventually(lambda: "5000" in screen(session))
    session.close(5.0)
    assert b"".join(b"%d\r\n" % number for number in range(1, 5001)) in (tmp_path / "log").read_bytes()
    lines = [json.loads(line) for line in (tmp_path / "cast").read_text().splitlines()]
    assert lines[0]["version"] == 2 and lines[0]["width"] == 60
    assert "4999\r\n5000" in "".join(line[2] for line in lines[1:])


def test_a_guest_that_takes_no_input_holds_up_nobody(make: Make) -> None:
    session = make(ProcessOpener("sh", "-c", "stty raw -echo; sleep 60"))
    eventually(lambda: session.status.state is SessionState.OPEN)
    began = time.monotonic()
    for _ in range(40):
        session.send(b"x" * 65536)
    assert time.monotonic() - began < 0.5


def test_closing_ends_the_process(make: Make) -> None:
    opener = ProcessOpener("sh", "-c", "trap '' TERM HUP; echo up; while :; do echo noise; done")
    session = make(opener)
    eventually(lambda: session.received > 100_000)
    session.close(10.0)
    assert session.status.state is SessionState.CLOSED
