"""``console`` up to where a line would be opened: libvirt's test driver has no consoles, and says so."""

from __future__ import annotations

import sys

import pytest

from core.hypervisor.connection import LibvirtHypervisor
from tests.unit.commands.conftest import TEST_HOST, Console, Held

NO_CONSOLE = "libvirt's test driver has no consoles"


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on both sides, as the command wants it."""
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)


@pytest.fixture
def container(cluster: Console, driver: LibvirtHypervisor) -> Console:
    """The cluster with a further container on the test driver, whose domain is not in the store."""
    cluster.context.connections = Held(driver)
    cluster.out(f"add host {TEST_HOST} 'VM Container' uri={driver.uri}")
    return cluster


def test_a_vm_of_the_store_is_found(running: Console) -> None:
    assert running.error("console test") == NO_CONSOLE


def test_a_vm_that_only_its_container_knows_is_found_too(container: Console) -> None:
    assert container.error("console test") == NO_CONSOLE


def test_a_name_nobody_has_is_refused_and_who_could_not_be_asked_is_named(container: Console) -> None:
    container.out("set host attr vm-container-0-0 libvirt_uri qemu+ssh://root@nowhere.invalid/system")
    said = container.error("console nosuch")
    assert said.startswith('cannot resolve host "nosuch", and no container has a VM of that name')
    assert "vm-container-0-0" in said and str(TEST_HOST) not in said


def test_a_pattern_must_name_one_node_of_the_store(container: Console) -> None:
    assert container.error("console vm-container-0-*") == "must supply only one node"
    assert container.error("console te?t") == 'no host is named like "te?t"'


def test_a_node_without_a_console_is_told_how_to_get_one(container: Console) -> None:
    assert "has no console attribute; set host attr vm-container-0-0 console" in container.error(
        "console vm-container-0-0"
    )


@pytest.mark.parametrize("escape", ["x", "", "^", "ctrl+1", "F1"])
def test_an_escape_that_is_no_control_character_is_refused(running: Console, escape: str) -> None:
    said = running.error(f"console test escape={escape or '!'}")
    assert said.startswith('"escape" must be a control character such as ^]')
