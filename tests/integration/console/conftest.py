"""A Quarry on the lab, two guests that stay up for the module, and consoles of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import dispatch
from core.commands.refusal import Status
from core.console.cells import row_text
from core.console.line import SessionState
from core.console.session import ConsoleSession
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.definition import DomainOptions, domain_for
from core.hypervisor.model import ContainerName, LinkState
from core.outcome import Refused
from core.settings import Settings, StoreSettings
from core.store.store import Store
from tests.integration.hypervisor.conftest import guest_record
from tests.integration.hypervisor.helping import eventually
from tests.lab.fixtures import lab
from tests.lab.netns.guest import READY
from tests.lab.netns.lab import Lab
from tui.composition import ComposedFleet, open_fleet

__all__ = ["lab"]

FIRST, SECOND = "vm-container-0-0", "vm-container-0-1"
ONE, OTHER = "console-0-0-0", "console-0-0-1"
BOOT_S = 150.0
"""Without KVM, on a machine busy with other labs."""


@pytest.fixture(scope="module")
def quarry(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposedFleet]:
    """The screen's fleet on the lab's two containers."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'quarry.sqlite'}"
    settings = Settings(store=StoreSettings(url=url), containers=lab.settings())
    with Store.open(url) as store:
        for rank, one in enumerate(lab.containers.values()):
            line = f"add host {one.name} 'VM Container' rack=0 rank={rank} uri={one.uri}"
            result = dispatch(line, Context(settings, who="ann", store=store))
            assert result.status is Status.DONE, result.err
    fleet = open_fleet(settings)
    eventually(lambda: all(one.link is LinkState.UP for one in fleet.snapshot().containers), 60.0)
    yield fleet
    fleet.close()


@pytest.fixture(scope="module")
def guests(lab: Lab, quarry: ComposedFleet) -> Iterator[None]:
    """Two guests on the first container, booted."""
    hypervisor = LibvirtHypervisor(ContainerName(FIRST), lab.containers[FIRST].uri, lab.settings())
    hypervisor.open()
    options = DomainOptions(kernel=str(lab.guest.kernel), initrd=str(lab.guest.initrd), bridge="br0")
    for name in (ONE, OTHER):
        arguments = f"{lab.guest.arguments} name={name}"
        xml = domain_for(guest_record(name), hypervisor.host(), replace(options, arguments=arguments))
        assert isinstance(xml, str), xml
        hypervisor.start(hypervisor.define(xml))
    hypervisor.close()
    for name in (ONE, OTHER):
        log = lab.containers[FIRST].base / f"log-libvirt/qemu/{name}.console.log"
        eventually(lambda log=log: log.exists() and READY in log.read_text(errors="replace"), BOOT_S)  # type: ignore[misc]
        eventually(lambda name=name: name in quarry.snapshot().by_name(), 30.0)  # type: ignore[misc]
        adopted = quarry.command(f"adopt host vm {name}", lambda lines, phrase: True)
        assert not adopted.failed, adopted.err
    yield
    for name in (ONE, OTHER):
        for container in (FIRST, SECOND):
            lab.virsh(container, "destroy", name, check=False)
            lab.virsh(container, "undefine", name, "--managed-save", check=False)


@pytest.fixture
def console(quarry: ComposedFleet, guests: None) -> Iterator[Callable[[str], ConsoleSession]]:
    """Opens a guest's console and waits until it is open, at the shell's prompt."""
    names: list[str] = []

    def open_one(name: str) -> ConsoleSession:
        session = quarry.consoles.open(name)
        assert not isinstance(session, Refused), session
        names.append(name)
        eventually(lambda: session.status.state is SessionState.OPEN, 60.0)
        session.send(b"\x03\r")
        prompted(session, name)
        return session

    yield open_one
    for name in names:
        quarry.consoles.release(name)


def screen(session: ConsoleSession) -> list[str]:
    """The rows of the guest's terminal."""
    rows = session.frame(everything=True).changed
    return [row_text(rows[number]).rstrip() for number in sorted(rows)]


def bottom(session: ConsoleSession) -> str:
    """The last row with anything on it."""
    return next((row for row in reversed(screen(session)) if row), "")


def prompted(session: ConsoleSession, name: str, within_s: float = 60.0) -> None:
    """Wait for the shell's prompt."""
    give_up_at = time.monotonic() + within_s
    while not bottom(session).endswith(f"{name}#"):
        assert time.monotonic() < give_up_at, f"no prompt, {session.status}, in\n" + "\n".join(screen(session))
        time.sleep(0.05)


def says(session: ConsoleSession, text: str, within_s: float = 30.0) -> None:
    """Wait until a text is on the guest's terminal."""
    give_up_at = time.monotonic() + within_s
    while text not in "\n".join(screen(session)):
        assert time.monotonic() < give_up_at, f'no "{text}" in\n' + "\n".join(screen(session))
        time.sleep(0.05)


def kept(path: Path) -> bytes:
    """What a log holds by now."""
    return path.read_bytes() if path.exists() else b""
