"""One container on libvirt's test driver: everything that driver can do, by way of the protocol."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import DomainNotFound, NotSupported
from core.hypervisor.api import Hypervisor
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import (
    ContainerName,
    DiskFacts,
    DomainEvent,
    DomainState,
    DomainUuid,
    EventKind,
)
from tests.unit.hypervisor.specimens import SPECIMENS
from tests.unit.hypervisor.test_definition import xml_of

UUID = DomainUuid("6695eb01-f6a4-8304-79aa-97f2502e1900")


def eventually(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def test_it_is_a_hypervisor(container: LibvirtHypervisor) -> None:
    asked: Hypervisor = container
    assert asked.container == "vm-container-0-0"
    assert asked.uri.startswith("test:///")


def test_facts_of_the_container(container: LibvirtHypervisor) -> None:
    host = container.host()
    assert (host.driver, host.cpus, host.memory_kib) == ("test", 8, 16 * 1024 * 1024)
    assert host.libvirt_version.count(".") == 2
    assert {guest.domain_type for guest in host.guests} == {"test"}


def test_a_listing_has_all_that_a_row_shows(container: LibvirtHypervisor) -> None:
    (facts,) = container.domains()
    assert (facts.uuid, facts.name, facts.state) == (UUID, "compute-0-0-9", DomainState.RUNNING)
    assert (facts.memory_kib, facts.max_memory_kib, facts.vcpus) == (524288, 1048576, 4)
    assert facts.persistent
    assert facts.domain_id is not None
    assert facts.disks == (
        DiskFacts("vda", "file", "/state/partition1/xen/disks/compute-0-0-9.hda", "qcow2"),
        DiskFacts("hdc", "file", "", "raw", "cdrom"),
    )
    (interface,) = facts.interfaces
    assert (interface.mac, interface.source, interface.vlan) == ("00:16:3e:00:00:09", "ovsbr0", 2)
    assert container.domain(UUID) == facts


def test_statistics_without_a_useful_bulk_call(container: LibvirtHypervisor) -> None:
    (first,) = container.statistics()
    (second,) = container.statistics()
    assert first.uuid == UUID
    assert first.cpu_time_ns is not None
    assert second.cpu_time_ns is not None
    assert second.cpu_time_ns >= first.cpu_time_ns
    assert second.taken_at_s > first.taken_at_s
    assert (first.balloon_kib, first.vcpus, first.state) == (524288, 4, DomainState.RUNNING)
    assert (first.disk_read_bytes, first.net_sent_bytes) == (None, None)


def test_a_stopped_vm_has_no_statistics(container: LibvirtHypervisor) -> None:
    container.destroy(UUID)
    assert container.statistics() == []


def test_a_whole_life(container: LibvirtHypervisor, events: list[DomainEvent], tmp_path: Path) -> None:
    uuid = container.define(xml_of(SPECIMENS["test"]))
    assert container.domain(uuid).state is DomainState.SHUT_OFF
    assert container.domain(uuid).domain_id is None
    container.start(uuid, paused=True)
    assert container.domain(uuid).state is DomainState.PAUSED
    container.resume(uuid)
    container.suspend(uuid)
    container.resume(uuid)
    container.reboot(uuid)
    container.set_memory(uuid, 512 * 1024)
    assert container.domain(uuid).memory_kib == 512 * 1024
    file = str(tmp_path / "compute-0-0-0.saved")
    container.save(uuid, file)
    assert container.domain(uuid).state is DomainState.SAVED
    container.restore(file)
    assert container.domain(uuid).state is DomainState.RUNNING
    container.shutdown(uuid)
    assert container.domain(uuid).state is DomainState.SHUT_OFF
    container.undefine(uuid)
    with pytest.raises(DomainNotFound):
        container.domain(uuid)
    eventually(lambda: bool(events) and events[-1].kind is EventKind.UNDEFINED)
    mine = [event for event in events if event.uuid == uuid and event.kind is not EventKind.CHANGED]
    assert [(event.kind, event.detail) for event in mine] == [
        (EventKind.DEFINED, "added"),
        (EventKind.STARTED, "booted"),
        (EventKind.SUSPENDED, "paused"),
        (EventKind.RESUMED, "unpaused"),
        (EventKind.SUSPENDED, "paused"),
        (EventKind.RESUMED, "unpaused"),
        (EventKind.STOPPED, "saved"),
        (EventKind.STARTED, "restored"),
        (EventKind.STOPPED, "shutdown"),
        (EventKind.UNDEFINED, "removed"),
    ]
    assert {(event.container, event.name) for event in mine} == {("vm-container-0-0", "compute-0-0-0")}


def test_what_the_driver_cannot_do_says_so(container: LibvirtHypervisor, tmp_path: Path) -> None:
    file = str(tmp_path / "x.saved")
    container.save(UUID, file)
    with pytest.raises(NotSupported, match="xml modification unsupported"):
        container.restore(file, container.domain_xml(UUID))


def test_no_job_has_no_progress(container: LibvirtHypervisor) -> None:
    assert container.job_progress(UUID) is None


def test_a_redefinition_is_seen_in_the_next_listing(container: LibvirtHypervisor, events: list[DomainEvent]) -> None:
    container.destroy(UUID)
    container.domains()
    xml = container.domain_xml(UUID).replace("compute-0-0-9.hda", "elsewhere.hda")
    container.define(xml)
    eventually(lambda: any(event.detail == "updated" for event in events))
    assert container.domains()[0].disks[0].source.endswith("elsewhere.hda")


def test_images_are_created_measured_and_deleted(container: LibvirtHypervisor) -> None:
    path = "/state/partition1/xen/disks/new.hda"
    assert container.image_size(path) is None
    container.create_image(path, 36 * 10**9)
    assert container.image_size(path) == 36 * 10**9
    container.create_image("/state/partition1/xen/disks/other.hda", 1024, "qcow2")
    container.delete_image(path)
    container.delete_image(path)
    assert container.image_size(path) is None
    assert container.largest_file_system() is not None


def test_file_containers_are_fresh_for_each_connection(container: LibvirtHypervisor) -> None:
    container.destroy(UUID)
    other = LibvirtHypervisor(ContainerName("same-file"), container.uri)
    other.open()
    assert other.domains()[0].state is DomainState.RUNNING
    other.close()


def test_close_twice_and_open_again(container: LibvirtHypervisor) -> None:
    container.close()
    container.close()
    assert not container.is_open
    container.open()
    assert container.domains()
