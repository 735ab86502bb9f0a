"""The real executable on a real terminal: colours or none, ASCII, and leaving in good order."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

QUARRY = "import sys; from tui.main import main; sys.exit(main())"


@contextmanager
def quarry(folder: Path, **environment: str) -> Iterator[pexpect.spawn]:  # type: ignore[type-arg]
    """`quarry` on the terminal until the block ends; whatever happens it is gone afterwards."""
    full: Mapping[str, str] = {
        **os.environ,
        "TERM": "xterm-256color",
        "XDG_STATE_HOME": str(folder),
        "TMPDIR": str(folder),
        **environment,
    }
    child = pexpect.spawn(sys.executable, ["-c", QUARRY, "--demo"], env=dict(full), dimensions=(30, 120), timeout=60)
    try:
        child.expect(b"compute-0-0-0")
        yield child
    finally:
        child.close(force=True)


def end_of(child: pexpect.spawn) -> int | None:  # type: ignore[type-arg]
    """Wait for the end; the exit status."""
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_no_color_sends_no_colour_code_at_all(tmp_path: Path) -> None:
    with quarry(tmp_path, NO_COLOR="1") as child:
        child.logfile_read = log = (tmp_path / "sent").open("wb")
        child.send("jjS")
        child.expect(b"Stop compute-0-0-0")
        child.send("\x1b")
        time.sleep(0.3)
        child.send("Q")
        assert end_of(child) == 0
        log.close()
    sent = (tmp_path / "sent").read_bytes()
    codes = [code for found in re.findall(rb"\x1b\[([0-9;:]*)m", sent) for code in re.split(rb"[;:]", found)]
    assert codes, "nothing was drawn"
    assert [code for code in codes if re.fullmatch(rb"[349][0-9]|10[0-7]", code)] == []


@pytest.mark.parametrize("empty", [False, True], ids=["absent", "empty"])
def test_colours_are_sent_without_no_color(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: bool) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    with quarry(tmp_path, COLORTERM="truecolor", **({"NO_COLOR": ""} if empty else {})) as child:
        child.send("j")
        child.expect(rb"\x1b\[[0-9;]*(38|48);2;")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    with quarry(tmp_path) as child:
        child.kill(number)
        assert end_of(child) == 0
    assert list(tmp_path.glob("quarry-demo-*")) == [], "the demo's files were left behind"


def test_ctrl_c_does_not_end_it(tmp_path: Path) -> None:
    with quarry(tmp_path) as child:
        time.sleep(0.5)
        child.send("\x03")
        child.expect(b"leaves")
        child.send("Q")
        assert end_of(child) == 0


def test_a_redirected_stderr_is_named_instead_of_a_hidden_screen(tmp_path: Path) -> None:
    script = f"{sys.executable} -c '{QUARRY}' --demo 2>{tmp_path / 'err'}"
    child = pexpect.spawn("/bin/sh", ["-c", script], dimensions=(30, 120), timeout=60)
    child.expect(b"error - the screen is drawn on stderr, which is no terminal here")
    assert end_of(child) == 2
    assert "stderr" in (tmp_path / "err").read_text()
