"""The inventory's whole picture of the store: a fixed number of plain queries, whatever the number of VMs.

Words that thousands of VMs have in common (``hda``, ``private``) are interned: the driver makes a new text of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from sys import intern

from sqlalchemy import select

from core.hypervisor.model import ContainerName
from core.inventory.snapshot import VmDiskRecord, VmInterfaceRecord, VmRecord
from core.store import schema
from core.store.records import Attribute, ContainerRecord, Fleet, Node, Scope
from core.store.repository.attributes import Attributes, overlay
from core.store.repository.base import Rows
from core.store.repository.nodes import Nodes

URI_ATTRIBUTE = "libvirt_uri"
"""Attribute with a container's libvirt URI. Set for a host, it makes that host a container."""
CONTAINER_APPLIANCE = "vm-container"
FRONTEND_APPLIANCE = "frontend"


def read_fleet(rows: Rows) -> Fleet:
    """Read every container and every VM."""
    nodes = Nodes(rows).all()
    names = {node.id: node.name for node in nodes}
    attributes = _AttributeTable(Attributes(rows).all())
    vms = _vms(rows, {node.id: node for node in nodes}, attributes)
    guests = _guest_ids(rows)
    housing = {vm.container for vm in vms}
    frontend = next(
        (node.name for node in nodes if node.appliance == FRONTEND_APPLIANCE and node.id not in guests), ""
    )
    containers = tuple(
        _container(node, attributes, is_frontend=names[node.id] == frontend)
        for node in nodes
        if node.appliance == CONTAINER_APPLIANCE or node.name in housing or attributes.has_own_uri(node)
    )
    revision = rows.connection.scalar(select(schema.store_state.c.revision))
    return Fleet(int(revision or 0), frontend, containers, tuple(vms))


class _AttributeTable:
    """Attributes by owner, names folded."""

    def __init__(self, attributes: list[Attribute]) -> None:
        self._global: dict[str, str] = {}
        self._appliances: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._hosts: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._shared: dict[str | None, dict[str, str]] = {}
        for one in attributes:
            if one.scope is Scope.GLOBAL:
                self._global[one.attr] = one.value
            elif one.scope is Scope.APPLIANCE:
                self._appliances[one.target][one.attr] = one.value
            else:
                self._hosts[one.target][one.attr] = one.value

    def resolved(self, node: Node) -> Mapping[str, str]:
        """Nodes without attributes of their own share their appliance's mapping."""
        shared = self._shared.get(node.appliance)
        if shared is None:
            own = self._appliances[node.appliance] if node.appliance and node.appliance in self._appliances else {}
            shared = self._shared[node.appliance] = overlay(self._global, own)
        return overlay(shared, self._hosts[node.name]) if node.name in self._hosts else shared

    def has_own_uri(self, node: Node) -> bool:
        return bool(self._hosts[node.name].get(URI_ATTRIBUTE)) if node.name in self._hosts else False


def _container(node: Node, table: _AttributeTable, *, is_frontend: bool) -> ContainerRecord:
    attributes = table.resolved(node)
    return ContainerRecord(
        name=ContainerName(node.name),
        node=node.id,
        uri=attributes.get(URI_ATTRIBUTE, "").replace("{host}", node.name),
        membership=node.membership or "",
        rack=node.rack,
        rank=node.rank,
        is_frontend=is_frontend,
        attributes=attributes,
    )


def _guest_ids(rows: Rows) -> set[int]:
    return set(rows.connection.scalars(select(schema.vm_nodes.c.node)))


def _vms(rows: Rows, nodes: dict[int, Node], attributes: _AttributeTable) -> list[VmRecord]:
    table = schema.vm_nodes
    disks = _disks(rows)
    interfaces = _interfaces(rows)
    clusters = _clusters(rows)
    heads = set(rows.connection.scalars(select(schema.clusters.c.frontend)))
    found = []
    statement = select(
        table.c.id,
        table.c.node,
        table.c.physnode,
        table.c.mem,
        table.c.slice,
        table.c.virt_type,
        table.c.uuid,
        table.c.saved_file,
    ).order_by(table.c.id)
    for vm_id, node_id, physnode, mem, slice_no, virt_type, uuid, saved_file in rows.connection.execute(
        statement
    ).all():
        node = nodes.get(node_id)
        if node is None:
            continue
        house = nodes.get(physnode)
        found.append(
            VmRecord(
                name=node.name,
                uuid=rows.uuid_of(vm_id, uuid),
                container=ContainerName(house.name if house else ""),
                slice_no=slice_no,
                membership=intern(node.membership or ""),
                memory_mib=mem,
                vcpus=node.cpus,
                virt_type=virt_type,
                rack=node.rack,
                rank=node.rank,
                cluster=clusters.get(node_id),
                disks=tuple(disks.get(vm_id, ())),
                interfaces=tuple(interfaces.get(node_id, ())),
                comment=node.comment or "",
                attributes=attributes.resolved(node),
                saved_file=saved_file or "",
                heads_cluster=node_id in heads,
            )
        )
    return found


def _disks(rows: Rows) -> dict[int, list[VmDiskRecord]]:
    table = schema.vm_disks
    found: dict[int, list[VmDiskRecord]] = {}
    statement = select(
        table.c.vm_node, table.c.vbd_type, table.c.prefix, table.c.name, table.c.device, table.c.mode, table.c.size
    ).order_by(table.c.id)
    for vm_id, vbd_type, prefix, name, device, mode, size in rows.connection.execute(statement).all():
        path = f"{prefix.rstrip('/')}/{name}" if prefix else name
        record = VmDiskRecord(intern(vbd_type), path, intern(device), intern(mode), size)
        found.setdefault(vm_id, []).append(record)
    return found


def _interfaces(rows: Rows) -> dict[int, list[VmInterfaceRecord]]:
    table, vm_nodes, subnets = schema.networks, schema.vm_nodes, schema.subnets
    found: dict[int, list[VmInterfaceRecord]] = {}
    statement = (
        select(table.c.node, table.c.device, table.c.mac, table.c.ip, subnets.c.name, table.c.vlanid)
        .select_from(
            table.join(vm_nodes, table.c.node == vm_nodes.c.node).outerjoin(subnets, table.c.subnet == subnets.c.id)
        )
        .order_by(table.c.id)
    )
    for node_id, device, mac, ip, subnet, vlan in rows.connection.execute(statement).all():
        record = VmInterfaceRecord(intern(device or ""), mac, ip, intern(subnet) if subnet else None, vlan)
        found.setdefault(node_id, []).append(record)
    return found


def _clusters(rows: Rows) -> dict[int, str]:
    members, clusters = schema.cluster_members, schema.clusters
    statement = select(members.c.node, clusters.c.name).select_from(
        members.join(clusters, members.c.cluster == clusters.c.id)
    )
    return {row.node: row.name for row in rows.connection.execute(statement)}
