"""Nodes, their interfaces, partitions and boot rows."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from core.store import schema
from core.store.rocks_import.dump import Row
from core.store.rocks_import.taker import Taker, as_int, clipped, text_or_none

_MOST_VLAN = 4095


def take_nodes(taker: Taker) -> None:
    """`nodes`. Of two with one name, the first in order of id counts."""
    memberships = taker.ids.get("memberships", {})
    ids = taker.ids.setdefault("nodes", {})
    seen = taker.names.setdefault("nodes", set())
    for row in taker.source("nodes"):
        old, name = as_int(row.get("id")), text_or_none(row.get("name"))
        label = f'"{name}"' if name else f"id {old}"
        if name is None:
            taker.refuse("nodes", label, "it has no name")
            continue
        if name.casefold() in seen:
            taker.refuse("nodes", f"{label} (id {old})", "an earlier node has the same name")
            continue
        seen.add(name.casefold())
        membership = as_int(row.get("membership"))
        if membership is not None and membership not in memberships:
            taker.change("nodes", label, f"membership {membership} does not exist; the node has none now")
        number = taker.put(schema.nodes, {"name": name[:128]}, _node_values(taker, row, label, memberships))
        if old is not None:
            ids[old] = number


def _node_values(taker: Taker, row: Row, label: str, memberships: dict[int, int]) -> dict[str, object]:
    membership = as_int(row.get("membership"))
    cpus = taker.integer(row, "cpus", "nodes", label, otherwise=1)
    if cpus is not None and cpus < 1:
        taker.change("nodes", label, f"it had {cpus} CPUs; now 1")
        cpus = 1
    values: dict[str, object] = {
        "membership": memberships.get(membership) if membership is not None else None,
        "cpus": cpus,
        "rack": taker.integer(row, "rack", "nodes", label, otherwise=None),
        "rank": taker.integer(row, "rank", "nodes", label, otherwise=None),
    }
    for name, length in (("comment", 128), ("arch", 32), ("os", 64), ("runaction", 64), ("installaction", 64)):
        if name in row:
            values[name] = clipped(text_or_none(row[name]), length)
    return values


class _Addresses:
    """Which interface of the store, or of this import, has a MAC or IP."""

    def __init__(self, taker: Taker) -> None:
        table = schema.networks
        self.owners: dict[str, int] = {}
        for number, mac, ip in taker.connection.execute(select(table.c.id, table.c.mac, table.c.ip)):
            self.note(number, mac, ip)

    def note(self, number: int, *addresses: str | None) -> None:
        for address in addresses:
            if address:
                self.owners[address.lower()] = number

    def taken(self, address: str, number: int | None) -> bool:
        owner = self.owners.get(address.lower())
        return owner is not None and owner != number


def take_networks(taker: Taker) -> None:
    """`networks`. A MAC or IP that another interface has is left out of the later row."""
    nodes = taker.ids.get("nodes", {})
    addresses = _Addresses(taker)
    names = {number: name for name, number in _node_names(taker).items()}
    matched: set[int] = set()
    for row in taker.source("networks"):
        node = nodes.get(as_int(row.get("node")) or 0)
        device = text_or_none(row.get("device"))
        if node is None:
            label = f"id {row.get('id')} ({device}, {row.get('mac')})"
            taker.refuse("networks", label, f"its node {row.get('node')} does not exist")
            continue
        _take_interface(taker, row, node, f"{names[node]} {device or '-'}", addresses, matched)


def _take_interface(taker: Taker, row: Row, node: int, label: str, addresses: _Addresses, matched: set[int]) -> None:
    mac, ip = taker.mac(row, label), taker.ip(row, "ip", label)
    device = clipped(text_or_none(row.get("device")), 32)
    number = _existing(taker, node, device, mac, matched)
    if mac is not None and addresses.taken(mac, number):
        taker.change("networks", label, f"the MAC {mac} belongs to another interface and was left out")
        mac = None
    if ip is not None and addresses.taken(ip, number):
        taker.change("networks", label, f"the IP {ip} belongs to another interface and was left out")
        ip = None
    values = _interface_values(taker, row, label) | {"node": node, "device": device, "mac": mac, "ip": ip}
    table = schema.networks
    if number is None:
        number = taker.add(table, values)
    else:
        now = taker.connection.execute(select(table).where(table.c.id == number)).one()
        taker.alter(table, number, dict(now._mapping), values)
    matched.add(number)
    addresses.note(number, mac, ip)


def _existing(taker: Taker, node: int, device: str | None, mac: str | None, matched: set[int]) -> int | None:
    """The store's row for this interface: the one with its MAC on that node, else with its device."""
    table = schema.networks
    rows = taker.connection.execute(
        select(table.c.id, table.c.mac, table.c.device).where(table.c.node == node).order_by(table.c.id)
    ).all()
    free = [row for row in rows if row.id not in matched]
    by_mac = [row.id for row in free if mac is not None and row.mac == mac]
    by_device = [row.id for row in free if row.device == device]
    return next(iter(by_mac + by_device), None)


