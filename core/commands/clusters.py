"""Virtual clusters: which nodes belong to which, and making one. A cluster is a row of its own.

Frontends that were brought in without such a row (plain SQL, an old database) are known as Rocks knew them: by the
VLAN their interface shares with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.commands.dialect import Dialect
from core.commands.newvm import FRONTEND_APPLIANCE, Order, add_vm, check_free_ip
from core.commands.refusal import refuse
from core.commands.values import check_inside
from core.store.records import Scope

if TYPE_CHECKING:
    from core.store.records import Cluster, Membership, Node, Subnet
    from core.store.repository import Repository

HOSTED_APPLIANCE, HOSTED_MEMBERSHIP = "hosted-vm", "Hosted VM"
GATEWAY = "Kickstart_PublicGateway"
NOWHERE = "0.0.0.0"


@dataclass(frozen=True, slots=True)
class ClusterOrder:
    """What a new cluster shall be.

    Attributes:
        hosts: Containers of the compute VMs, used in turn.
        mountpoints: Largest file system by container id.
        vlan: None for the lowest free one.
        naming: Compute VMs are called after the frontend.
    """

    ip: str
    count: int
    container: Node
    hosts: Sequence[Node]
    mountpoints: dict[int, str | None]
    virt_types: dict[int, str]
    vlan: int | None = None
    frontend_name: str | None = None
    naming: bool = False
    cpus: int = 1
    mem_mib: int = 1024
    disk_gb: int = 36
    frontend_disk_gb: int = 36
    subnet: str = "private"
    gateway: str | None = None


@dataclass(frozen=True, slots=True)
class NewCluster:
    """The names of what was added."""

    frontend: str
    computes: tuple[str, ...]
    vlan: int
    has_route: bool


def add_cluster(repository: Repository, order: ClusterOrder) -> NewCluster:
    """Add frontend, compute VMs, VLAN interfaces and the cluster's own row.

    Raises:
        Refusal: Something asked for is taken or missing.
        StoreConflict: No VLAN, MAC or IP address is left.
    """
    vlan = repository.allocation.next_vlan() if order.vlan is None else _free_vlan(repository, order.vlan)
    private = _subnet(repository, order.subnet)
    frontend, has_route = _add_frontend(repository, order, vlan, private)
    cluster = repository.clusters.add(frontend.name, frontend.id, vlan)
    membership = _hosted(repository)
    computes: list[str] = []
    for index in range(order.count):
        host = order.hosts[index % len(order.hosts)]
        _add_vlan_interface(repository, host, vlan, private)
        added = add_vm(
            repository,
            Order(
                container=host,
                membership=membership,
                subnet=None,
                dialect=Dialect.LATER,
                name=f"vm-{frontend.name}-{index}" if order.naming else None,
                mem_mib=order.mem_mib,
                cpus=order.cpus,
                disk_size_gb=order.disk_gb,
                vlans=(vlan,),
                virt_type=order.virt_types[host.id],
                mountpoint=order.mountpoints.get(host.id),
            ),
        )
        repository.clusters.add_member(cluster, added.node.id)
        computes.append(added.node.name)
    return NewCluster(frontend.name, tuple(computes), vlan, has_route)


def _add_frontend(repository: Repository, order: ClusterOrder, vlan: int, private: Subnet) -> tuple[Node, bool]:
    public = _subnet(repository, "public")
    check_inside(order.ip, public.subnet, public.netmask, public.name)
    check_free_ip(repository, order.ip)
    _add_vlan_interface(repository, order.container, vlan, private)
    frontend = add_vm(
        repository,
        Order(
            container=order.container,
            membership=_membership_of(repository, FRONTEND_APPLIANCE),
            subnet=private,
            dialect=Dialect.LATER,
            name=order.frontend_name,
            disk_size_gb=order.frontend_disk_gb,
            num_macs=2,
            vlans=(vlan, 0),
            virt_type=order.virt_types[order.container.id],
            mountpoint=order.mountpoints.get(order.container.id),
        ),
    ).node
    outside = next(one for one in repository.networks.of_node(frontend.id) if one.device == "eth1")
    repository.networks.update(outside.id, ip=order.ip, subnet_id=public.id, name=frontend.name)
    gateway = order.gateway or repository.attributes.find(Scope.GLOBAL, None, GATEWAY)
    if gateway:
        repository.routes.add(Scope.HOST, frontend.id, NOWHERE, NOWHERE, gateway=gateway)
    return frontend, bool(gateway)


def _add_vlan_interface(repository: Repository, host: Node, vlan: int, subnet: Subnet) -> None:
    """The physical host's logical interface ``vlanN``, once."""
    device = f"vlan{vlan}"
    if not any(one.device == device for one in repository.networks.of_node(host.id)):
        repository.networks.add(host.id, device=device, name=host.name, subnet_id=subnet.id, vlanid=vlan)


