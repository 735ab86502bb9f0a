"""Commands over SSH: whose key it is, who may log in, and words that stay words."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.remote.ssh import RemoteShell, RemoteUnreachable
from tests.unit.remote.sshd import Sshd, sshd


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as made:
        yield made


def shell_of(server: Sshd, *, known_hosts: Path | None = None, keyfile: Path | None = None) -> RemoteShell:
    known, key = known_hosts or server.known_hosts, keyfile or server.keyfile
    return RemoteShell("127.0.0.1", server.port, "root", str(key), str(known), connect_timeout_s=60)


@pytest.fixture(scope="module")
def shell(server: Sshd) -> Iterator[RemoteShell]:
    with shell_of(server) as made:
        yield made


def test_a_command_and_its_end(shell: RemoteShell) -> None:
    done = shell.run(["sh", "-c", "echo out; echo err >&2; exit 3"], 60)
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_input_and_much_output(shell: RemoteShell) -> None:
    content = bytes(range(256)) * 4000
    assert shell.run(["wc", "-c"], 60, input=content).stdout.strip() == str(len(content))
    assert len(shell.run(["head", "-c", "3000000", "/dev/zero"], 60).stdout) == 3_000_000


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), max_size=4))
def test_words_arrive_as_they_are(shell: RemoteShell, words: list[str]) -> None:
    done = shell.run(["printf", "%s\\0", *words, "end"], 60)
    assert done.stdout.split("\0")[:-1] == [*words, "end"]


def test_no_word_becomes_shell(shell: RemoteShell, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    shell.run(["true", f"$(touch {trap})", f"; touch {trap}", f"`touch {trap}`", f"\n touch {trap}"], 60)
    assert not trap.exists()


def test_a_host_whose_key_nobody_checked_gets_no_command(server: Sshd, tmp_path: Path) -> None:
    empty, trap = tmp_path / "known_hosts", tmp_path / "trap"
    empty.touch()
    with pytest.raises(RemoteUnreachable, match=r"not found in known_hosts.*put it into known_hosts"):
        shell_of(server, known_hosts=empty).run(["touch", str(trap)], 60)
    assert not trap.exists() and empty.read_text() == ""


def test_a_host_with_another_key_gets_no_command(server: Sshd, tmp_path: Path) -> None:
    other, trap = paramiko.ECDSAKey.generate(), tmp_path / "trap"
    wrong = tmp_path / "known_hosts"
    wrong.write_text(f"[127.0.0.1]:{server.port} {other.get_name()} {other.get_base64()}\n")
    with pytest.raises(RemoteUnreachable, match="is not the known one"):
        shell_of(server, known_hosts=wrong).run(["touch", str(trap)], 60)
    assert not trap.exists()


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_login_that_is_refused_says_so_whatever_the_key(server: Sshd, tmp_path: Path, kind: str) -> None:
    make_key(tmp_path / "id", kind)
    with pytest.raises(RemoteUnreachable, match="refused the login of root"):
        shell_of(server, keyfile=tmp_path / "id").run(["true"], 60)


def test_a_key_that_cannot_be_used_is_named(server: Sshd, tmp_path: Path) -> None:
    make_key(tmp_path / "locked", "ed25519", "secret")
    (tmp_path / "text").write_text("no key\n")
    for name, why in (
        ("locked", "has a passphrase .give it to the SSH agent"),
        ("text", "is no private SSH key that can be used .correct keyfile"),
        ("none", "No such file or directory .correct keyfile"),
    ):
        with pytest.raises(RemoteUnreachable, match=f"{name}.* {why}"):
            shell_of(server, keyfile=tmp_path / name).run(["true"], 60)


def make_key(path: Path, kind: str, passphrase: str = "") -> None:
    """As operators make theirs."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("there is no ssh-keygen")
    words = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def test_the_tail_of_a_file(shell: RemoteShell, tmp_path: Path) -> None:
    path = tmp_path / "it's a log"
    path.write_bytes(b"0123456789")
    assert shell.read_tail(str(path), 4) == b"6789"
    assert shell.read_tail(str(path) + ".none", 4) == b""
