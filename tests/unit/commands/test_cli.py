"""`quarry` as a process: streams, statuses, no traceback whatever the store is like."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import execute
from core.commands.refusal import Status
from core.settings import Settings, StoreSettings

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from core.commands.cli import main; sys.exit(main(sys.argv[1:]))"


def quarry(*words: str, store: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "QUARRY_STORE": str(store), **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_output_and_errors_go_their_ways(tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    good = quarry("list", "membership", "Compute", store=store)
    assert (good.returncode, good.stdout, good.stderr) == (0, "APPLIANCE\ncompute  \n", "")
    bad = quarry("list", "host", "nosuch", store=store)
    assert (bad.returncode, bad.stdout, bad.stderr) == (1, "", 'error - cannot resolve host "nosuch"\n')


def test_version_and_help_need_no_store(tmp_path: Path) -> None:
    store = tmp_path / "no" / "s.sqlite"
    assert quarry("--version", store=store).stdout.startswith("quarry ")
    assert quarry("--help", store=store).stdout.startswith("usage: quarry")
    assert quarry("list", "host", "vm", "--help", store=store).returncode == 0
    assert not store.parent.exists()


def test_the_stores_url_on_the_command_line_wins(tmp_path: Path) -> None:
    quarry("--store", str(tmp_path / "mine.sqlite"), "list", "host", store=tmp_path / "theirs.sqlite")
    assert (tmp_path / "mine.sqlite").exists() and not (tmp_path / "theirs.sqlite").exists()


def test_a_bare_word_is_no_new_store(tmp_path: Path) -> None:
    done = quarry("--store", "nonsense", "list", "host", store=tmp_path / "s.sqlite")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith('error - there is no store "nonsense"') and done.stderr.count("\n") == 1
    assert not Path("nonsense").exists() and not list(tmp_path.iterdir())


def test_who_opens_a_new_store_is_told_so_once(tmp_path: Path) -> None:
    settings = Settings(store=StoreSettings(url=f"sqlite:///{tmp_path}/new.sqlite"))
    for told in ("there was no store at sqlite:///", ""):
        said: list[str] = []
        context = Context(settings, who="operator", warn=said.append, ask=lambda _question: False)
        assert execute("list membership", context) is Status.DONE
        assert told in "".join(said) and bool(said) == bool(told)
        context.close()


def make_newer(path: Path) -> None:
    quarry("list", "host", store=path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("this is no database, though it is long enough to be one" * 40),
        lambda path: path.mkdir(),
        make_newer,
        lambda path: sqlite3.connect(path).execute("CREATE TABLE other (x)"),
    ],
    ids=["garbage", "folder", "newer", "foreign"],
)
def test_a_store_that_cannot_be_used(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "s.sqlite"
    spoil(path)  # type: ignore[operator]
    done = quarry("list", "host", store=path)
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("error - ") and done.stderr.count("\n") == 1


def test_a_locked_store_is_told_after_the_busy_timeout(tmp_path: Path) -> None:
    path, config = tmp_path / "s.sqlite", tmp_path / "config.toml"
    config.write_text("[store]\nbusy_timeout_s = 0.2\n")
    quarry("list", "host", store=path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    done = quarry("set", "attr", "x", "y", store=path, QUARRY_CONFIG=str(config))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert quarry("list", "host", store=path, QUARRY_CONFIG=str(config)).returncode == 0
    holder.close()


def test_bad_settings(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[sotre]\n")
    done = quarry("list", "host", store=tmp_path / "s.sqlite", QUARRY_CONFIG=str(config))
    assert done.returncode == 1 and done.stderr.startswith("error - ") and "sotre" in done.stderr


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    quarry("list", "host", store=store)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QUARRY_STORE": str(store)}
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -c "{PROGRAM}" help | head -1'],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("usage: quarry") and done.stderr == ""


def test_listing_loads_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys; from core.commands.cli import main; main(['list', 'host', 'vm']); "
        "print(sorted({'alembic', 'libvirt', 'paramiko', 'textual', 'pexpect', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "QUARRY_STORE": str(tmp_path / "s.sqlite")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "[]\n"
