"""Rows of `networks`: the interfaces of nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import delete, select

from core.store import schema
from core.store.addresses import normal_ip, normal_mac
from core.store.records import Interface
from core.store.repository.base import Part
from core.store.repository.used import forget_interfaces, note_interface

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow, AnySelect

_i, _s = schema.networks, schema.subnets


class InterfaceChanges(TypedDict, total=False):
    """Columns of `networks` that may be changed or given. `subnet_id` is `subnets.id`."""

    device: str | None
    mac: str | None
    ip: str | None
    netmask: str | None
    gateway: str | None
    name: str | None
    subnet_id: int | None
    module: str | None
    options: str | None
    comment: str | None
    vlanid: int | None
    channel: str | None


class Networks(Part):
    """Interfaces. MACs and IPs are stored in one spelling: lower case, zero padded."""

    def all(self) -> list[Interface]:
        """Every interface in order of id."""
        return self._read(_select().order_by(_i.c.id))

    def of_node(self, node_id: int) -> list[Interface]:
        """The interfaces of one node in order of id."""
        return self._read(_select().where(_i.c.node == node_id).order_by(_i.c.id))

    def of_nodes(self, node_ids: Iterable[int]) -> dict[int, list[Interface]]:
        """The interfaces of several nodes by node id, in one query."""
        wanted = dict.fromkeys(node_ids)
        found: dict[int, list[Interface]] = {node_id: [] for node_id in wanted}
        statement = _select().order_by(_i.c.id)
        if len(wanted) <= 200:
            statement = statement.where(_i.c.node.in_(list(wanted)))
        for interface in self._read(statement):
            if interface.node in found:
                found[interface.node].append(interface)
        return found

    def macs(self) -> dict[int, list[str]]:
        """Every MAC address by node id, in order of id; cheaper than whole interfaces where thousands are listed."""
        found: dict[int, list[str]] = {}
        statement = select(_i.c.node, _i.c.mac).where(_i.c.mac.is_not(None)).order_by(_i.c.id)
        for node_id, mac in self._connection.execute(statement):
            found.setdefault(node_id, []).append(mac)
        return found

    def find_by_mac(self, mac: str) -> Interface | None:
        """The interface with this MAC in any spelling, or None."""
        found = self._read(_select().where(_i.c.mac.in_([normal_mac(mac) or mac, mac])))
        return found[0] if found else None

    def find_by_ip(self, ip: str) -> Interface | None:
        """The interface with this IP, or None."""
        found = self._read(_select().where(_i.c.ip == (normal_ip(ip) or ip)))
        return found[0] if found else None

    def add(self, node_id: int, **columns: Unpack[InterfaceChanges]) -> int:
        """Add an interface and return its id. Raises StoreConflict for a taken MAC or IP."""
        values = _values(columns)
        values["node"] = node_id
        number = self._rows.insert(_i, values)
        note_interface(self._rows, values.get("mac"), values.get("ip"))
        return number

    def update(self, interface_id: int, **changes: Unpack[InterfaceChanges]) -> None:
        """Change columns of one interface."""
        self._rows.change(_i, interface_id, _values(changes))
        forget_interfaces(self._rows)

    def remove(self, interface_id: int) -> None:
        """Remove one interface."""
        self._rows.must_write()
        self._connection.execute(delete(_i).where(_i.c.id == interface_id))
        forget_interfaces(self._rows)

    def _read(self, statement: AnySelect) -> list[Interface]:
        return [_interface(row) for row in self._connection.execute(statement).all()]


def _values(columns: InterfaceChanges) -> dict[str, object]:
    values: dict[str, object] = dict(columns)
    if "subnet_id" in values:
        values["subnet"] = values.pop("subnet_id")
    mac, ip = columns.get("mac"), columns.get("ip")
    if mac is not None:
        values["mac"] = normal_mac(mac) or mac
    if ip is not None:
        values["ip"] = normal_ip(ip) or ip
    return values


def _select() -> AnySelect:
    return select(
        _i.c.id,
        _i.c.node,
        _i.c.device,
        _i.c.mac,
        _i.c.ip,
        _i.c.netmask,
        _i.c.gateway,
        _i.c.name,
        _i.c.subnet,
        _s.c.name.label("subnet_name"),
        _i.c.module,
        _i.c.options,
        _i.c.comment,
        _i.c.vlanid,
        _i.c.channel,
    ).select_from(_i.outerjoin(_s, _i.c.subnet == _s.c.id))


def _interface(row: AnyRow) -> Interface:
    return Interface(*row)