def _free_vlan(repository: Repository, vlan: int) -> int:
    owner = next((one for one in repository.clusters.all() if one.vlanid == vlan), None)
    if owner is not None:
        refuse(f"VLAN {vlan} belongs to the cluster of {owner.frontend}")
    used = next((one for one in repository.networks.all() if one.vlanid == vlan), None)
    if used is not None:
        node = repository.nodes.get(used.node)
        refuse(f"VLAN {vlan} is used by {node.name if node else 'an interface'}; leave vlan= out for a free one")
    return vlan


def _subnet(repository: Repository, name: str) -> Subnet:
    return repository.subnets.find(name) or refuse(f'could not get subnet id for subnet "{name}"')


def _membership_of(repository: Repository, appliance: str) -> Membership:
    fitting = [one for one in repository.memberships.all() if one.appliance == appliance]
    return fitting[0] if fitting else refuse(f'no membership has the appliance "{appliance}"; add one')


def _hosted(repository: Repository) -> Membership:
    """The membership of compute VMs, added to stores of releases that did not have it yet."""
    if repository.memberships.find_appliance(HOSTED_APPLIANCE) is None:
        repository.memberships.add_appliance(HOSTED_APPLIANCE, shortname="hv", node=HOSTED_APPLIANCE)
    found = [one for one in repository.memberships.all() if one.appliance == HOSTED_APPLIANCE]
    return found[0] if found else repository.memberships.add(HOSTED_MEMBERSHIP, HOSTED_APPLIANCE)


@dataclass(frozen=True, slots=True)
class Members:
    """A frontend and its clients."""

    frontend: Node
    clients: tuple[Node, ...]
    is_vm: bool
    cluster: Cluster | None


def clusters_of(repository: Repository) -> list[Members]:
    """Every frontend, physical and virtual, with its clients, in the order the frontends were added.

    Clients of a physical frontend are the other physical nodes, as in Rocks 5.4.3.
    """
    nodes = repository.nodes.all()
    by_id = {node.id: node for node in nodes}
    guests = {vm.node for vm in repository.vms.all()}
    rows = {one.frontend_id: one for one in repository.clusters.all()}
    interfaces = repository.networks.of_nodes(guests)
    found = []
    for node in nodes:
        if node.appliance != FRONTEND_APPLIANCE:
            continue
        cluster = rows.get(node.id)
        if node.id not in guests:
            clients = [one for one in nodes if one.id not in guests and one.appliance != FRONTEND_APPLIANCE]
        elif cluster is not None:
            clients = [by_id[one] for one in sorted(cluster.members) if one != node.id]
        else:
            mine = {one.vlanid for one in interfaces[node.id] if one.vlanid}
            taken = {member for one in rows.values() for member in one.members} | {node.id}
            clients = [
                by_id[guest]
                for guest in sorted(guests - taken)
                if by_id[guest].appliance != FRONTEND_APPLIANCE and mine & {one.vlanid for one in interfaces[guest]}
            ]
        found.append(Members(node, tuple(clients), node.id in guests, cluster))
    return found


def refuse_frontends(repository: Repository, nodes: Sequence[Node]) -> None:
    """Refuse to remove a cluster's frontend by itself.

    Raises:
        Refusal: One of the nodes is one.
    """
    going = {node.id for node in nodes}
    for cluster in repository.clusters.all():
        if cluster.frontend_id in going:
            refuse(f'{cluster.frontend} is the frontend of a cluster; use "remove cluster {cluster.frontend}"')
