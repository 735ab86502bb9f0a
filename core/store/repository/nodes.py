"""Rows of `nodes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import delete, func, select

from core.errors import StoreConflict
from core.store import schema
from core.store.records import Membership, Node
from core.store.repository.base import Part
from core.store.repository.memberships import Memberships
from core.store.repository.used import forget_interfaces

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow, AnySelect

_n, _m, _a = schema.nodes, schema.memberships, schema.appliances


class NodeChanges(TypedDict, total=False):
    """Columns of `nodes` that may be changed. `membership` is a name."""

    name: str
    membership: str | None
    cpus: int
    rack: int | None
    rank: int | None
    comment: str | None
    arch: str | None
    os: str | None
    runaction: str | None
    installaction: str | None


class Nodes(Part):
    """Physical and virtual nodes."""

    def all(self) -> list[Node]:
        """Every node in order of id, which is the order of insertion."""
        return [_node(row) for row in self._connection.execute(_select().order_by(_n.c.id)).all()]

    def find(self, name: str) -> Node | None:
        """The node of this name, or None."""
        row = self._connection.execute(_select().where(_n.c.name == name)).one_or_none()
        return _node(row) if row else None

    def get(self, node_id: int) -> Node | None:
        """The node with this id, or None."""
        row = self._connection.execute(_select().where(_n.c.id == node_id)).one_or_none()
        return _node(row) if row else None

    def racks(self) -> tuple[int, int] | None:
        """The lowest and highest rack, None when no node has one."""
        low, high = self._connection.execute(select(func.min(_n.c.rack), func.max(_n.c.rack))).one()
        return None if low is None else (int(low), int(high))

    def add(
        self,
        name: str,
        *,
        membership: str | None,
        cpus: int = 1,
        rack: int | None = None,
        rank: int | None = None,
        comment: str | None = None,
        arch: str | None = None,
        os: str | None = None,
        runaction: str | None = "os",
        installaction: str | None = "install",
    ) -> Node:
        """Add a node. Raises StoreConflict for a taken name or an unknown membership."""
        kind = self._membership(membership)
        values: dict[str, object] = {
            "name": name,
            "membership": kind.id if kind else None,
            "cpus": cpus,
            "rack": rack,
            "rank": rank,
            "comment": comment,
            "arch": arch,
            "os": os,
            "runaction": runaction,
            "installaction": installaction,
        }
        number = self._rows.insert(_n, values)
        return Node(
            number,
            name,
            kind.id if kind else None,
            kind.name if kind else None,
            kind.appliance if kind else None,
            cpus,
            rack,
            rank,
            comment,
            arch,
            os,
            runaction,
            installaction,
        )

    def update(self, node_id: int, **changes: Unpack[NodeChanges]) -> None:
        """Change columns of one node."""
        values: dict[str, object] = dict(changes)
        if "membership" in changes:
            kind = self._membership(changes["membership"])
            values["membership"] = kind.id if kind else None
        self._rows.change(_n, node_id, values)

    def remove(self, node_id: int) -> None:
        """Remove a node with its interfaces, partitions, attributes, routes, boot rows and VM rows.

        Raises:
            StoreConflict: It houses VMs or is the frontend of a cluster.
        """
        self._rows.must_write()
        self._connection.execute(delete(schema.pxeaction).where(schema.pxeaction.c.node == node_id))
        self._connection.execute(delete(_n).where(_n.c.id == node_id))
        forget_interfaces(self._rows)

    def _membership(self, name: str | None) -> Membership | None:
        if name is None:
            return None
        folded = name.casefold()
        for membership in Memberships(self._rows).all():
            if membership.name.casefold() == folded:
                return membership
        raise StoreConflict("the store refuses the change", f'there is no membership "{name}"')


def _select() -> AnySelect:
    return select(
        _n.c.id,
        _n.c.name,
        _n.c.membership,
        _m.c.name.label("membership_name"),
        _a.c.name.label("appliance_name"),
        _n.c.cpus,
        _n.c.rack,
        _n.c.rank,
        _n.c.comment,
        _n.c.arch,
        _n.c.os,
        _n.c.runaction,
        _n.c.installaction,
    ).select_from(_n.outerjoin(_m, _n.c.membership == _m.c.id).outerjoin(_a, _m.c.appliance == _a.c.id))


def _node(row: AnyRow) -> Node:
    return Node(*row)
