"""Is the store whole? The rules that tables cannot enforce, and those that somebody may have switched off.

Every finding says how to mend it. Looking changes nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Table, select, text

from core.store import schema
from core.store.addresses import normal_ip, normal_mac
from core.store.records import Interface, Subnet
from core.store.repository import Repository
from core.store.repository.allocation import FIRST_VLAN, LAST_VLAN
from core.store.store import Store


class Gravity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    """Something will fail or do the wrong thing."""
    WARNING = "warning"
    """Odd, and perhaps meant."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in the store.

    Attributes:
        subject: The row in the operator's words ("compute-0-0-0", "networks row 12").
        what: What is wrong.
        remedy: How to mend it.
    """

    gravity: Gravity
    subject: str
    what: str
    remedy: str

    @property
    def sentence(self) -> str:
        """One line for a terminal."""
        return f"{self.gravity.value}: {self.subject}: {self.what} ({self.remedy})"


def check_store(store: Store) -> list[Finding]:
    """Look at everything once.

    Raises:
        StoreError: The store cannot be read at all.
    """
    with store.reading() as repository:
        findings: list[Finding] = []
        for rule in _RULES:
            findings.extend(rule(repository))
        return findings


def _error(subject: str, what: str, remedy: str) -> Finding:
    return Finding(Gravity.ERROR, subject, what, remedy)


def _warning(subject: str, what: str, remedy: str) -> Finding:
    return Finding(Gravity.WARNING, subject, what, remedy)


def _file(repository: Repository) -> Iterator[Finding]:
    """SQLite's own look at its pages."""
    connection = repository.shared_rows.connection
    if connection.dialect.name != "sqlite":
        return
    for (answer,) in connection.execute(text("PRAGMA quick_check(10)")):
        if answer != "ok":
            yield _error("the database file", str(answer), "restore it from a backup, or dump and replay it")


def _dangling(repository: Repository) -> Iterator[Finding]:
    """Rows that refer to nothing: possible where foreign keys were switched off."""
    for table in schema.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            column = table.c[constraint.column_keys[0]]
            other = constraint.referred_table
            alias = other.alias("other")
            statement = (
                select(table.c.id, column)
                .select_from(table.outerjoin(alias, column == alias.c.id))
                .where(column.is_not(None), alias.c.id.is_(None))
            )
            for number, value in repository.shared_rows.connection.execute(statement):
                yield _error(
                    f"{table.name} row {number}",
                    f"its {column.name} {value} is not in {other.name}",
                    _mend_dangling(table, column.name, int(number)),
                )
    known = {node.id for node in repository.nodes.all()}
    for rule in repository.boot.pxe_rules():
        if rule.node and rule.node not in known:
            yield _error(
                f"pxeaction row {rule.id}",
                f"its node {rule.node} is not in nodes",
                f"DELETE FROM pxeaction WHERE id={rule.id}",
            )


def _mend_dangling(table: Table, column: str, number: int) -> str:
    if table.c[column].nullable:
        return f"UPDATE {table.name} SET {column}=NULL WHERE id={number}"
    return f"DELETE FROM {table.name} WHERE id={number}"


def _nodes(repository: Repository) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for node in repository.nodes.all():
        if not node.name.strip():
            yield _error(f"nodes row {node.id}", "it has no name", f"DELETE FROM nodes WHERE id={node.id}")
        if node.name.casefold() in seen:
            yield _error(node.name, f"another node has the name {seen[node.name.casefold()]}", "rename one of them")
        seen[node.name.casefold()] = node.name
        if node.membership is None:
            yield _warning(node.name, "it has no membership", "set its membership in `nodes`")
        elif node.appliance is None:
            yield _warning(node.name, f'its membership "{node.membership}" has no appliance', "give it one")
        if node.cpus < 1:
            yield _error(node.name, f"it has {node.cpus} CPUs", f"quarry set host cpus {node.name} 1")


def _interfaces(repository: Repository) -> Iterator[Finding]:
    names = _names(repository)
    subnets = {subnet.name: subnet for subnet in repository.subnets.all()}
    macs: dict[str, str] = {}
    for interface in repository.networks.all():
        label = f"{names.get(interface.node, f'networks row {interface.id}')} {interface.device or '-'}"
        yield from _mac(interface, label, macs)
        yield from _ip(interface, label, subnets)
        if interface.vlanid is not None and not 0 <= interface.vlanid <= LAST_VLAN:
            yield _error(label, f"VLAN {interface.vlanid} is not from 0 to {LAST_VLAN}", "set another VLAN")


def _mac(interface: Interface, label: str, seen: dict[str, str]) -> Iterator[Finding]:
    if interface.mac is None:
        return
    normal = normal_mac(interface.mac)
    if normal is None:
        yield _error(label, f'"{interface.mac}" is not a MAC address', "quarry set host interface mac")
        return
    if normal in seen:
        # Two spellings of one address slip past the unique rule.
        yield _error(label, f"{seen[normal]} has the same MAC address {normal}", "give one of them another")
    seen[normal] = label


