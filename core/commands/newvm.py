"""Adding one VM's rows: what `add host vm` and `add cluster` share. Runs inside a write transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.commands.dialect import Dialect
from core.commands.diskspec import DEFAULT_SIZE_GB, image_folder, parse_disk
from core.commands.refusal import refuse
from core.commands.values import check_host_name, check_inside
from core.store.records import NewDisk

if TYPE_CHECKING:
    from core.store.records import Membership, Node, Subnet
    from core.store.repository import Repository

MODULE = "xennet"
"""Driver of a VM's interfaces, as Rocks recorded it."""
FRONTEND_APPLIANCE = "frontend"


@dataclass(frozen=True, slots=True)
class Order:
    """What a new VM shall be; None is "the next free one" or the usual one.

    Attributes:
        subnet: Where eth0 gets its address; None for an interface without one.
        vlans: One a MAC; shorter than `num_macs` means no VLAN for the rest.
        mountpoint: File system of the container for a disk that is not given.
    """

    container: Node
    membership: Membership
    subnet: Subnet | None
    dialect: Dialect
    name: str | None = None
    slice_no: int | None = None
    mem_mib: int = 1024
    cpus: int = 1
    disk: str | None = None
    disk_size_gb: int = DEFAULT_SIZE_GB
    mac: str | None = None
    num_macs: int = 1
    ip: str | None = None
    vlans: tuple[int | None, ...] = ()
    virt_type: str | None = None
    mountpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """The rows that now exist."""

    node: Node
    slice_no: int


def add_vm(repository: Repository, order: Order) -> Added:
    """Add node, interfaces, VM and disk.

    Raises:
        Refusal: Something asked for is taken or makes no sense.
        StoreConflict: A pool of addresses is used up.
    """
    name, slice_no = _place(repository, order)
    disk = _disk(order, name)
    later = order.dialect.is_later
    install = "install vm frontend" if order.membership.appliance == FRONTEND_APPLIANCE else "install vm"
    node = repository.nodes.add(
        name,
        membership=order.membership.name,
        cpus=order.cpus,
        rack=order.container.rack,
        rank=order.container.rank,
        runaction=(None if order.virt_type == "para" else "os") if later else "os",
        installaction=install if later else "install",
    )
    _add_interfaces(repository, order, node)
    vm_id = repository.vms.add(node.id, order.container.id, slice_no, mem=order.mem_mib, virt_type=order.virt_type)
    repository.vms.set_disks(vm_id, [disk])
    if later:
        repository.boot.set_action(node.id, "install")
    return Added(node, slice_no)


def _place(repository: Repository, order: Order) -> tuple[str, int]:
    appliance = order.membership.appliance or order.membership.name.casefold()
    if order.name is not None:
        if repository.nodes.find(order.name) is not None:
            refuse(f'node "{order.name}" is already in the database')
        name = check_host_name(repository, order.name)
        slice_no = repository.allocation.next_slice(order.container.id) if order.slice_no is None else order.slice_no
    elif order.slice_no is None:
        name, slice_no = repository.allocation.next_vm_name(appliance, order.container)
    else:
        slice_no = order.slice_no
        name = f"{appliance}-{order.container.rack or 0}-{order.container.rank or 0}-{slice_no}"
        if repository.nodes.find(name) is not None:
            refuse(f"nodename ({name}) is already in the databaase")
    if order.slice_no is not None:
        check_slice(repository, order.container, slice_no)
    return name, slice_no


def guest_kinds(repository: Repository) -> dict[int, str]:
    """What later Rocks made new VMs on each container, by node id: hvm on KVM, which knows no para, else para."""
    containers = repository.fleet().containers
    return {one.node: "hvm" if one.uri.startswith("qemu") else "para" for one in containers}


def check_slice(repository: Repository, container: Node, slice_no: int) -> None:
    """Refuse a slice another VM of the container has.

    Raises:
        Refusal: It is taken.
    """
    owner = next((vm for vm in repository.vms.on(container.id) if vm.slice == slice_no), None)
    if owner is not None:
        refuse(f"slice {slice_no} of {container.name} is {owner.name}")


def _disk(order: Order, name: str) -> NewDisk:
    if order.disk is not None:
        disk = parse_disk(order.disk, order.disk_size_gb, whole_phy=order.dialect.is_later)
        return disk or refuse("invalid disk specification")
    if order.mountpoint is None:
        refuse(f"could not find a partition on host ({order.container.name}) to hold the VM's disk image")
    return NewDisk("file", image_folder(order.mountpoint), f"{name}.hda", "hda", "w", order.disk_size_gb)


def _add_interfaces(repository: Repository, order: Order, node: Node) -> None:
    ip = _address(repository, order)
    vlans = (*order.vlans, *[None] * order.num_macs)
    if order.mac is not None:
        check_free_mac(repository, order.mac)
    macs = [order.mac] if order.mac is not None else repository.allocation.next_macs(order.num_macs)
    module = MODULE if order.subnet is not None else None
    repository.networks.add(
        node.id,
        device="eth0",
        mac=macs[0],
        ip=ip,
        name=node.name,
        subnet_id=order.subnet.id if order.subnet else None,
        module=module,
        vlanid=vlans[0],
    )
    # A MAC the operator chose may be the highest of its pool now: the next ones count on from there, as in Rocks.
    macs += repository.allocation.next_macs(order.num_macs - 1) if len(macs) < order.num_macs else []
    for index, mac in enumerate(macs[1:], start=1):
        repository.networks.add(node.id, device=f"eth{index}", mac=mac, module=module, vlanid=vlans[index])


def _address(repository: Repository, order: Order) -> str | None:
    if order.ip is None:
        return repository.allocation.next_ip(order.subnet) if order.subnet is not None else None
    if order.subnet is not None:
        check_inside(order.ip, order.subnet.subnet, order.subnet.netmask, order.subnet.name)
    check_free_ip(repository, order.ip)
    return order.ip


def check_free_mac(repository: Repository, mac: str) -> None:
    """Refuse a MAC address some interface has.

    Raises:
        Refusal: It is taken, and by whom.
    """
    found = repository.networks.find_by_mac(mac)
    if found is not None:
        refuse(f"the MAC address {mac} is already in the database ({_owner(repository, found.node)})")


def check_free_ip(repository: Repository, ip: str) -> None:
    """Refuse an IP address some interface has.

    Raises:
        Refusal: It is taken, and by whom.
    """
    found = repository.networks.find_by_ip(ip)
    if found is not None:
        refuse(f"the IP address {ip} is already in the database ({_owner(repository, found.node)})")


def _owner(repository: Repository, node_id: int) -> str:
    node = repository.nodes.get(node_id)
    return node.name if node else "a node that is gone"
