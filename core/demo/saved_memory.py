"""Memory that is saved already when the demo begins: files as `save host vm` leaves them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from core.demo.files import machine_xml
from core.demo.names import IMAGE_FOLDER, DemoContainer, DemoVm
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainState


def saved_path(vm: DemoVm) -> str:
    """Where the store says that the memory of a VM is."""
    return f"{IMAGE_FOLDER}/{vm.name}.saved"


def saved_vms(container: DemoContainer) -> list[DemoVm]:
    """Those whose memory is saved when the demo begins."""
    return [vm for vm in container.vms if vm.state is DomainState.SAVED]


def real_path(folder: Path, container: str, path: str) -> Path:
    """The file in the demo's own folder that stands for a container's saved memory."""
    return folder / f"{container}.{path.strip('/').replace('/', '_')}"


def write_saved_memory(folder: Path, container: DemoContainer) -> None:
    """Save the memory of `saved_vms` into the demo's folder.

    A test driver's machine lives as long as its connection, so another machine with just these VMs saves them.

    Raises:
        OSError: The folder cannot be written.
        ContainerUnreachable, HypervisorError: libvirt's test driver is not there.
    """
    saved = saved_vms(container)
    if not saved:
        return
    running = tuple(replace(vm, state=DomainState.RUNNING) for vm in saved)
    machine = folder / f"{container.name}.saving.xml"
    machine.write_text(machine_xml(replace(container, vms=running)), encoding="utf-8")
    hypervisor = LibvirtHypervisor(ContainerName(container.name), f"test://{quote(str(machine))}")
    hypervisor.open()
    try:
        for vm in saved:
            hypervisor.save(vm.uuid, str(real_path(folder, container.name, saved_path(vm))))
    finally:
        hypervisor.close()
        machine.unlink()
