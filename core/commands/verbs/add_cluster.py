"""``add cluster``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.clusters import ClusterOrder, NewCluster, add_cluster
from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.diskspec import MOST_GB
from core.commands.hostlist import expand_hosts, single_host
from core.commands.invocation import Invocation, whole_number
from core.commands.mountpoints import ask_mountpoints, recorded_mountpoints
from core.commands.newvm import guest_kinds
from core.commands.refusal import refuse
from core.commands.values import LEAST_MEMORY_MIB, LEAST_VLAN, MOST_CPUS, MOST_MEMORY_MIB, MOST_VLAN, check_ip

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository

MOST_COMPUTES = 10_000
SYNCING = (
    "Syncing Network Configuration --> \n\tSyncing Bringing Up New VLAN interfaces --> \n\t<-- Done.\n<-- Done.\n"
)


def run(call: Invocation) -> None:
    """Add a virtual cluster, whole or not at all."""
    ip, count = _required(call)
    virt_type = call.text("virt-type")
    if virt_type is not None and virt_type.lower() not in ("para", "hvm"):
        refuse("Virtualization type must be either 'para' or 'hvm'")
    naming = call.flag("cluster-naming")
    if naming and not call.text("fe-name"):
        refuse("you must select a fe-name when using cluster-naming")
    vlan = call.integer("vlan", LEAST_VLAN, MOST_VLAN, f"Vlan ID ({call.text('vlan')}) must be an integer")
    container, hosts, mountpoints, kinds = _look(call)
    order = ClusterOrder(
        ip=ip,
        count=count,
        container=container,
        hosts=hosts,
        mountpoints=mountpoints,
        virt_types={host: virt_type.lower() if virt_type else kind for host, kind in kinds.items()},
        vlan=vlan,
        frontend_name=call.text("fe-name") or None,
        naming=naming,
        cpus=call.integer("cpus-per-compute", 1, MOST_CPUS) or 1,
        mem_mib=call.integer("mem-per-compute", LEAST_MEMORY_MIB, MOST_MEMORY_MIB) or 1024,
        disk_gb=call.integer("disk-per-compute", 1, MOST_GB) or 36,
        frontend_disk_gb=call.integer("disk-per-frontend", 1, MOST_GB) or 36,
        subnet=call.text("subnet") or "private",
        gateway=check_ip(call.text("gateway") or "") if call.text("gateway") else None,
    )
    added = call.change(lambda repository: add_cluster(repository, order), ip)
    call.write(_story(order, added))
    if not added.has_route:
        call.note(
            f"{added.frontend} has no default route: set the attribute Kickstart_PublicGateway or give gateway="
        )


def _required(call: Invocation) -> tuple[str, int]:
    """The frontend's address and the number of compute VMs. A single word is the number, as in Rocks."""
    missing = "must supply an IP address for the frontend"
    ip, text = call.needed("ip", missing), call.text("num-computes")
    if not text:
        refuse("must supply the number of compute nodes" if call.is_named("ip") else missing)
    count = whole_number("num-computes", text, 0, MOST_COMPUTES, "num-computes must be an integer")
    return check_ip(ip), count


def _look(call: Invocation) -> tuple[Node, list[Node], dict[int, str | None], dict[int, str]]:
    """Container of the frontend, containers of the compute VMs, their file systems and kinds of guest."""
    with call.reading() as repository:
        container = _container(call, repository)
        hosts = _hosts(call, repository, container)
        guests = {vm.node for vm in repository.vms.all()}
        for host in (container, *hosts):
            if host.id in guests:
                refuse(f"{host.name} is a VM itself and cannot house one")
        every = list({host.id: host for host in (container, *hosts)}.values())
        known = recorded_mountpoints(repository, every)
        known_kinds = guest_kinds(repository)
        containers = {one.node: one for one in repository.fleet().containers}
    asked = [containers[host] for host, mountpoint in known.items() if not mountpoint and host in containers]
    kinds = {host.id: known_kinds.get(host.id, "para") for host in every}
    return container, hosts, {**known, **ask_mountpoints(call, asked)}, kinds


def _container(call: Invocation, repository: Repository) -> Node:
    word = call.text("fe-container")
    if word:
        return single_host(repository, [word], "must supply only one fe-container")
    name = repository.fleet().frontend
    return repository.nodes.find(name) or refuse("there is no physical frontend; name a container with fe-container=")


def _hosts(call: Invocation, repository: Repository, container: Node) -> list[Node]:
    """In the order they were named; groups in natural order; without any, the frontend's own container."""
    words = (call.text("container-hosts") or "").split()
    if not words:
        return [node for node in repository.nodes.all() if node.appliance == "vm-container"] or [container]
    found: dict[int, Node] = {}
    for word in words:
        found.update((node.id, node) for node in expand_hosts(repository, [word]))
    return list(found.values()) or refuse(f"no host in {' '.join(words)}")


def _story(order: ClusterOrder, added: NewCluster) -> str:
    """What Rocks 5.4.3 printed on the way."""
    text = "" if order.vlan is not None else "Getting Free VLAN --> \n<-- Done\n"
    text += f"Creating Virtual Frontend on Physical Host {order.container.name} --> \n"
    text += f"\tcreated frontend VM named: {added.frontend}\n<-- Done.\n"
    if added.computes:
        text += f"Creating {order.count} Virtual Cluster nodes  --> \n"
        text += "".join(f"\tcreated compute VM named: {name}\n" for name in added.computes) + "<-- Done.\n"
    return text + SYNCING


COMMAND = Command(
    words=("add", "cluster"),
    summary="Add a virtual cluster: a frontend VM and its compute VMs on a VLAN of their own.",
    run=run,
    arguments=(
        Argument("ip", "public address of the frontend"),
        Argument("num-computes", "number of compute VMs"),
    ),
    parameters=(
        Parameter("cluster-naming", "call the compute VMs vm-FRONTEND-N (no)", kind=Kind.BOOL),
        Parameter("container-hosts", "containers of the compute VMs, used in turn (all)", noun=Noun.CONTAINER),
        Parameter("cpus-per-compute", "virtual CPUs of a compute VM (1)", kind=Kind.INTEGER),
        Parameter("disk-per-compute", "its disk in GB (36)", kind=Kind.INTEGER),
        Parameter("disk-per-frontend", "the frontend's disk in GB (36)", kind=Kind.INTEGER),
        Parameter("fe-container", "container of the frontend (the physical frontend)", noun=Noun.CONTAINER),
        Parameter("fe-name", "name of the frontend (frontend-RACK-RANK-SLICE)"),
        Parameter("gateway", "its default route (attribute Kickstart_PublicGateway)"),
        Parameter("mem-per-compute", "memory of a compute VM in MiB (1024)", kind=Kind.INTEGER),
        Parameter("subnet", "network of the frontend's first interface (private)", noun=Noun.NETWORK),
        Parameter("virt-type", "para or hvm (para on Xen, hvm on KVM)", choices=("para", "hvm")),
        Parameter("vlan", "VLAN, 2 to 4095 (the lowest free one)", kind=Kind.INTEGER),
    ),
    details=(
        "Nothing is started. Compute VMs get no address here: the virtual frontend gives them one. Bridges of the "
        "containers must carry the VLAN."
    ),
    examples=(
        "add cluster 198.51.100.20 5",
        "add cluster 198.51.100.40 3 vlan=77 fe-name=vf1 fe-container=vm-container-0-0",
    ),
    changes=True,
)
