"""Rows of `partitions`: what nodes reported of their disks."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import TypedDict, Unpack

from sqlalchemy import delete, insert, select

from core.store import schema
from core.store.clock import as_moment, now_text
from core.store.partition_records import PartitionReport
from core.store.records import Partition
from core.store.repository.base import Part

_t, _h, _p = schema.partitions, schema.partition_history, schema.disk_policies


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


_NAMES = list(PartitionColumns.__annotations__)


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

    def history(self, node_id: int) -> list[PartitionReport]:
        """What was saved of a node before, the oldest first."""
        rows = self._connection.execute(select(_h).where(_h.c.node == node_id).order_by(_h.c.id))
        return [
            PartitionReport(
                row.node,
                as_moment(row.at),
                row.reason,
                tuple(Partition(0, node_id, *one) for one in json.loads(row.rows)),
            )
            for row in rows
        ]

    def _remember(self, node_id: int, reason: str) -> None:
        """Keep what is saved now before it goes."""
        found = [[getattr(one, name) for name in _NAMES] for one in self.of_node(node_id)]
        if found:
            self._rows.insert(
                _h,
                {"node": node_id, "at": now_text(), "reason": reason, "rows": json.dumps(found, ensure_ascii=False)},
            )

    def replace(self, node_id: int, partitions: Sequence[PartitionColumns]) -> None:
        """Put a node's new report in place of the old one."""
        self._rows.must_write()
        self._remember(node_id, "a new report")
        # The node was installed: what was allowed once for that is preserved again.
        self._connection.execute(delete(_p).where(_p.c.node == node_id, _p.c.policy == "once"))
        self._connection.execute(delete(_t).where(_t.c.node == node_id))
        if partitions:
            rows = [{name: dict(one).get(name, "") for name in _NAMES} | {"node": node_id} for one in partitions]
            self._connection.execute(insert(_t), rows)

    def forget_disks(self, node_id: int, disks: Collection[str]) -> int:
        """Remove what is saved of some disks, arrays with members on them included; return how many rows."""
        gone = [one for one in self.of_node(node_id) if _is_on(one, disks)]
        if gone:
            self._remember(node_id, "released")
            self._connection.execute(delete(_t).where(_t.c.id.in_([one.id for one in gone])))
        return len(gone)

    def remove(self, node_id: int, *, device: str | None = None, mountpoint: str | None = None) -> int:
        """Remove a node's partitions, or only those of a device or mount point; return how many."""
        self._rows.must_write()
        self._remember(node_id, "removed")
        statement = delete(_t).where(_t.c.node == node_id)
        if device is not None:
            statement = statement.where(_t.c.device == device)
        if mountpoint is not None:
            statement = statement.where(_t.c.mountpoint == mountpoint)
        return self._connection.execute(statement).rowcount


def _is_on(one: Partition, disks: Collection[str]) -> bool:
    """A partition's name is its disk's and a number, with a ``p`` between behind a digit."""
    devices = [one.device.removeprefix("/dev/")]
    if devices[0].startswith("md"):
        devices = [word.removeprefix("raid.") for word in one.partitionflags.split()]
    return any(
        device == disk or re.fullmatch(rf"{re.escape(disk)}p?\d+", device) is not None
        for device in devices
        for disk in disks
    )
