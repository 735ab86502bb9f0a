"""Small builders of inventory values, so that a test says only what matters to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from core.hypervisor.model import (
    ContainerName,
    DiskFacts,
    DomainState,
    DomainUuid,
    HostFacts,
    InterfaceFacts,
    LinkState,
)
from core.inventory.snapshot import (
    ContainerView,
    Drift,
    InventorySnapshot,
    Lock,
    Rates,
    VmDiskRecord,
    VmInterfaceRecord,
    VmKey,
    VmRecord,
    VmView,
)

GIB_KIB = 1024 * 1024
"""One GiB in KiB."""


def make_uuid(text: str) -> DomainUuid:
    """The same UUID for the same text, every time."""
    return DomainUuid(str(uuid.uuid5(uuid.NAMESPACE_DNS, text)))


def make_vm(
    name: str = "compute-0-0-0",
    *,
    container: str = "vm-container-0-0",
    slice_no: int = 0,
    state: DomainState = DomainState.RUNNING,
    membership: str = "Compute",
    memory_mib: int = 1024,
    vcpus: int = 1,
    in_store: bool = True,
    defined: bool = True,
    cluster: str | None = None,
    ip: str | None = "10.255.255.251",
    mac: str | None = "00:16:3e:00:00:01",
    disk_gb: int = 36,
    rack: int | None = 0,
    rank: int | None = 0,
    drift: Drift = Drift.NONE,
    drift_detail: str = "",
    rates: Rates | None = None,
    lock: Lock | None = None,
    stale_since_s: float | None = None,
    boot: str = "",
    reason: str = "",
    comment: str = "",
    uuid: str | None = None,
) -> VmView:
    """One slice; in the store and defined on its container unless told otherwise."""
    identity = DomainUuid(uuid) if uuid is not None else make_uuid(name)
    path = f"/state/partition1/xen/disks/{name}.hda"
    record = VmRecord(
        name=name,
        uuid=identity,
        container=ContainerName(container),
        slice_no=slice_no,
        membership=membership,
        memory_mib=memory_mib,
        vcpus=vcpus,
        virt_type="para",
        rack=rack,
        rank=rank,
        cluster=cluster,
        disks=(VmDiskRecord("file", path, "hda", "w", disk_gb),),
        interfaces=(VmInterfaceRecord("eth0", mac, ip, "private"),),
        comment=comment,
    )
    return VmView(
        key=VmKey(ContainerName(container), identity),
        name=name,
        state=state,
        record=record if in_store else None,
        defined=defined,
        drift=drift,
        drift_detail=drift_detail,
        reason=reason,
        memory_kib=memory_mib * 1024,
        max_memory_kib=memory_mib * 1024,
        vcpus=vcpus,
        disks=(DiskFacts("hda", "file", path),) if defined else (),
        interfaces=(InterfaceFacts(mac, "xenbr.eth0"),) if defined and mac else (),
        rates=rates if rates is not None else Rates(),
        lock=lock,
        stale_since_s=stale_since_s,
        boot=boot,
    )


def make_rates(cpu_percent: float = 12.0, samples: int = 12) -> Rates:
    """Rates with histories that rise and fall around a level."""
    waves = (0.5, 1.0, 0.6, 1.4, 0.8, 1.2)
    history = tuple(round(min(100.0, cpu_percent * waves[at % len(waves)]), 1) for at in range(samples))
    return Rates(
        cpu_percent=cpu_percent,
        memory_used_kib=640 * 1024,
        disk_read_bytes_s=1.1e6,
        disk_written_bytes_s=0.2e6,
        net_received_bytes_s=0.9e6,
        net_sent_bytes_s=0.3e6,
        disk_allocated_bytes=2_100_000_000,
        cpu_history=history,
        memory_history=tuple(61.0 for _ in range(samples)),
        net_history=tuple(value * 1e4 for value in history),
        disk_history=tuple(value * 2e4 for value in history),
    )


def make_container(
    name: str = "vm-container-0-0",
    vms: Iterable[VmView] = (),
    *,
    link: LinkState = LinkState.UP,
    driver: str = "xen",
    memory_gib: int = 16,
    cpus: int = 4,
    cpu_percent: float | None = None,
    link_reason: str = "",
    link_remedy: str = "",
    retry_at_s: float | None = None,
    seen_at_s: float | None = None,
    is_frontend: bool = False,
    rack: int | None = 0,
    rank: int | None = 0,
) -> ContainerView:
    """One container; up, a Xen host of 16 GiB and 4 CPUs unless told otherwise."""
    slices = tuple(vms)
    active = (DomainState.RUNNING, DomainState.PAUSED)
    return ContainerView(
        name=ContainerName(name),
        uri=f"{driver}+ssh://root@{name}/",
        link=link,
        vms=slices,
        host=HostFacts(driver, name, memory_gib * GIB_KIB, cpus) if link is LinkState.UP else None,
        link_reason=link_reason,
        link_remedy=link_remedy,
        retry_at_s=retry_at_s,
        seen_at_s=seen_at_s,
        cpu_percent=cpu_percent,
        cpu_history=(20.0, 35.0, 60.0, 35.0, 20.0, 20.0, 10.0) if cpu_percent is not None else (),
        memory_used_kib=sum(vm.memory_kib for vm in slices if vm.state in active),
        disk_total_bytes=400_000_000_000 if link is LinkState.UP else None,
        disk_free_bytes=312_000_000_000 if link is LinkState.UP else None,
        rack=rack,
        rank=rank,
        is_frontend=is_frontend,
        membership="Frontend" if is_frontend else "VM Container",
    )


def make_snapshot(
    containers: Sequence[ContainerView] = (),
    *,
    serial: int = 1,
    frontend: str = "rocks.example.org",
    store_error: str = "",
    demo: bool = False,
) -> InventorySnapshot:
    """A fleet at one serial."""
    return InventorySnapshot(
        serial=serial, containers=tuple(containers), frontend=frontend, store_error=store_error, demo=demo
    )


def make_fleet(containers: int = 4, slices: int = 9, *, serial: int = 1) -> InventorySnapshot:
    """A fleet of like containers with like slices, all running, named as Rocks names them."""
    return make_snapshot([make_numbered_container(number, slices) for number in range(containers)], serial=serial)


def make_numbered_container(number: int, slices: int) -> ContainerView:
    """Container ``vm-container-R-N`` with slices ``compute-R-N-0`` and so on, 32 containers a rack."""
    rack, rank = divmod(number, 32)
    name = f"vm-container-{rack}-{rank}"
    vms = [
        make_vm(
            f"compute-{rack}-{rank}-{at}",
            container=name,
            slice_no=at,
            ip=f"10.{number // 250}.{number % 250}.{at + 1}",
            mac=f"00:16:3e:{number // 256:02x}:{number % 256:02x}:{at:02x}",
            rack=rack,
            rank=rank,
            rates=make_rates(float(5 + (number * 7 + at * 13) % 60)),
        )
        for at in range(slices)
    ]
    return make_container(name, vms, cpu_percent=float(number * 11 % 90), rack=rack, rank=rank)
