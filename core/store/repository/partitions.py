"""Rows of `partitions`: what nodes reported of their disks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from sqlalchemy import delete, insert, select

from core.store import schema
from core.store.records import Partition
from core.store.repository.base import Part

_t = schema.partitions


class PartitionColumns(TypedDict, total=False):
    """Columns of `partitions`; what is left out is empty."""

    device: str
    mountpoint: str
    sectorstart: str
    partitionsize: str
    partitionid: str
    fstype: str
    partitionflags: str
    formatflags: str


class Partitions(Part):
    """Partitions of nodes, as texts."""

    def all(self) -> dict[int, list[Partition]]:
        """Every partition by node id, in order of id."""
        found: dict[int, list[Partition]] = {}
        for row in self._connection.execute(select(_t).where(_t.c.node.is_not(None)).order_by(_t.c.id)):
            found.setdefault(row.node, []).append(Partition(*row))
        return found

    def of_node(self, node_id: int) -> list[Partition]:
        """The partitions of one node in order of id."""
        rows = self._connection.execute(select(_t).where(_t.c.node == node_id).order_by(_t.c.id))
        return [Partition(*row) for row in rows]

    def add(self, node_id: int, **columns: Unpack[PartitionColumns]) -> int:
        """Add one partition; return its id."""
        return self._rows.insert(_t, {"node": node_id, **columns})

    def replace(self, node_id: int, partitions: Sequence[PartitionColumns]) -> None:
        """Put a node's new report in place of the old one."""
        self.remove(node_id)
        if partitions:
            names = list(PartitionColumns.__annotations__)
            rows = [{name: dict(one).get(name, "") for name in names} | {"node": node_id} for one in partitions]
            self._connection.execute(insert(_t), rows)

    def remove(self, node_id: int, *, device: str | None = None, mountpoint: str | None = None) -> int:
        """Remove a node's partitions, or only those of a device or mount point; return how many."""
        self._rows.must_write()
        statement = delete(_t).where(_t.c.node == node_id)
        if device is not None:
            statement = statement.where(_t.c.device == device)
        if mountpoint is not None:
            statement = statement.where(_t.c.mountpoint == mountpoint)
        return self._connection.execute(statement).rowcount