def _interface_values(taker: Taker, row: Row, label: str) -> dict[str, object]:
    values: dict[str, object] = {}
    old = as_int(row.get("subnet"))
    subnet = taker.ids.get("subnets", {}).get(old) if old is not None else None
    if old and subnet is None:
        taker.change("networks", label, f"subnet {old} does not exist; the interface has none now")
    values["subnet"] = subnet
    for name in ("netmask", "gateway"):
        if name in row:
            values[name] = taker.ip(row, name, label)
    for name in ("name", "module", "options", "comment", "channel"):
        if name in row:
            values[name] = clipped(text_or_none(row[name]), 128)
    vlan = taker.integer(row, "vlanid", "networks", label, otherwise=None)
    if vlan is not None and not 0 <= vlan <= _MOST_VLAN:
        taker.change("networks", label, f"VLAN {vlan} is not from 0 to {_MOST_VLAN} and was left out")
        vlan = None
    values["vlanid"] = vlan
    if "disable_kvm" in row:
        values["disable_kvm"] = int(row["disable_kvm"] in ("1", "True", "true"))
    return values


def _node_names(taker: Taker) -> dict[str, int]:
    table = schema.nodes
    return {row.name: row.id for row in taker.connection.execute(select(table.c.id, table.c.name))}


def take_partitions(taker: Taker) -> None:
    """`partitions`: the texts as they are. A node's rows are replaced as a whole when they differ."""
    nodes = taker.ids.get("nodes", {})
    reported: dict[int, list[dict[str, object]]] = {}
    for row in taker.source("partitions"):
        node = nodes.get(as_int(row.get("node")) or 0)
        if node is None:
            label = f"id {row.get('id')} ({row.get('device')})"
            taker.refuse("partitions", label, f"its node {row.get('node')} does not exist")
            continue
        values: dict[str, object] = {name: (row.get(name) or "")[:128] for name in schema.PARTITION_TEXTS}
        reported.setdefault(node, []).append(values | {"node": node})
    table = schema.partitions
    columns = [table.c[name] for name in (*schema.PARTITION_TEXTS, "node")]
    for node, rows in reported.items():
        now = [
            dict(row._mapping)
            for row in taker.connection.execute(select(*columns).where(table.c.node == node).order_by(table.c.id))
        ]
        if now == rows:
            taker.report.unchanged["partitions"] += len(rows)
            continue
        taker.connection.execute(delete(table).where(table.c.node == node))
        taker.connection.execute(insert(table), rows)
        taker.report.updated["partitions"] += min(len(now), len(rows))
        taker.report.added["partitions"] += max(0, len(rows) - len(now))


def take_boot(taker: Taker) -> None:
    """`boot` and `bootaction` (5.2 and later), `pxeboot` and `pxeaction` (5.0 and 5.1)."""
    nodes = taker.ids.get("nodes", {})
    for table in (schema.boot, schema.pxeboot):
        for row in taker.source(table.name):
            node, action = nodes.get(as_int(row.get("node")) or 0), text_or_none(row.get("action"))
            if node is None:
                taker.refuse(table.name, f"action {action}", f"its node {row.get('node')} does not exist")
            elif action is not None:
                taker.put(table, {"node": node}, {"action": action[:64]})
    for row in taker.source("bootaction"):
        action = text_or_none(row.get("action"))
        if action is None:
            taker.refuse("bootaction", f"id {row.get('id')}", "it has no name")
            continue
        values: dict[str, object] = {
            "kernel": clipped(row.get("kernel") or "", 512),
            "ramdisk": clipped(row.get("ramdisk") or "", 512),
            "args": row.get("args") or "",
        }
        taker.put(schema.bootaction, {"action": action[:64]}, values)
    for row in taker.source("pxeaction"):
        old = as_int(row.get("node")) or 0
        if old and old not in nodes:
            taker.refuse("pxeaction", f"action {row.get('action')}", f"its node {old} does not exist")
            continue
        key: dict[str, object] = {"node": nodes.get(old, 0), "action": clipped(row.get("action") or "", 64)}
        taker.put(
            schema.pxeaction, key, {"command": clipped(row.get("command") or "", 512), "args": row.get("args") or ""}
        )
