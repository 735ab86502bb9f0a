"""Connecting: by name, and by address where nobody knows the name."""

from __future__ import annotations

import socket
import threading

import pytest

from core.remote.ssh import RemoteShell, RemoteUnreachable

NOWHERE = "compute-0-0.invalid"


@pytest.fixture
def deaf() -> int:
    """A port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_name_nobody_knows_is_reached_by_its_address() -> None:
    came = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            server.accept()[0].close()
            came.set()

        threading.Thread(target=take, daemon=True).start()
        shell = RemoteShell(
            NOWHERE,
            server.getsockname()[1],
            "root",
            connect_timeout_s=20,
            known_hosts="/dev/null",
            address="127.0.0.1",
        )
        with pytest.raises(RemoteUnreachable, match=NOWHERE):
            shell.run(["true"], 20)
        assert came.wait(60)


def test_an_address_that_does_not_answer_is_an_unreachable_host(deaf: int) -> None:
    shell = RemoteShell(NOWHERE, deaf, "root", connect_timeout_s=20, known_hosts="/dev/null", address="127.0.0.1")
    with pytest.raises(RemoteUnreachable, match=f"{NOWHERE} .port {deaf}.*refused"):
        shell.run(["true"], 20)


def test_a_name_that_is_known_is_reached_by_it(deaf: int) -> None:
    shell = RemoteShell("127.0.0.1", deaf, "root", connect_timeout_s=20, known_hosts="/dev/null", address="192.0.2.1")
    with pytest.raises(RemoteUnreachable, match="Unable to connect"):
        shell.run(["true"], 20)
