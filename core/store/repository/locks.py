"""VMs held by a job or an operator, visible to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from core.store import schema
from core.store.clock import as_moment, now_text
from core.store.records import LockRecord
from core.store.repository.base import Part

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow, AnySelect

_t, _n = schema.vm_locks, schema.nodes


class Locks(Part):
    """Rows of `vm_locks`: at most one a VM."""

    def all(self) -> list[LockRecord]:
        """Every lock in order of taking."""
        return [_lock(row) for row in self._connection.execute(_select().order_by(_t.c.id))]

    def holder(self, node_id: int) -> LockRecord | None:
        """Who holds this VM (`node_id` is the VM's `nodes.id`), or None."""
        row = self._connection.execute(_select().where(_t.c.node == node_id)).one_or_none()
        return _lock(row) if row else None

    def take(
        self, node_id: int, *, owner: str, reason: str, pid: int, host: str, job: int | None = None
    ) -> LockRecord | None:
        """Lock a VM. Returns None when it is ours now, or the lock that stands in the way."""
        self._rows.must_write()
        held = self.holder(node_id)
        if held is not None:
            return held
        values: dict[str, object] = {
            "node": node_id,
            "owner": owner,
            "reason": reason,
            "job": job,
            "pid": pid,
            "host": host,
            "since": now_text(),
        }
        self._rows.insert(_t, values)
        return None

    def release(self, node_id: int, *, job: int | None = None) -> bool:
        """Unlock a VM, when `job` is given only if that job holds it; False when it was not held so."""
        self._rows.must_write()
        statement = delete(_t).where(_t.c.node == node_id)
        if job is not None:
            statement = statement.where(_t.c.job == job)
        return self._connection.execute(statement).rowcount > 0


def _select() -> AnySelect:
    return select(
        _t.c.node, _n.c.name, _t.c.owner, _t.c.reason, _t.c.job, _t.c.pid, _t.c.host, _t.c.since
    ).select_from(_t.join(_n, _t.c.node == _n.c.id))


def _lock(row: AnyRow) -> LockRecord:
    return LockRecord(row.node, row.name, row.owner, row.reason, row.job, row.pid, row.host, as_moment(row.since))
