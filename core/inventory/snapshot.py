"""Immutable pictures of the whole fleet at one serial number. No locks, no threads, no libvirt.

The screen draws from these and nothing else; plans are made from these and re-checked against a newer one at the
moment of yes. Rows that did not change are the same objects in the next snapshot, so ``is`` tells a painter what to
skip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from core.hypervisor.model import (
    ContainerName,
    DiskFacts,
    DomainState,
    DomainUuid,
    HostFacts,
    InterfaceFacts,
    LinkState,
)


class Drift(Enum):
    """How the store and the containers disagree about a slice. Values are what the tree says."""

    NONE = ""
    NOT_DEFINED = "configured, not defined"
    UNKNOWN = "not in the store"
    ELSEWHERE = "on another container than the store says"
    DUPLICATE = "same UUID on two containers"


@dataclass(frozen=True, slots=True)
class VmKey:
    """Identity of a row: cursor and marks hold on to this. `uuid` is the store's or the domain's."""

    container: ContainerName
    uuid: DomainUuid


@dataclass(frozen=True, slots=True)
class Rates:
    """What two statistics samples say. None where the driver cannot tell."""

    cpu_percent: float | None = None
    """Of all the VM's vCPUs together: 0 to 100."""
    memory_used_kib: int | None = None
    disk_read_bytes_s: float | None = None
    disk_written_bytes_s: float | None = None
    net_received_bytes_s: float | None = None
    net_sent_bytes_s: float | None = None
    disk_allocated_bytes: int | None = None
    cpu_history: Sequence[float] = ()
    """Oldest first, at most 60 samples, percent."""
    memory_history: Sequence[float] = ()
    net_history: Sequence[float] = ()
    disk_history: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class VmDiskRecord:
    """A row of `vm_disks`."""

    vbd_type: str
    """``file``, ``tap:aio``, ``phy``, ``qcow2``…"""
    path: str
    """Prefix and name joined."""
    device: str
    mode: str
    size_gb: int
    """Decimal gigabytes, as Rocks counted."""


@dataclass(frozen=True, slots=True)
class VmInterfaceRecord:
    """A row of `networks` of a VM."""

    device: str
    mac: str | None
    ip: str | None
    subnet: str | None
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class VmRecord:
    """What the store says of one VM."""

    name: str
    uuid: DomainUuid
    container: ContainerName
    slice_no: int
    membership: str
    memory_mib: int
    vcpus: int
    virt_type: str | None
    """``para``, ``hvm`` or None when unset."""
    rack: int | None = None
    rank: int | None = None
    cluster: str | None = None
    disks: tuple[VmDiskRecord, ...] = ()
    interfaces: tuple[VmInterfaceRecord, ...] = ()
    comment: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Resolved attributes of its node: global, then appliance, then host."""
    saved_file: str = ""
    """File on the container that holds the memory `save host vm` wrote; empty when there is none."""
    heads_cluster: bool = False
    """It is the frontend of `cluster`."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A VM is held by a job or an operator."""

    owner: str
    reason: str
    job: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class VmView:
    """One slice as the tree shows it: the store's record, the container's domain, or both."""

    key: VmKey
    name: str
    state: DomainState
    record: VmRecord | None
    """None: defined on the container but unknown to the store."""
    defined: bool
    """The container has a domain of this UUID."""
    drift: Drift = Drift.NONE
    drift_detail: str = ""
    """"running on vm-container-0-1", for Drift.ELSEWHERE and DUPLICATE."""
    reason: str = ""
    memory_kib: int = 0
    max_memory_kib: int = 0
    vcpus: int = 0
    disks: tuple[DiskFacts, ...] = ()
    interfaces: tuple[InterfaceFacts, ...] = ()
    rates: Rates = field(default_factory=Rates)
    lock: Lock | None = None
    stale_since_s: float | None = None
    """Wall clock of the last sure knowledge when the container is down; None while fresh."""
    boot: str = ""
    """Boot stage from the console watch; empty when not watched."""
    managed_save: bool = False
    persistent: bool = True
    autostart: bool = False
    recipe: str = ""
    """What Quarry made its definition from; empty for one that others made."""

    @property
    def slice_no(self) -> int | None:
        """The store's slice number, None for a domain the store does not know."""
        return self.record.slice_no if self.record else None


@dataclass(frozen=True, slots=True)
class ContainerView:
    """One container with its slices, sorted by slice number, unknown domains last by name."""

    name: ContainerName
    uri: str
    link: LinkState
    vms: tuple[VmView, ...]
    host: HostFacts | None = None
    link_reason: str = ""
    link_remedy: str = ""
    retry_at_s: float | None = None
    """Monotonic clock of the next attempt while down."""
    seen_at_s: float | None = None
    """Wall clock of the last successful answer."""
    cpu_percent: float | None = None
    """Sum over its VMs as a share of the container's CPUs."""
    cpu_history: Sequence[float] = ()
    memory_used_kib: int = 0
    """Promised to active VMs."""
    disk_total_bytes: int | None = None
    disk_free_bytes: int | None = None
    rack: int | None = None
    rank: int | None = None
    is_frontend: bool = False
    membership: str = ""
    image_mount: str = ""
    """Mount point of the file system that `disk_free_bytes` is about; empty when never asked."""


@dataclass(frozen=True, slots=True)
class InventorySnapshot:
    """The whole fleet at one serial.

    Attributes:
        serial: Grows by at least one with every change; never repeats in a process.
        frontend: Node name of the frontend, empty when the store has none.
        containers: In natural order of their names, the frontend first when it is a container.
    """

    serial: int
    containers: tuple[ContainerView, ...]
    frontend: str = ""
    demo: bool = False
    store_error: str = ""
    """Why the store could not be read last time; empty when it could."""

    def vm(self, key: VmKey) -> VmView | None:
        """The slice with this identity, or None."""
        for container in self.containers:
            if container.name == key.container:
                for vm in container.vms:
                    if vm.key == key:
                        return vm
        return None

    def container(self, name: str) -> ContainerView | None:
        """The container of this name, or None."""
        return next((one for one in self.containers if one.name == name), None)

    def by_name(self) -> Mapping[str, VmView]:
        """Slices by VM name; of several with one name the defined one the store knows wins, then the store's."""
        found: dict[str, VmView] = {}
        for container in self.containers:
            for vm in container.vms:
                other = found.get(vm.name)
                if other is None or _rank(vm) > _rank(other):
                    found[vm.name] = vm
        return found


def _rank(vm: VmView) -> tuple[bool, bool, bool]:
    known = vm.record is not None
    return known and vm.defined, known, known and vm.record is not None and vm.record.container == vm.key.container
