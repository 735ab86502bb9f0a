"""Virtual clusters. Rocks knew a cluster only by its shared VLAN id; here it is a row of its own."""

from __future__ import annotations

from sqlalchemy import delete, select

from core.store import schema
from core.store.records import Cluster
from core.store.repository.base import Part

_c, _m, _n = schema.clusters, schema.cluster_members, schema.nodes


class Clusters(Part):
    """`clusters` and `cluster_members`."""

    def all(self) -> list[Cluster]:
        """Every cluster in order of id."""
        members: dict[int, list[int]] = {}
        for cluster, node in self._connection.execute(select(_m.c.cluster, _m.c.node).order_by(_m.c.id)):
            members.setdefault(cluster, []).append(node)
        statement = (
            select(_c.c.id, _c.c.name, _c.c.frontend, _n.c.name.label("frontend_name"), _c.c.vlanid)
            .select_from(_c.join(_n, _c.c.frontend == _n.c.id))
            .order_by(_c.c.id)
        )
        return [Cluster(*row, members=tuple(members.get(row[0], ()))) for row in self._connection.execute(statement)]

    def find(self, name: str) -> Cluster | None:
        """The cluster of this name or with a frontend of this name, or None."""
        folded = name.casefold()
        known = self.all()
        return next((one for one in known if one.name.casefold() == folded), None) or next(
            (one for one in known if one.frontend.casefold() == folded), None
        )

    def add(self, name: str, frontend_id: int, vlanid: int) -> int:
        """Add a cluster with its frontend as first member; return its id.

        Raises:
            StoreConflict: Name, frontend or VLAN belong to another cluster.
        """
        number = self._rows.insert(_c, {"name": name, "frontend": frontend_id, "vlanid": vlanid})
        self.add_member(number, frontend_id)
        return number

    def add_member(self, cluster_id: int, node_id: int) -> None:
        """Add a VM to a cluster. Raises StoreConflict when it belongs to one."""
        self._rows.insert(_m, {"cluster": cluster_id, "node": node_id})

    def remove_member(self, node_id: int) -> None:
        """Take a VM out of its cluster."""
        self._rows.must_write()
        self._connection.execute(delete(_m).where(_m.c.node == node_id))

    def remove(self, cluster_id: int) -> None:
        """Remove a cluster and its memberships; the VMs stay."""
        self._rows.must_write()
        self._connection.execute(delete(_m).where(_m.c.cluster == cluster_id))
        self._connection.execute(delete(_c).where(_c.c.id == cluster_id))
