"""What a plain libvirt call does not do, on libvirt's test driver: its own saved memory, secrets, Xen's race."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

from core.errors import DomainNotFound
from core.hypervisor import lifecycle
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainState, DomainUuid

UUID = DomainUuid("6695eb01-f6a4-8304-79aa-97f2502e1900")
HOST_FILE = """<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>compute-0-0-0</name>
    <uuid>6695eb01-f6a4-8304-79aa-97f2502e1900</uuid>
    <memory unit='KiB'>1048576</memory>
    <vcpu>1</vcpu>
    <os><type>hvm</type></os>
    <devices><graphics type='vnc' port='5901' passwd='secret'/></devices>
    <test:runstate>5</test:runstate>
    <test:hasmanagedsave/>
  </domain>
</node>
"""


@pytest.fixture
def host_file(tmp_path: Path) -> Path:
    path = tmp_path / "host.xml"
    path.write_text(HOST_FILE, encoding="utf-8")
    return path


@pytest.fixture
def container(host_file: Path) -> Iterator[LibvirtHypervisor]:
    """One VM, off, whose memory libvirt has saved itself."""
    hypervisor = LibvirtHypervisor(ContainerName("vm-container-0-0"), f"test://{host_file}")
    hypervisor.open()
    yield hypervisor
    hypervisor.close()


def test_undefining_takes_libvirts_own_saved_memory_along(container: LibvirtHypervisor) -> None:
    assert container.domain(UUID).managed_save
    container.undefine(UUID)
    with pytest.raises(DomainNotFound):
        container.domain(UUID)


def test_starting_uses_libvirts_own_saved_memory_up(container: LibvirtHypervisor) -> None:
    assert container.domain(UUID).state is DomainState.SAVED
    container.start(UUID)
    assert (container.domain(UUID).state, container.domain(UUID).managed_save) == (DomainState.RUNNING, False)


def test_only_a_definition_that_goes_elsewhere_has_secrets_in_it(container: LibvirtHypervisor) -> None:
    assert "secret" in container.definition(UUID)
    assert "secret" not in container.domain_xml(UUID)


class XenConnection:
    """What tells the drivers apart."""

    def getType(self) -> str:
        return "Xen"


class TornDown(libvirt.virDomain):
    """A domain whose container still tears the last run down: some starts are refused as if it were active."""

    refusals = 0
    active = 0

    def connect(self) -> libvirt.virConnect:
        return XenConnection()  # type: ignore[return-value]

    def isActive(self) -> int:
        return self.active

    def createWithFlags(self, flags: int = 0) -> int:
        if self.refusals:
            self.refusals -= 1
            # An invalid operation of libvirt's own making; the test driver starts whatever is off.
            return self.reboot()
        return super().createWithFlags(flags)


@pytest.fixture
def domain(host_file: Path) -> Iterator[TornDown]:
    connection = libvirt.open(f"test://{host_file}")
    found = connection.lookupByUUIDString(UUID)
    found.__class__ = TornDown
    yield found  # type: ignore[misc]
    connection.close()


def test_a_start_waits_until_xen_has_torn_the_last_run_down(domain: TornDown) -> None:
    slept: list[float] = []
    domain.refusals = 3
    lifecycle.start(domain, paused=False, sleep=slept.append)
    assert len(slept) == 3
    assert domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING


def test_a_start_of_what_really_runs_is_refused_at_once(domain: TornDown) -> None:
    slept: list[float] = []
    domain.refusals, domain.active = 1, 1
    with pytest.raises(libvirt.libvirtError) as refused:
        lifecycle.start(domain, paused=False, sleep=slept.append)
    assert refused.value.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID
    assert slept == []
