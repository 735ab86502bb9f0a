"""The lab, and guests on it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.definition import DomainOptions, domain_for
from core.hypervisor.model import ContainerName, DomainEvent, DomainUuid, HostFacts
from core.inventory.snapshot import VmDiskRecord, VmInterfaceRecord, VmRecord
from tests.lab.fixtures import lab
from tests.lab.netns.lab import Lab

__all__ = ["lab"]

FIRST, SECOND = "vm-container-0-0", "vm-container-0-1"
_SLICES = itertools.count()


@pytest.fixture
def events() -> list[DomainEvent]:
    """What the fixture `container` heard."""
    return []


@pytest.fixture
def connect(lab: Lab, events: list[DomainEvent]) -> Iterator[Callable[[str], LibvirtHypervisor]]:
    """Connects to a container of the lab as an operator's Quarry does."""
    opened: list[LibvirtHypervisor] = []

    def open_one(name: str) -> LibvirtHypervisor:
        made = LibvirtHypervisor(
            ContainerName(name), lab.containers[name].uri, lab.settings(), on_event=events.append
        )
        made.open()
        opened.append(made)
        return made

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def container(connect: Callable[[str], LibvirtHypervisor]) -> LibvirtHypervisor:
    """The first container, connected."""
    return connect(FIRST)


def guest_record(name: str, *, memory_mib: int = 96, disk: str = "", interface: bool = False) -> VmRecord:
    """A small VM for the lab."""
    number = next(_SLICES)
    return VmRecord(
        name=name,
        uuid=DomainUuid(str(uuid.uuid4())),
        container=ContainerName(FIRST),
        slice_no=number,
        membership="Compute",
        memory_mib=memory_mib,
        vcpus=1,
        virt_type="hvm",
        disks=(VmDiskRecord("file", disk, "vda", "virtio", 1),) if disk else (),
        interfaces=(VmInterfaceRecord("eth0", f"00:16:3e:77:00:{number:02x}", None, "private"),) if interface else (),
    )


def guest_xml(lab: Lab, host: HostFacts, vm: VmRecord, **options: object) -> str:
    """Its definition with the lab's kernel."""
    guest = lab.guest
    chosen = DomainOptions(
        kernel=str(guest.kernel),
        initrd=str(guest.initrd),
        arguments=f"{guest.arguments} name={vm.name}",
        bridge="br0",
    )
    xml = domain_for(vm, host, replace(chosen, **options))  # type: ignore[arg-type]
    assert isinstance(xml, str), xml
    return xml


@pytest.fixture
def make_guest(lab: Lab, container: LibvirtHypervisor) -> Iterator[Callable[..., DomainUuid]]:
    """Defines guests on the first container and cleans up after them."""
    names: list[str] = []

    def make(name: str, **wishes: object) -> DomainUuid:
        vm = guest_record(name, **wishes)  # type: ignore[arg-type]
        names.append(name)
        return container.define(guest_xml(lab, container.host(), vm))

    yield make
    for name in names:
        lab.virsh(FIRST, "destroy", name, check=False)
        lab.virsh(FIRST, "undefine", name, "--managed-save", check=False)
        lab.containers[FIRST].run("rm", "-f", f"/var/log/libvirt/qemu/{name}.console.log")
