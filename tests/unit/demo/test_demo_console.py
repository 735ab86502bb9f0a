"""The demo's consoles: they boot, log in, run commands, and follow the state of their VM."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from core.console.cells import row_text
from core.console.line import SessionState
from core.console.session import ConsoleSession
from core.demo.console import DemoOpener
from core.hypervisor.model import DomainState
from core.inventory.snapshot import InventorySnapshot
from tests.builders import make_container, make_snapshot, make_vm

NAME = "compute-0-0-0"


class Picture:
    """A fleet of one VM whose state changes."""

    def __init__(self, name: str, state: DomainState = DomainState.RUNNING) -> None:
        self.name = name
        self.state = state

    def newest(self) -> InventorySnapshot:
        return make_snapshot([make_container(vms=[make_vm(self.name, state=self.state)])])


def eventually(happened: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def text(session: ConsoleSession) -> str:
    rows = session.frame(everything=True).changed
    return "\n".join(row_text(rows[number]) for number in sorted(rows))


@pytest.fixture
def picture() -> Picture:
    return Picture(NAME)


def test_log_in_and_run_commands(picture: Picture) -> None:
    session = ConsoleSession(NAME, DemoOpener(NAME, picture.newest))
    session.start()
    try:
        eventually(lambda: f"{NAME} login:" in text(session))
        session.send(b"root\r")
        eventually(lambda: "Password:" in text(session))
        session.send(b"secret\r")
        eventually(lambda: f"[root@{NAME} ~]#" in text(session))
        assert "secret" not in text(session)
        session.send(b"hostname\r")
        eventually(lambda: f"{NAME}.local" in text(session))
        session.send(b"nonsense\r")
        eventually(lambda: "nonsense: command not found" in text(session))
    finally:
        session.close(5.0)


def test_it_waits_while_the_vm_is_off_and_boots_when_it_starts(picture: Picture) -> None:
    picture.state = DomainState.SHUT_OFF
    stages: list[str] = []
    session = ConsoleSession(
        NAME, DemoOpener(NAME, picture.newest), on_stage=lambda s: stages.append(s.name if s else "")
    )
    session.start()
    try:
        eventually(lambda: session.status.state is SessionState.WAITING)
        picture.state = DomainState.RUNNING
        eventually(lambda: "login" in stages)
        assert [one for one in ("firmware", "grub", "kernel", "login") if one in stages] == [
            "firmware",
            "grub",
            "kernel",
            "login",
        ]
        picture.state = DomainState.SHUT_OFF
        eventually(lambda: session.status.state is SessionState.WAITING)
        eventually(lambda: stages[-1] == "")
    finally:
        session.close(5.0)


def test_a_paused_vm_says_nothing(picture: Picture) -> None:
    session = ConsoleSession(NAME, DemoOpener(NAME, picture.newest), threading.Event().set)
    session.start()
    try:
        eventually(lambda: f"{NAME} login:" in text(session))
        picture.state = DomainState.PAUSED
        time.sleep(0.3)
        session.send(b"root\r")
        time.sleep(0.5)
        assert "Password:" not in text(session)
        picture.state = DomainState.RUNNING
        eventually(lambda: "Password:" in text(session))
    finally:
        session.close(5.0)


def test_one_in_some_is_being_installed() -> None:
    names = [f"compute-0-0-{number}" for number in range(40)]
    begins = {name: DemoOpener(name, Picture(name).newest)._begin for name in names}
    installing = [name for name, begin in begins.items() if begin == "install"]
    assert 1 <= len(installing) <= 12
    session = ConsoleSession(installing[0], DemoOpener(installing[0], Picture(installing[0]).newest))
    session.start()
    try:
        eventually(lambda: session.stage is not None and session.stage.name == "installing")
        eventually(lambda: "Package Installation" in text(session))
        assert session.stage is not None and session.stage.text.endswith("%")
    finally:
        session.close(5.0)
