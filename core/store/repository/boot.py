"""What a node does when it boots: `boot` and `bootaction` (Rocks 5.2+), `pxeboot` and `pxeaction` (Rocks 5.0)."""

from __future__ import annotations

from sqlalchemy import Table, select, update

from core.store import schema
from core.store.records import BootAction, PxeAction
from core.store.repository.base import Part

_b, _a, _pb, _pa = schema.boot, schema.bootaction, schema.pxeboot, schema.pxeaction


class Boot(Part):
    """Boot rows by node id, and the named actions they stand for."""

    def actions(self) -> dict[int, str]:
        """What each node boots next (``install``, ``os``…), by node id; nodes without a row are absent."""
        return {row.node: row.action for row in self._connection.execute(select(_b.c.node, _b.c.action))}

    def action(self, node_id: int) -> str | None:
        """What one node boots next, or None."""
        return self._connection.scalar(select(_b.c.action).where(_b.c.node == node_id))

    def set_action(self, node_id: int, action: str) -> None:
        """Say what a node boots next."""
        self._put(_b, node_id, action)

    def pxe_actions(self) -> dict[int, str]:
        """`pxeboot` by node id."""
        return {node: action or "" for node, action in self._connection.execute(select(_pb.c.node, _pb.c.action))}

    def set_pxe_action(self, node_id: int, action: str) -> None:
        """Write a node's `pxeboot` row."""
        self._put(_pb, node_id, action)

    def pxe_rules(self) -> list[PxeAction]:
        """Every row of `pxeaction` in order of id."""
        rows = self._connection.execute(select(_pa).order_by(_pa.c.id))
        return [PxeAction(row.id, row.node, row.action or "", row.command or "", row.args or "") for row in rows]

    def add_pxe_rule(self, node_id: int, action: str, command: str, args: str) -> int:
        """Add a row of `pxeaction`; node 0 stands for every node."""
        return self._rows.insert(_pa, {"node": node_id, "action": action, "command": command, "args": args})

    def bootactions(self) -> list[BootAction]:
        """Every named action in order of id."""
        rows = self._connection.execute(select(_a).order_by(_a.c.id))
        return [BootAction(row.id, row.action, row.kernel or "", row.ramdisk or "", row.args or "") for row in rows]

    def find_bootaction(self, action: str) -> BootAction | None:
        """The named action, or None."""
        return next((one for one in self.bootactions() if one.action.casefold() == action.casefold()), None)

    def set_bootaction(self, action: str, kernel: str, ramdisk: str, args: str) -> None:
        """Add a named action or replace it."""
        self._rows.must_write()
        values = {"kernel": kernel, "ramdisk": ramdisk, "args": args}
        if self.find_bootaction(action) is None:
            self._rows.insert(_a, {"action": action, **values})
        else:
            self._connection.execute(update(_a).where(_a.c.action == action).values(values))

    def _put(self, table: Table, node_id: int, action: str) -> None:
        self._rows.must_write()
        if self._connection.scalar(select(table.c.id).where(table.c.node == node_id)) is None:
            self._rows.insert(table, {"node": node_id, "action": action})
        else:
            self._connection.execute(update(table).where(table.c.node == node_id).values(action=action))
