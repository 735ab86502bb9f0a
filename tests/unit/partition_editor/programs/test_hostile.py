"""Programs that misbehave stay in the sandbox, are ended, and are reported."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from partition_editor.programs import Program, run_programs, sandbox
from partition_editor.programs.sandbox import Limits

from .asking import QUICK, question, run

MAPPED = (
    shutil.which("bwrap") is not None
    and subprocess.run(
        ["bwrap", "--unshare-user", "--ro-bind", "/", "/", "true"], capture_output=True, check=False
    ).returncode
    == 0
)
WRITE = "open('/tmp/user_partition_info', 'w').write('rocks manual\\n')\n"


def said(what: Program | str, *disks: str) -> str:
    result = run(what, *disks)
    assert result.failed, result
    return result.findings[0].message


def test_an_endless_loop_is_ended() -> None:
    started = time.monotonic()
    assert "did not end within 2 s" in said("import time\nwhile True: time.sleep(1)\n")
    assert said("while True: pass\n")
    assert time.monotonic() - started < 30


def test_a_fork_bomb_runs_into_its_limit_and_leaves_nothing() -> None:
    before = len(list(Path("/proc").glob("[0-9]*")))
    assert run(Program("bomb() { bomb | bomb & }; bomb; sleep 5\n")).text is None
    assert said("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n")
    assert len(list(Path("/proc").glob("[0-9]*"))) < before + 60


def test_ten_gigabytes_of_output_are_not_kept() -> None:
    result = run("while True: print('x' * 1000000)\n")
    assert "printed without end" in result.findings[0].message
    assert len(result.output) <= QUICK.output_bytes


def test_ten_gigabytes_in_the_file_are_not_written() -> None:
    assert said("f = open('/tmp/user_partition_info', 'wb')\nwhile True: f.write(b'x' * 1000000)\n")
    many = "n = 0\nwhile True:\n    open(f'/tmp/{n}', 'wb').write(b'x' * 900000)\n    n += 1\n"
    assert "line 3 of the program" in said(many)


def test_memory_is_limited() -> None:
    assert "more memory than it may" in said("x = 'x' * 10**10\n")


def test_there_is_no_network() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        text = said(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)\n")
    assert "refused" in text or "unreachable" in text


@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/passwd", "/root/.ssh", "/home", "/var/log", "/proc/1/environ"])
def test_nothing_of_the_host_can_be_read(path: str) -> None:
    assert said(
        f"import os\nos.listdir('{path}') if os.path.isdir('{path}') else open('{path}').read()\nos.stat('/x')\n"
    )


@pytest.mark.parametrize("path", ["/usr/bin/x", "/etc/x", "/x", "/partition_editor/x", "/proc/sys/kernel/hostname"])
def test_nothing_can_be_written_outside(path: str) -> None:
    assert "line 1 of the program" in said(f"open('{path}', 'w').write('x')\n")


@pytest.mark.parametrize("path", ["/dev/shm/x", "/dev/x"])
def test_memory_is_not_filled_behind_files(path: str) -> None:
    assert "line 1 of the program" in said(f"open('{path}', 'w').write('x')\n")


@pytest.mark.skipif(not MAPPED, reason="user namespaces are off")
@pytest.mark.parametrize("path", ["/dev/shm/x", "/dev/x"])
def test_nor_when_the_programs_own_them(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_user", lambda: ["--unshare-user"])
    assert "Read-only file system" in said(f"open('{path}', 'w').write('x')\n")


def test_what_is_in_tmp_stays_there(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.write_text("here")
    assert said(f"open('{mark}').read()\n")
    assert run("open('/tmp/left', 'w').write('x')\n" + WRITE).text == "rocks manual\n"
    assert not Path("/tmp/left").exists()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("import os; os.symlink('/usr/bin/env', '/tmp/user_partition_info')", "cannot be read"),
        ("import os; os.mkfifo('/tmp/user_partition_info')", "no plain file"),
        ("import os; os.mkdir('/tmp/user_partition_info')", "no plain file"),
        ("open('/tmp/user_partition_info', 'wb').write(b'a\\0b')", "zero bytes"),
        ("open('/tmp/user_partition_info', 'w').write('x' * 300000)", "larger than 256 KiB"),
    ],
)
def test_garbage_instead_of_a_text_is_named(body: str, sentence: str) -> None:
    assert sentence in said(body + "\n")


def test_one_node_leaves_nothing_for_the_next() -> None:
    text = (
        "import os, subprocess\nif os.listdir('/tmp') != ['discovered.disks']: raise ValueError(os.listdir('/tmp'))\n"
    )
    text += "subprocess.Popen(['sleep', '60'])\n"
    text += "open('/tmp/user_partition_info', 'w').write('part /<var name=\"hostname\"/>')\n"
    results = run_programs(Program(text, "python"), [question("hda", node=f"compute-0-{n}") for n in range(5)])
    assert [one.text for one in results] == [f"part /compute-0-{n}" for n in range(5)]


def test_a_program_that_kills_its_sandbox_takes_no_other_with_it() -> None:
    text = (
        "import os, signal\nif '<var name=\"hostname\"/>' == 'bad':\n    os.kill(os.getppid(), signal.SIGKILL)\n"
        + WRITE
    )
    asked = [question("hda", node=name) for name in ("good", "bad", "fine")]
    good, bad, fine = run_programs(Program(text, "python"), asked, limits=QUICK)
    assert good.text == fine.text == "rocks manual\n"
    assert bad.failed


def test_a_program_cannot_answer_for_another() -> None:
    text = "import os\nfd = os.open(f'/proc/{os.getppid()}/fd/1', os.O_WRONLY)\n"
    assert "Permission denied" in said(text)


def test_programs_run_from_several_threads() -> None:
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(run(WRITE).text)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["rocks manual\n"] * 3


def test_the_limits_are_the_callers() -> None:
    assert "within 1 s" in run("import time; time.sleep(9)\n", limits=Limits(seconds=1)).findings[0].message


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's files")
def test_programs_do_not_run_as_root() -> None:
    assert run("import os; print(os.getuid()); os.stat('/x')\n").output.splitlines()[0] != "0"
