"""``add host vm``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.dialect import Dialect, dialect_of
from core.commands.diskspec import DEFAULT_SIZE_GB, MOST_GB
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.mountpoints import ask_mountpoints, recorded_mountpoints
from core.commands.newvm import Added, Order, add_vm, guest_kinds
from core.commands.refusal import refuse
from core.commands.values import (
    LEAST_MEMORY_MIB,
    LEAST_VLAN,
    MOST_CPUS,
    MOST_MEMORY_MIB,
    MOST_SLICE,
    MOST_VLAN,
    check_ip,
    check_mac,
    one_of,
)
from core.commands.vmwords import read_vlans
from core.store.records import Membership, Node, Subnet

if TYPE_CHECKING:
    from core.store.repository import Repository

MOST_MACS = 32
MOST_EACH = 500
ONLY_FOR_ONE = ("name", "ip", "slice", "mac")


@dataclass(frozen=True, slots=True)
class Wish:
    """The words of the command, checked as far as they can be without the store."""

    membership: str
    count: int
    num_macs: int
    slice_no: int | None
    mem_mib: int
    cpus: int
    disk_size_gb: int
    mac: str | None
    ip: str | None
    vlans: tuple[int | None, ...]
    virt_type: str | None


def run(call: Invocation) -> None:
    """Add one VM for each physical host, all or none."""
    membership = call.text("membership")
    # A single word is the membership, as in Rocks: it is a host that is missing then.
    if not call.hosts if membership else len(call.hosts) == 1:
        refuse("must supply at least one host")
    if not membership:
        refuse("must supply a membership")
    hosts, mountpoints = _look(call)
    wish = _read(call, membership, len(hosts))

    def work(repository: Repository) -> tuple[Dialect, list[tuple[Node, Added]]]:
        orders = _orders(repository, call, wish, hosts)
        known = recorded_mountpoints(repository, [order.container for order in orders])
        added = []
        for order in orders:
            mountpoint = known.get(order.container.id) or mountpoints.get(order.container.id)
            added.append((order.container, add_vm(repository, replace(order, mountpoint=mountpoint))))
        return dialect_of(repository), added

    if not hosts:
        call.warn(f"no physical host in {' '.join(call.hosts)}, nothing was added")
        return
    dialect, added = call.change(work, " ".join(host.name for host in hosts))
    for container, one in added:
        call.write(_sentence(dialect, container, one))
    if call.flag("sync-config") and not call.options.dry_run:
        from core.commands.fragments import write_default_fragments

        write_default_fragments(call)


def _look(call: Invocation) -> tuple[list[Node], dict[int, str]]:
    """The physical hosts, and the file systems of those whose partitions the store does not know."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        guests = {vm.node for vm in repository.vms.all()}
        spoken = {word.casefold() for word in call.hosts}
        vm = next((node for node in nodes if node.id in guests and node.name.casefold() in spoken), None)
        if vm is not None:
            refuse(f"{vm.name} is a VM itself; name the physical host the new VM shall be on")
        hosts = [node for node in nodes if node.id not in guests]
        if call.text("disk"):
            return hosts, {}
        unknown = {node for node, mountpoint in recorded_mountpoints(repository, hosts).items() if not mountpoint}
        asked = [one for one in repository.fleet().containers if one.node in unknown] if unknown else []
    return hosts, ask_mountpoints(call, asked)


def _read(call: Invocation, membership: str, hosts: int) -> Wish:
    count = call.integer("count", 1, MOST_EACH) or 1
    for name in ONLY_FOR_ONE:
        if hosts > 1 and call.text(name) is not None:
            refuse(f"can't supply the '{name}' parameter with more than one host")
    for name in (*ONLY_FOR_ONE, "disk"):
        if count > 1 and call.text(name) is not None:
            refuse(f"can't supply the '{name}' parameter with more than one VM on a host")
    mac, ip = call.text("mac"), call.text("ip")
    virt_type = call.text("virt-type")
    if virt_type is not None and virt_type.casefold() not in ("para", "hvm"):
        refuse("Virtualization type must be either 'hvm' or 'para'")
    num_macs = call.integer("num-macs", 1, MOST_MACS, "the num_macs parameter must be an integer") or 1
    vlans = read_vlans(call.text("vlan"), LEAST_VLAN, MOST_VLAN)
    if len(vlans) > num_macs:
        refuse(f"vlan= names {len(vlans)} VLANs for {num_macs} MAC address(es); give num-macs={len(vlans)}")
    return Wish(
        membership=membership,
        count=count,
        num_macs=num_macs,
        slice_no=call.integer("slice", 0, MOST_SLICE),
        mem_mib=call.integer("mem", LEAST_MEMORY_MIB, MOST_MEMORY_MIB, '"mem" parameter must be an integer') or 1024,
        cpus=call.integer("cpus", 1, MOST_CPUS) or 1,
        disk_size_gb=call.integer("disksize", 1, MOST_GB, '"disksize" values must be integers') or DEFAULT_SIZE_GB,
        mac=check_mac(mac) if mac else None,
        ip=check_ip(ip) if ip else None,
        vlans=vlans,
        virt_type=one_of("virt-type", virt_type, ("para", "hvm")) if virt_type else None,
    )


