"""Commands over SSH on a real sshd: words stay words, keys are checked, nothing hangs for ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import RemoteError
from core.remote.ssh import RemoteShell, RemoteUnreachable
from tests.integration.hypervisor.conftest import FIRST, SECOND
from tests.lab.netns.lab import Lab

pytestmark = pytest.mark.real


def shell_of(lab: Lab, **changes: object) -> RemoteShell:
    values: dict[str, object] = {
        "host": lab.containers[FIRST].address, "user": "root", "keyfile": str(lab.keyfile),
        "known_hosts": str(lab.known_hosts), **changes,
    }  # fmt: skip
    return RemoteShell(**values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shell(lab: Lab) -> Iterator[RemoteShell]:
    with shell_of(lab) as made:
        yield made


def test_a_command_and_its_end(shell: RemoteShell) -> None:
    done = shell.run(["sh", "-c", "echo out; echo err >&2; exit 3"], 10)
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert shell.run(["hostname"], 10).stdout == f"{FIRST}\n"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), max_size=4))
def test_words_arrive_as_they_are(shell: RemoteShell, words: list[str]) -> None:
    done = shell.run(["printf", "%s\\0", *words, "end"], 10)
    assert done.stdout.split("\0")[:-1] == [*words, "end"]


def test_input_and_much_output(shell: RemoteShell) -> None:
    given_bytes = bytes(range(256)) * 4000
    assert shell.run(["wc", "-c"], 20, input=given_bytes).stdout.strip() == str(len(given_bytes))
    assert len(shell.run(["head", "-c", "3000000", "/dev/zero"], 20).stdout) == 3_000_000


def test_a_command_without_end_is_given_up(shell: RemoteShell) -> None:
    with pytest.raises(RemoteError, match=r"could not run sleep .*no end within"):
        shell.run(["sleep", "100000"], 0.5)
    assert shell.run(["true"], 10).status == 0


def test_the_tail_of_a_file(lab: Lab, shell: RemoteShell) -> None:
    path = lab.containers[FIRST].base / "it's a log"
    path.write_bytes(b"0123456789")
    assert shell.read_tail(str(path), 4) == b"6789"
    assert shell.read_tail(str(path), 400) == b"0123456789"
    assert shell.read_tail(str(path) + ".none", 4) == b""
    with pytest.raises(RemoteError, match="could not read"):
        shell.read_tail("/", 4)


def test_who_cannot_be_reached_says_why(lab: Lab, tmp_path: Path) -> None:
    empty = tmp_path / "known_hosts"
    empty.touch()
    cases = (
        (shell_of(lab, known_hosts=str(empty)), "not found in known_hosts.*put it into known_hosts"),
        (shell_of(lab, keyfile=str(lab.containers[SECOND].base / "host_key")), "refused the login of root.*SSH key"),
        (shell_of(lab, port=1), "sshd"),
        (shell_of(lab, host="no-such-host.invalid"), "DNS"),
        (shell_of(lab, known_hosts="/no/such/file"), "cannot read /no/such/file"),
        (shell_of(lab, keyfile="/no/such/key"), "/no/such/key|key file"),
    )
    for shell, sentence in cases:
        with pytest.raises(RemoteUnreachable, match=f"(?i){sentence}"):
            shell.run(["true"], 5)
