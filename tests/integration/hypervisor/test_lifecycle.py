"""Every lifecycle call on a real QEMU container, over SSH with checked keys."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import DomainBusy, DomainNotFound, HypervisorError
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import DomainEvent, DomainState, DomainUuid, EventKind
from tests.integration.hypervisor.conftest import FIRST, guest_record, guest_xml
from tests.integration.hypervisor.helping import eventually
from tests.lab.netns.container import DISK_BYTES
from tests.lab.netns.guest import READY
from tests.lab.netns.lab import Lab

pytestmark = pytest.mark.real

DISK = "/state/partition1/xen/disks/compute-0-0-0.hda"


def console_says(lab: Lab, name: str, text: str) -> bool:
    log = lab.containers[FIRST].base / f"log-libvirt/qemu/{name}.console.log"
    return log.exists() and text in log.read_text(encoding="utf-8", errors="replace")


def test_a_whole_life(
    lab: Lab, container: LibvirtHypervisor, events: list[DomainEvent], make_guest: Callable[..., DomainUuid]
) -> None:
    container.create_image(DISK, 10**9)
    uuid = make_guest("compute-0-0-0", disk=DISK, interface=True)
    assert container.domain(uuid).state is DomainState.SHUT_OFF
    container.start(uuid)
    assert container.domain(uuid).state is DomainState.RUNNING
    with pytest.raises(DomainBusy, match=r"could not start compute-0-0-0: .*it runs already"):
        container.start(uuid)
    eventually(lambda: console_says(lab, "compute-0-0-0", READY), 60)
    assert console_says(lab, "compute-0-0-0", "boots 1")
    container.suspend(uuid)
    assert container.domain(uuid).state is DomainState.PAUSED
    container.resume(uuid)
    (facts,) = [one for one in container.domains() if one.uuid == uuid]
    assert facts.interfaces[0].target.startswith("vnet")
    (sample,) = [one for one in container.statistics() if one.uuid == uuid]
    assert sample.cpu_time_ns
    assert None not in (sample.balloon_kib, sample.disk_written_bytes, sample.net_received_bytes, sample.vcpus)

    file = "/state/partition1/xen/disks/compute-0-0-0.saved"
    container.save(uuid, file)
    assert container.domain(uuid).state is DomainState.SAVED
    assert "compute-0-0-0" not in lab.virsh(FIRST, "list", "--name")
    container.restore(file)
    assert container.domain(uuid).state is DomainState.RUNNING
    with pytest.raises(HypervisorError, match="No such file"):
        container.restore("/state/partition1/nothing.saved")

    container.reset(uuid)
    eventually(lambda: console_says(lab, "compute-0-0-0", "boots 2"), 60)
    eventually(lambda: console_says(lab, "compute-0-0-0", f"boots 2\n{READY}"), 60)
    container.shutdown(uuid)
    eventually(lambda: container.domain(uuid).state is DomainState.SHUT_OFF)
    container.start(uuid, paused=True)
    assert container.domain(uuid).state is DomainState.PAUSED
    container.destroy(uuid)
    container.undefine(uuid)
    with pytest.raises(DomainNotFound):
        container.domain(uuid)
    assert container.image_size(DISK) == 10**9
    container.delete_image(DISK)
    assert container.image_size(DISK) is None

    eventually(lambda: events[-1].kind is EventKind.UNDEFINED)
    lifecycle = [(event.kind.value, event.detail) for event in events if event.kind is not EventKind.CHANGED]
    for wanted in (
        ("defined", "added"), ("started", "booted"), ("suspended", "paused"), ("resumed", "unpaused"),
        ("stopped", "saved"), ("started", "restored"), ("rebooted", "reboot"), ("stopped", "shutdown"),
        ("stopped", "destroyed"), ("undefined", "removed"),
    ):  # fmt: skip
        assert wanted in lifecycle


def test_changes_made_by_others_arrive_as_events(
    lab: Lab, container: LibvirtHypervisor, events: list[DomainEvent], make_guest: Callable[..., DomainUuid]
) -> None:
    uuid = make_guest("compute-0-0-1")
    events.clear()
    lab.virsh(FIRST, "start", "compute-0-0-1")
    eventually(lambda: [event for event in events if event.kind is EventKind.STARTED], 5)
    lab.virsh(FIRST, "suspend", "compute-0-0-1")
    eventually(lambda: [event for event in events if event.kind is EventKind.SUSPENDED], 5)
    assert {(event.uuid, event.name, event.container) for event in events} == {(uuid, "compute-0-0-1", FIRST)}
    assert container.domain(uuid).state is DomainState.PAUSED


def test_the_listing_agrees_with_virsh(
    lab: Lab, container: LibvirtHypervisor, make_guest: Callable[..., DomainUuid]
) -> None:
    for number in range(3):
        make_guest(f"compute-0-0-{number}")
    lab.virsh(FIRST, "start", "compute-0-0-1")
    lab.virsh(FIRST, "autostart", "compute-0-0-2")
    lab.virsh(FIRST, "start", "compute-0-0-2")
    lab.virsh(FIRST, "managedsave", "compute-0-0-2")
    listed = {facts.name: facts for facts in container.domains()}
    assert set(listed) == set(lab.virsh(FIRST, "list", "--all", "--name").split())
    assert listed["compute-0-0-0"].state is DomainState.SHUT_OFF
    assert listed["compute-0-0-1"].state is DomainState.RUNNING
    assert listed["compute-0-0-2"].state is DomainState.SAVED
    assert listed["compute-0-0-2"].autostart
    for facts in listed.values():
        assert container.domain(facts.uuid) == facts


def test_memory_of_a_running_vm_can_be_changed(
    container: LibvirtHypervisor, make_guest: Callable[..., DomainUuid]
) -> None:
    uuid = make_guest("compute-0-0-3", memory_mib=96)
    container.start(uuid)
    container.set_memory(uuid, 80 * 1024)
    with pytest.raises(HypervisorError):
        container.set_memory(uuid, 10**9)


def test_failures_say_what_to_do(lab: Lab, container: LibvirtHypervisor) -> None:
    host = container.host()
    cases = (
        (guest_xml(lab, host, guest_record("no-bridge", interface=True), bridge="br77"), "make the bridge"),
        (guest_xml(lab, host, guest_record("no-image", disk="/state/partition1/none.img")), "create the file"),
        (guest_xml(lab, host, guest_record("no-memory", memory_mib=8 * 1024 * 1024)), "free memory|less"),
        (guest_xml(lab, host, guest_record("no-kernel"), kernel="/boot/none"), "create the file|correct its path"),
    )
    for xml, remedy in cases:
        uuid = container.define(xml)
        try:
            with pytest.raises(HypervisorError, match=remedy) as caught:
                container.start(uuid)
            assert caught.value.why
        finally:
            container.undefine(uuid)


def test_several_images_at_once_in_a_folder_that_is_new(
    lab: Lab, connect: Callable[[str], LibvirtHypervisor]
) -> None:
    containers = [connect(FIRST) for _ in range(4)]
    for turn in range(5):
        paths = [f"/state/partition1/many-{turn}/{number}.img" for number in range(8)]
        with ThreadPoolExecutor(len(paths)) as threads:
            made = [
                threads.submit(containers[number % len(containers)].create_image, path, 10**9)
                for number, path in enumerate(paths)
            ]
        for one in made:
            one.result()
        assert [containers[0].image_size(path) for path in paths] == [10**9] * len(paths)
        for path in paths:
            containers[0].delete_image(path)


def test_images_are_sparse_and_folders_are_made(lab: Lab, container: LibvirtHypervisor) -> None:
    inside = lab.containers[FIRST]
    for path, image_format in (("/state/partition1/a b/raw.img", "raw"), ("/state/partition1/q'q/x.qcow2", "qcow2")):
        assert container.image_size(path) is None
        container.create_image(path, 36 * 10**9, image_format)
        assert container.image_size(path) == 36 * 10**9
        assert int(inside.run("stat", "-c", "%b", path)) * 512 < 1024**2
        with pytest.raises(DomainBusy):
            container.create_image(path, 36 * 10**9, image_format)
        inside.run("rm", "-r", path.rpartition("/")[0])
        assert container.image_size(path) is None
        container.create_image(path, 36 * 10**9, image_format)
        container.delete_image(path)


def test_a_folder_that_is_there_keeps_its_owner_and_mode(lab: Lab, container: LibvirtHypervisor) -> None:
    inside, folder = lab.containers[FIRST], "/state/partition1/owned"
    inside.run("install", "-d", "-m", "2770", "-o", "65534", "-g", "65534", folder)
    container.create_image(f"{folder}/x.img", 10**6)
    assert inside.run("stat", "-c", "%u:%g %a", folder).strip() == "65534:65534 2770"
    container.delete_image(f"{folder}/x.img")


def test_the_size_of_a_block_device(lab: Lab, container: LibvirtHypervisor) -> None:
    (device,) = (
        lab.containers[FIRST].run("bash", "-c", "losetup -j $0 -nO NAME | head -1", lab.image_of(FIRST)).split()
    )
    assert container.image_size(device) == DISK_BYTES
    assert container.image_size("/dev/none") is None
    assert container.image_size("/dev/null") is None


def test_looking_for_an_image_makes_no_folder(lab: Lab, container: LibvirtHypervisor) -> None:
    assert container.image_size("/state/partition1/nowhere/x.img") is None
    assert "nowhere" not in lab.containers[FIRST].run("ls", "/state/partition1")


def test_the_largest_file_system_is_asked_over_ssh(container: LibvirtHypervisor) -> None:
    answer = container.largest_file_system()
    assert answer is not None
    assert answer[0] == "/state/partition1"
    assert answer[1] > 900 * 10**9
