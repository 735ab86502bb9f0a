"""VMs, their disks, and the clusters that Rocks knew only by their shared VLAN."""

from __future__ import annotations

from sqlalchemy import func, select

from core.store import schema
from core.store.records import NewDisk, Scope
from core.store.repository.attributes import Attributes
from core.store.repository.clusters import Clusters
from core.store.repository.vms import Vms
from core.store.rocks_import.dump import Row
from core.store.rocks_import.taker import Taker, as_int, clipped, text_or_none

_FRONTEND = "frontend"
CDROM_ATTRIBUTE = "cdrom_path"


def take_vms(taker: Taker) -> None:
    """`vm_nodes`. Of two rows for one node the first counts; a slice taken twice gives the later VM the next one."""
    nodes = taker.ids.get("nodes", {})
    names = _names(taker)
    ids = taker.ids.setdefault("vm_nodes", {})
    seen: set[int] = set()
    for row in taker.source("vm_nodes"):
        node = nodes.get(as_int(row.get("node")) or 0)
        if node is None:
            taker.refuse("vm_nodes", f"id {row.get('id')}", f"its node {row.get('node')} does not exist")
            continue
        if node in seen:
            taker.refuse("vm_nodes", f'"{names[node]}"', "an earlier row is about the same node")
            continue
        seen.add(node)
        number = _take_vm(taker, row, node, f'"{names[node]}"')
        old = as_int(row.get("id"))
        if old is not None:
            ids[old] = number


def _take_vm(taker: Taker, row: Row, node: int, label: str) -> int:
    old = as_int(row.get("physnode")) or 0
    physnode = taker.ids.get("nodes", {}).get(old)
    if physnode is None:
        taker.change("vm_nodes", label, f"its container {old} does not exist; the VM has none now")
    mem = taker.integer(row, "mem", "vm_nodes", label, otherwise=1024)
    if mem is not None and mem < 1:
        taker.change("vm_nodes", label, f"it had {mem} MB of memory; now 1024")
        mem = 1024
    values: dict[str, object] = {
        "physnode": physnode,
        "mem": mem,
        "slice": _free_slice(taker, row, node, physnode, label),
        "virt_type": clipped(text_or_none(row.get("virt_type")), 64),
    }
    if "cdrom_path" in row:
        values["cdrom_path"] = path = clipped(text_or_none(row["cdrom_path"]), 512)
        _take_cdrom(taker, node, path if path and path.startswith("/") else None)
    return taker.put(schema.vm_nodes, {"node": node}, values)


def _take_cdrom(taker: Taker, node: int, path: str | None) -> None:
    """A definition gets its CD drive from the attribute, which `set host vm cdrom` keeps beside the column."""
    if path is not None:
        taker.put(schema.node_attributes, {"node": node, "attr": CDROM_ATTRIBUTE}, {"value": path})
    elif Attributes(taker.rows).remove(Scope.HOST, node, CDROM_ATTRIBUTE):
        taker.report.updated["node_attributes"] += 1


def _free_slice(taker: Taker, row: Row, node: int, physnode: int | None, label: str) -> int:
    table = schema.vm_nodes
    wanted = taker.integer(row, "slice", "vm_nodes", label, otherwise=0) or 0
    if physnode is None:
        return wanted
    there = select(table.c.node, table.c.slice).where(table.c.physnode == physnode)
    slices: dict[int, int] = {entry.node: entry.slice for entry in taker.connection.execute(there)}
    if wanted >= 0 and all(owner == node or number != wanted for owner, number in slices.items()):
        return wanted
    kept = slices.get(node)
    number = kept if kept is not None else max(slices.values()) + 1
    taker.change("vm_nodes", label, f"another VM of its container has slice {wanted}; now {number}")
    return number


