"""Plain values the hypervisor door hands out and takes in. No libvirt, no threads.

Numbers carry their unit in the name. What a driver cannot tell is None, never 0 or -1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NewType

ContainerName = NewType("ContainerName", str)
"""A container's node name: its identity everywhere outside the store."""

DomainUuid = NewType("DomainUuid", str)
"""A domain's UUID, lower case with dashes."""


class DomainState(Enum):
    """The states an operator tells apart; values are Rocks' words for STATUS."""

    RUNNING = "active"
    PAUSED = "paused"
    SHUTTING_DOWN = "shutdown"
    SHUT_OFF = "shutoff"
    SAVED = "saved"
    CRASHED = "crashed"
    UNKNOWN = "nostate"


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """One disk of a domain as its definition has it."""

    target: str
    """Device in the guest: ``hda``, ``vda``."""
    kind: str
    """``file``, ``block``, ``network`` or ``volume``."""
    source: str
    """Path or other source; empty for an empty drive."""
    driver: str = "raw"
    """Image format: ``raw``, ``qcow2``, ``qed``."""
    device: str = "disk"
    """``disk`` or ``cdrom``."""


@dataclass(frozen=True, slots=True)
class InterfaceFacts:
    """One network interface of a domain as its definition has it."""

    mac: str
    source: str
    """Bridge or network name; may be empty."""
    target: str = ""
    """Host side device, only while running."""
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """One domain of a container, from a listing or after an event."""

    uuid: DomainUuid
    name: str
    state: DomainState
    reason: str
    """libvirt's reason in a word or two ("booted", "user", "failed"); may be empty."""
    persistent: bool
    memory_kib: int
    """Current memory."""
    max_memory_kib: int
    vcpus: int
    managed_save: bool = False
    autostart: bool = False
    disks: tuple[DiskFacts, ...] = ()
    interfaces: tuple[InterfaceFacts, ...] = ()
    domain_id: int | None = None
    """libvirt's id while active; changes at every start, restore and (Xen) reboot."""
    recipe: str = ""
    """What Quarry made its definition from, as noted in it; empty for one that others made."""


@dataclass(frozen=True, slots=True)
class DomainStatistics:
    """Counters of one domain at one moment; rates are made by the inventory from two of them."""

    uuid: DomainUuid
    taken_at_s: float
    """Monotonic clock."""
    cpu_time_ns: int | None = None
    vcpus: int | None = None
    balloon_kib: int | None = None
    unused_kib: int | None = None
    disk_read_bytes: int | None = None
    disk_written_bytes: int | None = None
    disk_allocated_bytes: int | None = None
    net_received_bytes: int | None = None
    net_sent_bytes: int | None = None
    state: DomainState | None = None
    """State at the same moment where the bulk call tells it; a saved domain is SHUT_OFF here."""


@dataclass(frozen=True, slots=True)
class GuestSupport:
    """One kind of guest that a container says it can run.

    Attributes:
        os_type: ``hvm``, ``xen`` (para) or ``xenpvh``.
        domain_type: ``kvm``, ``qemu``, ``xen`` or ``test``.
        emulator: Path of the device model on the container; may be empty.
    """

    os_type: str
    arch: str
    domain_type: str
    emulator: str = ""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What a container is and has."""

    driver: str
    """``xen``, ``qemu`` or ``test``: libvirt's connection type in lower case."""
    hostname: str
    memory_kib: int
    cpus: int
    cpu_model: str = ""
    free_memory_kib: int | None = None
    libvirt_version: str = ""
    hypervisor_version: str = ""
    arch: str = ""
    guests: tuple[GuestSupport, ...] = ()
    """What it can run, most wanted first as the driver lists it; empty when it does not say."""


class LinkState(Enum):
    """Where a container's connection stands."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class LinkReport:
    """A change of a container's connection.

    Attributes:
        reason: Why it is down, in one sentence; while connecting, why the attempt before failed; else empty.
        retry_at_s: Monotonic time of the next attempt, when down.
    """

    state: LinkState
    reason: str = ""
    retry_at_s: float | None = None
    remedy: str = ""


class EventKind(Enum):
    """What a domain event was about. Only what changes a row of the tree."""

    DEFINED = "defined"
    UNDEFINED = "undefined"
    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    STOPPED = "stopped"
    SHUTDOWN = "shutdown"
    CRASHED = "crashed"
    PM_SUSPENDED = "pm-suspended"
    REBOOTED = "rebooted"
    CHANGED = "changed"
    """Balloon, device, metadata or job events: look again."""


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """One event from libvirt, as it is put on the collector's queue.

    Attributes:
        detail: libvirt's detail in a word ("saved", "destroyed", "migrated"); may be empty.
    """

    container: ContainerName
    uuid: DomainUuid
    name: str
    kind: EventKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """libvirt's own report on a running save or migration."""

    total_bytes: int
    done_bytes: int
    elapsed_ms: int
    remaining_ms: int | None = None
    downtime_ms: int | None = None
    extra: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MigrationOrder:
    """How a VM moves while it runs.

    Attributes:
        address: Of the target, as the source reaches it.
        disks: Devices whose contents travel (``vda``); empty when the target sees the same files.
        paths: Old path → path on the target, of files that are elsewhere there.
        limit_mib_s: At most so fast; 0 for no limit.
    """

    address: str
    disks: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    limit_mib_s: int = 0