def _ip(interface: Interface, label: str, subnets: dict[str, Subnet]) -> Iterator[Finding]:
    if interface.ip is None:
        return
    address = normal_ip(interface.ip)
    if address is None:
        yield _error(label, f'"{interface.ip}" is not an IP address', "quarry set host interface ip")
        return
    subnet = subnets.get(interface.subnet or "")
    network = _network(subnet) if subnet else None
    if subnet is not None and network is not None and ipaddress.ip_address(address) not in network:
        yield _warning(
            label,
            f'{address} is outside its network "{subnet.name}" ({network})',
            "change the address or the network",
        )


def _network(subnet: Subnet) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(f"{subnet.subnet}/{subnet.netmask}", strict=False)
    except ValueError:
        return None


def _subnets(repository: Repository) -> Iterator[Finding]:
    for subnet in repository.subnets.all():
        if _network(subnet) is None:
            yield _error(
                f'network "{subnet.name}"',
                f"{subnet.subnet}/{subnet.netmask} is not an address and a mask",
                "correct its row in `subnets`",
            )


def _vms(repository: Repository) -> Iterator[Finding]:
    places: dict[tuple[int, int], str] = {}
    for vm in repository.vms.all():
        if vm.physnode is None:
            yield _error(vm.name, "it is on no container", f"quarry set host vm {vm.name} physnode=CONTAINER")
        elif vm.physnode_id == vm.node:
            yield _error(vm.name, "it is its own container", f"quarry set host vm {vm.name} physnode=CONTAINER")
        if vm.slice < 0:
            yield _error(vm.name, f"slice {vm.slice} is negative", f"quarry set host vm {vm.name} slice=NUMBER")
        if vm.mem < 1:
            yield _error(vm.name, f"it has {vm.mem} MB of memory", f"quarry set host vm {vm.name} mem=1024")
        if vm.physnode_id is not None:
            other = places.setdefault((vm.physnode_id, vm.slice), vm.name)
            if other != vm.name:
                yield _error(vm.name, f"{other} has the same slice", f"quarry set host vm {vm.name} slice=NUMBER")


def _disks(repository: Repository) -> Iterator[Finding]:
    names = {vm.id: vm.name for vm in repository.vms.all()}
    for vm_id, disks in repository.vms.disks().items():
        devices: set[str] = set()
        for disk in disks:
            label = f"{names.get(vm_id, f'vm_nodes row {vm_id}')} disk {disk.device or disk.id}"
            if disk.size <= 0 and disk.vbd_type != "phy":
                yield _error(label, f"its size is {disk.size} GB", "quarry set host vm … disksize=36")
            if not disk.name:
                yield _error(label, "it has no file or device", "quarry set host vm … disk=TYPE:PATH,DEVICE,MODE")
            if disk.device in devices:
                yield _error(label, "another disk of the VM has the same device", "quarry set host vm … disk=…")
            devices.add(disk.device)


def _clusters(repository: Repository) -> Iterator[Finding]:
    clusters = repository.clusters.all()
    vlans: dict[int, str] = {}
    members = {node: cluster.name for cluster in clusters for node in cluster.members}
    names = _names(repository)
    for cluster in clusters:
        if cluster.vlanid in vlans:
            yield _error(
                f'cluster "{cluster.name}"',
                f'VLAN {cluster.vlanid} is also that of "{vlans[cluster.vlanid]}"',
                "remove one of the two and add it again",
            )
        vlans[cluster.vlanid] = cluster.name
        if not FIRST_VLAN <= cluster.vlanid <= LAST_VLAN:
            yield _error(
                f'cluster "{cluster.name}"',
                f"VLAN {cluster.vlanid} is not from {FIRST_VLAN} to {LAST_VLAN}",
                "remove it and add it again",
            )
        if cluster.frontend_id not in cluster.members:
            yield _error(f'cluster "{cluster.name}"', "its frontend is not a member", "remove it and add it again")
    guests = {vm.node for vm in repository.vms.all()}
    for interface in repository.networks.all():
        if interface.vlanid in vlans and interface.node in guests and interface.node not in members:
            yield _warning(
                names[interface.node],
                f'it is on VLAN {interface.vlanid} of cluster "{vlans[interface.vlanid]}" without being a member',
                "take it off the VLAN",
            )


def _names(repository: Repository) -> dict[int, str]:
    return {node.id: node.name for node in repository.nodes.all()}


_RULES: tuple[Callable[[Repository], Iterator[Finding]], ...] = (
    _file,
    _dangling,
    _nodes,
    _subnets,
    _interfaces,
    _vms,
    _disks,
    _clusters,
)
