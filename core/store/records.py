"""What leaves the store: frozen rows with plain values. No SQLAlchemy, cheap to import.

Field names are the columns' names where a table is behind them, so a record reads like the row it came from.
Names of other rows (a membership's, a subnet's) are joined in beside their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from core.hypervisor.model import ContainerName, DomainUuid
from core.inventory.snapshot import VmRecord
from core.store.sizes import parse_size


@dataclass(frozen=True, slots=True)
class Appliance:
    """A row of `appliances`: what a node is installed as."""

    id: int
    name: str
    shortname: str | None = None
    graph: str | None = "default"
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A row of `memberships`. `appliance` is the appliance's name, None when the row names none."""

    id: int
    name: str
    appliance_id: int | None
    appliance: str | None


@dataclass(frozen=True, slots=True)
class Subnet:
    """A row of `subnets`; `subnet` is the network address, `netmask` the dotted mask."""

    id: int
    name: str
    subnet: str
    netmask: str
    mtu: int | None = 1500
    dnszone: str | None = None
    servedns: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A row of `nodes` with the names of its membership and appliance."""

    id: int
    name: str
    membership_id: int | None
    membership: str | None
    appliance: str | None
    cpus: int = 1
    rack: int | None = None
    rank: int | None = None
    comment: str | None = None
    arch: str | None = None
    os: str | None = None
    runaction: str | None = "os"
    installaction: str | None = "install"


@dataclass(frozen=True, slots=True)
class Interface:
    """A row of `networks`. `node` is the node's id, `subnet` the subnet's name."""

    id: int
    node: int
    device: str | None
    mac: str | None
    ip: str | None
    netmask: str | None = None
    gateway: str | None = None
    name: str | None = None
    subnet_id: int | None = None
    subnet: str | None = None
    module: str | None = None
    options: str | None = None
    comment: str | None = None
    vlanid: int | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Vm:
    """A row of `vm_nodes` with the names of its node and of the container it is on.

    Attributes:
        id: `vm_nodes.id`, what `vm_disks.vm_node` points to. Not the node's id.
        physnode: The container's node name; None when the row names none.
        mem: Mebibytes.
        uuid: The stored UUID, or the one the store will give this row; never empty.
    """

    id: int
    node: int
    name: str
    physnode_id: int | None
    physnode: str | None
    mem: int
    slice: int
    virt_type: str | None
    uuid: DomainUuid
    cpus: int = 1
    membership: str | None = None
    rack: int | None = None
    rank: int | None = None
    cdrom_path: str | None = None
    saved_file: str | None = None
    """File on the container with the memory `save host vm` wrote; None when there is none."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A row of `vm_disks`; `size` in decimal gigabytes. `vm_node` is `vm_nodes.id`."""

    id: int
    vm_node: int
    vbd_type: str
    prefix: str
    name: str
    device: str
    mode: str
    size: int

    @property
    def path(self) -> str:
        """Prefix and name joined; only the name when there is no prefix (later Rocks' `phy` disks)."""
        return f"{self.prefix.rstrip('/')}/{self.name}" if self.prefix else self.name


@dataclass(frozen=True, slots=True)
class NewDisk:
    """A disk to be stored with `Vms.set_disks`."""

    vbd_type: str
    prefix: str
    name: str
    device: str
    mode: str
    size: int


@dataclass(frozen=True, slots=True)
class Partition:
    """A row of `partitions`: the texts as parted printed them and Rocks kept them."""

    id: int
    node: int
    device: str
    mountpoint: str = ""
    sectorstart: str = ""
    partitionsize: str = ""
    partitionid: str = ""
    fstype: str = ""
    partitionflags: str = ""
    formatflags: str = ""

    @property
    def size_bytes(self) -> int | None:
        """`partitionsize` in bytes (parted's units are decimal), None when it cannot be read."""
        return parse_size(self.partitionsize)


class Scope(Enum):
    """Where an attribute is set; a later one beats an earlier one."""

    GLOBAL = "global"
    APPLIANCE = "appliance"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute row. `target` is the appliance's or node's name, empty for the global scope."""

    scope: Scope
    target: str
    attr: str
    value: str


@dataclass(frozen=True, slots=True)
class Route:
    """A static route. `target` as in `Attribute`; it leaves by `gateway` or by `subnet` (a subnet's name)."""

    id: int
    scope: Scope
    target: str
    network: str
    netmask: str
    gateway: str | None
    subnet: str | None


@dataclass(frozen=True, slots=True)
class BootAction:
    """A row of `bootaction`: the kernel a named action boots."""

    id: int
    action: str
    kernel: str
    ramdisk: str
    args: str


@dataclass(frozen=True, slots=True)
class PxeAction:
    """A row of `pxeaction` (Rocks 5.0). `node` 0 is every node."""

    id: int
    node: int
    action: str
    command: str
    args: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A virtual cluster: its frontend and the VLAN its members share.

    Attributes:
        members: Node ids of its VMs, the frontend included, in order of joining.
    """

    id: int
    name: str
    frontend_id: int
    frontend: str
    vlanid: int
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of the action log.

    Attributes:
        what: The command line.
        result: ``ok``, ``failed`` or ``refused``.
        detail: Why, when it was not ok.
    """

    id: int
    at: datetime
    who: str
    host: str
    what: str
    target: str
    result: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """An operator who has a Quarry open."""

    id: int
    who: str
    host: str
    tty: str
    pid: int
    since: datetime
    heartbeat: datetime


@dataclass(frozen=True, slots=True)
class LockRecord:
    """A VM held for one job or operator. `name` and `node` are the VM's."""

    node: int
    name: str
    owner: str
    reason: str
    job: int | None
    pid: int
    host: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """A physical node that houses VMs, or may.

    Attributes:
        uri: libvirt URI from the attribute `libvirt_uri`, ``{host}`` in it replaced by the name; empty when unset.
        attributes: Its resolved attributes, global, then appliance, then host.
    """

    name: ContainerName
    node: int
    uri: str
    membership: str
    rack: int | None
    rank: int | None
    is_frontend: bool
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything the inventory needs of the store, read at one moment.

    Attributes:
        revision: The store's counter at that moment.
        frontend: Name of the first physical node of appliance `frontend`, empty when there is none.
        containers: In order of their node ids.
        vms: In order of `vm_nodes.id`. A VM whose row names no container has the empty container name.
    """

    revision: int
    frontend: str
    containers: tuple[ContainerRecord, ...]
    vms: tuple[VmRecord, ...]