def take_disks(taker: Taker) -> None:
    """`vm_disks`. A VM's disks are replaced as a whole when they differ."""
    vms = taker.ids.get("vm_nodes", {})
    found: dict[int, list[NewDisk]] = {}
    for row in taker.source("vm_disks"):
        vm = vms.get(as_int(row.get("vm_node")) or 0)
        label = f"id {row.get('id')} ({row.get('name')})"
        if vm is None:
            taker.refuse("vm_disks", label, f"its VM {row.get('vm_node')} does not exist")
            continue
        size = taker.integer(row, "size", "vm_disks", label, otherwise=0)
        found.setdefault(vm, []).append(
            NewDisk(
                vbd_type=(row.get("vbd_type") or "file")[:64],
                prefix=(row.get("prefix") or "")[:512],
                name=(row.get("name") or "")[:512],
                device=(row.get("device") or "")[:512],
                mode=(row.get("mode") or "w")[:64],
                size=size or 0,
            )
        )
    part = Vms(taker.rows)
    stored = part.disks()
    for vm, disks in found.items():
        now = [
            NewDisk(disk.vbd_type, disk.prefix, disk.name, disk.device, disk.mode, disk.size)
            for disk in stored.get(vm, [])
        ]
        if now == disks:
            taker.report.unchanged["vm_disks"] += len(disks)
            continue
        part.set_disks(vm, disks)
        taker.report.updated["vm_disks"] += min(len(now), len(disks))
        taker.report.added["vm_disks"] += max(0, len(disks) - len(now))


def take_clusters(taker: Taker) -> None:
    """Make a cluster of each frontend VM and the VMs that share its VLAN."""
    part = Clusters(taker.rows)
    known = {cluster.frontend_id for cluster in part.all()}
    vlans = {cluster.vlanid for cluster in part.all()}
    members = {member for cluster in part.all() for member in cluster.members}
    guests = _guests_by_vlan(taker)
    names = _names(taker)
    for frontend in _virtual_frontends(taker):
        vlan = min((number for number, nodes in guests.items() if number and frontend in nodes), default=None)
        if frontend in known:
            taker.report.unchanged["clusters"] += 1
            continue
        if vlan is None:
            continue
        if vlan in vlans or frontend in members:
            taker.refuse("clusters", f'"{names[frontend]}"', f"another cluster uses its VLAN {vlan}")
            continue
        cluster = part.add(names[frontend], frontend, vlan)
        vlans.add(vlan)
        members.add(frontend)
        taker.report.added["clusters"] += 1
        for node in guests[vlan]:
            if node not in members:
                part.add_member(cluster, node)
                members.add(node)


def _virtual_frontends(taker: Taker) -> list[int]:
    nodes, memberships, appliances = schema.nodes, schema.memberships, schema.appliances
    statement = (
        select(nodes.c.id)
        .select_from(
            nodes.join(schema.vm_nodes, schema.vm_nodes.c.node == nodes.c.id)
            .join(memberships, nodes.c.membership == memberships.c.id)
            .join(appliances, memberships.c.appliance == appliances.c.id)
        )
        .where(func.lower(appliances.c.name) == _FRONTEND)
        .order_by(nodes.c.id)
    )
    return list(taker.connection.scalars(statement))


def _guests_by_vlan(taker: Taker) -> dict[int, list[int]]:
    networks, vm_nodes = schema.networks, schema.vm_nodes
    statement = (
        select(networks.c.vlanid, networks.c.node)
        .select_from(networks.join(vm_nodes, networks.c.node == vm_nodes.c.node))
        .where(networks.c.vlanid.is_not(None))
        .order_by(networks.c.node, networks.c.id)
    )
    found: dict[int, list[int]] = {}
    for vlan, node in taker.connection.execute(statement):
        if node not in found.setdefault(vlan, []):
            found[vlan].append(node)
    return found


def _names(taker: Taker) -> dict[int, str]:
    table = schema.nodes
    return {row.id: row.name for row in taker.connection.execute(select(table.c.id, table.c.name))}
