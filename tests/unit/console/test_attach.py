"""The shell's console: the escape, and a whole run on a pseudo terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from core.commands.grammar import undash
from core.console.attach import Escape, as_text
from core.console.keys import escape_code


@pytest.mark.parametrize(
    ("typed", "sent", "leaves"),
    [
        (b"ls\r", b"ls\r", False),
        (b"\x1d\x1d", b"\x1d", False),
        (b"a\x1d\x1db", b"a\x1db", False),
        (b"\x1dq", b"", True),
        (b"ab\x1d.", b"ab", True),
    ],
)
def test_escape(typed: bytes, sent: bytes, leaves: bool) -> None:
    assert Escape(0x1D).take(typed, 0.0) == (sent, leaves)


def test_a_lone_escape_leaves_after_a_moment() -> None:
    escape = Escape(0x1D)
    assert escape.take(b"\x1d", 10.0) == (b"", False)
    assert not escape.is_due(10.1)
    assert escape.is_due(10.5)


def test_history_is_text_and_asks_the_operators_terminal_nothing() -> None:
    past = as_text(b"boot\r\n\x1b[6n\x1b[c\x1b]0;title\x07\x1b[31mred\x1b[0m\r\n", 80)
    assert b"\x1b" not in past
    assert past.startswith(b"boot\r\nred\r\n")


@pytest.mark.parametrize(("text", "code"), [("^]", 0x1D), ("ctrl+o", 0x0F), ("\x01", 1), ("x", None), ("^", None)])
def test_escape_code(text: str, code: int | None) -> None:
    assert escape_code(text) == code


def test_parameters_of_console_may_have_dashes() -> None:
    assert undash(["console", "n", "--escape", "^O", "--history=5"]) == ["console", "n", "escape=^O", "history=5"]
    assert undash(["list", "host", "--escape", "x"]) == ["list", "host", "--escape", "x"]


def quarry(store: Path, *words: str) -> pexpect.spawn[str]:
    program = "import sys; from tui.main import main; sys.exit(main())"
    return pexpect.spawn(
        sys.executable, ["-c", program, "--store", str(store), *words], encoding="utf-8", timeout=90, echo=False
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite"
    for words in (
        ("add", "host", "compute-0-7", "membership=Compute", "rack=0", "rank=7"),
        (
            "set",
            "host",
            "attr",
            "compute-0-7",
            "console",
            "sh -c 'stty -echo; echo ready; read x; echo got $x; sleep 99'",
        ),
    ):
        child = quarry(path, *words)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0, child.before
    return path


def test_a_physical_nodes_console_from_the_shell(store: Path, tmp_path: Path) -> None:
    child = quarry(store, "console", "compute-0-7", "--log", str(tmp_path / "log"), "--escape", "^O")
    child.expect("ready")
    child.send("hello\r")
    child.expect("got hello")
    child.send("\x0f")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert b"got hello" in (tmp_path / "log").read_bytes()


def test_a_node_without_a_console_says_how_to_give_it_one(store: Path) -> None:
    quarry(store, "add", "host", "compute-0-8", "membership=Compute", "rack=0", "rank=8").expect(pexpect.EOF)
    child = quarry(store, "console", "compute-0-8")
    child.expect("error - compute-0-8 is no VM and has no console attribute; set host attr compute-0-8 console")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus not in (0, None)
