"""The executable: what opens the screen, what is a command, and what is said when neither can be."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from core.commands.refusal import Status
from core.settings import Settings
from tui import main as door
from tui.crash import report_crash


def run(words: list[str], environment: dict[str, str], *, terminal: bool = False) -> tuple[int, str]:
    """Run `quarry` as a process; with a terminal on stdin and stdout when asked. Returns status and stderr."""
    command = [sys.executable, "-c", "import sys; from tui.main import main; sys.exit(main())", *words]
    full = {**os.environ, "TERM": "xterm", **environment}
    if not terminal:
        done = subprocess.run(
            command, check=False, env=full, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stderr
    inner, outer = pty.openpty()
    with subprocess.Popen(command, env=full, stdin=outer, stdout=outer, stderr=subprocess.PIPE, text=True) as process:
        os.close(outer)
        assert process.stderr is not None
        said = process.stderr.read()
        status = process.wait(60)
    os.close(inner)
    return status, said


def test_a_command_never_imports_textual(tmp_path: Path) -> None:
    program = (
        "import sys; from tui.main import main; status = main(['list', 'membership']);"
        "assert 'textual' not in sys.modules and 'libvirt' not in sys.modules; sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "QUARRY_STORE": str(tmp_path / "store.sqlite")},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Compute" in done.stdout


def test_the_screen_says_that_it_needs_a_terminal(tmp_path: Path) -> None:
    status, said = run([], {"QUARRY_STORE": str(tmp_path / "store.sqlite")})
    assert status == Status.NOT_UNDERSTOOD
    assert said == "error - the screen needs a terminal; without one use commands (quarry --help lists them)\n"


def test_the_demo_takes_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["--demo", "list", "host"]) == Status.NOT_UNDERSTOOD
    assert '--demo opens the screen and takes no command ("list")' in capsys.readouterr().err


def test_an_unknown_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["--demmo"]) == Status.NOT_UNDERSTOOD
    assert capsys.readouterr().err.count("\n") == 1


def test_a_broken_store_is_one_clear_line(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    store.write_bytes(b"this is no database at all" * 50)
    status, said = run(["--store", str(store)], {}, terminal=True)
    assert status == Status.STORE
    assert said.startswith("error - ") and said.count("\n") == 1


def test_a_store_that_cannot_be_a_file_is_one_clear_line(tmp_path: Path) -> None:
    status, said = run(["--store", str(tmp_path)], {}, terminal=True)
    assert status == Status.STORE
    assert said.startswith("error - ") and said.count("\n") == 1


def test_a_settings_mistake_is_one_clear_line(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('[tui]\nthem = "dark"\n')
    status, said = run([], {"QUARRY_CONFIG": str(settings)}, terminal=True)
    assert status == Status.REFUSED
    assert str(settings) in said and 'did you mean "tui.theme"' in said


def test_a_key_clash_names_file_and_key(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('[tui.keys]\n"vm.start" = "S"\n')
    environment = {"QUARRY_CONFIG": str(settings), "QUARRY_STORE": str(tmp_path / "store.sqlite")}
    status, said = run([], environment, terminal=True)
    assert status == Status.REFUSED
    assert f'{settings}: tui.keys: "vm.start" wants the key "S"' in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("term", "ascii_only"), [("linux", True), ("xterm-256color", False)])
def test_the_console_of_the_kernel_gets_ascii(monkeypatch: pytest.MonkeyPatch, term: str, ascii_only: bool) -> None:
    monkeypatch.setenv("TERM", term)
    assert door.for_terminal(Settings()).tui.ascii is ascii_only


def test_a_crash_is_written_down_and_told_in_one_line(tmp_path: Path) -> None:
    try:
        raise ZeroDivisionError("by zero\nand more")
    except ZeroDivisionError as error:
        sentence = report_crash(error, tmp_path)
    assert "\n" not in sentence
    assert str(tmp_path / "crash.log") in sentence
    assert "Traceback" in (tmp_path / "crash.log").read_text()
    (tmp_path / "file").write_text("")
    assert "could not write it down" in report_crash(ZeroDivisionError(), tmp_path / "file")