def _orders(repository: Repository, call: Invocation, wish: Wish, hosts: list[Node]) -> list[Order]:
    dialect = dialect_of(repository)
    membership = _membership(repository, wish.membership)
    subnet = _subnet(repository, call.text("subnet") or "private")
    kinds = guest_kinds(repository) if dialect.is_later else {}
    return [
        Order(
            container=host,
            membership=membership,
            subnet=subnet,
            dialect=dialect,
            name=call.text("name") or None,
            slice_no=wish.slice_no,
            mem_mib=wish.mem_mib,
            cpus=wish.cpus,
            disk=call.text("disk") or None,
            disk_size_gb=wish.disk_size_gb,
            mac=wish.mac,
            num_macs=wish.num_macs,
            ip=wish.ip,
            vlans=wish.vlans,
            virt_type=wish.virt_type or (kinds.get(host.id, "para") if dialect.is_later else None),
        )
        for host in hosts * wish.count
    ]


def _membership(repository: Repository, name: str) -> Membership:
    return repository.memberships.find(name) or refuse(f'could not get membership id for membership "{name}"')


def _subnet(repository: Repository, name: str) -> Subnet:
    return repository.subnets.find(name) or refuse(f'could not get subnet id for subnet "{name}"')


def _sentence(dialect: Dialect, container: Node, added: Added) -> str:
    """Rocks' words; scripts of later releases take the third word for the VM's name."""
    if dialect.is_later:
        return f"added VM {added.node.name} on physical node {container.name}\n"
    return f'added VM on node "{container.name}" slice "{added.slice_no}" with vm_name "{added.node.name}"\n'


COMMAND = Command(
    words=("add", "host", "vm"),
    summary="Add a VM to each of some physical hosts.",
    run=run,
    arguments=(
        Argument(
            "host", "host list of physical hosts; each gets one VM, or count= of them", many=True, noun=Noun.CONTAINER
        ),
        Argument("membership", "what the VM is, in any case: Compute", noun=Noun.MEMBERSHIP),
    ),
    parameters=(
        Parameter("count", "so many VMs on each host (1)", kind=Kind.INTEGER),
        Parameter("cpus", "virtual CPUs (1)", kind=Kind.INTEGER),
        Parameter(
            "disk",
            "type:path,device,mode (file:LARGEST/xen/disks/VM.hda,hda,w on the container's largest file system)",
        ),
        Parameter("disksize", "size of the disk in decimal gigabytes (36)", kind=Kind.INTEGER),
        Parameter("ip", "address of eth0 (the highest free one of the subnet)"),
        Parameter("mac", "MAC address of eth0 (the next one of the pool)"),
        Parameter("mem", "memory in MiB (1024)", kind=Kind.INTEGER),
        Parameter("name", "name of the VM (APPLIANCE-RACK-RANK-SLICE)"),
        Parameter("num-macs", "number of interfaces (1)", kind=Kind.INTEGER),
        Parameter("slice", "number on its host (one more than the highest)", kind=Kind.INTEGER),
        Parameter("subnet", "network of eth0 (private)", noun=Noun.NETWORK),
        Parameter("sync-config", "write the configuration fragments afterwards (no)", kind=Kind.BOOL),
        Parameter("virt-type", "para or hvm (what the container's hypervisor does best)", choices=("para", "hvm")),
        Parameter("vlan", "VLAN of each interface, none for none: 3,none,5"),
    ),
    details="Nothing is started. All VMs of one command are added, or none when one of them cannot be.",
    examples=(
        "add host vm vm-container-0-0 Compute",
        "add host vm rack1 membership=Compute mem=4096 cpus=4 count=8",
        "add host vm vm-container-0-0 Compute num-macs=2 vlan=none,17",
    ),
    changes=True,
)
