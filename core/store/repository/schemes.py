"""Rows of `partition_schemes` and `disk_policies`: what decides how nodes are partitioned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select

from core.errors import StoreConflict
from core.store import schema
from core.store.clock import as_moment, now_text
from core.store.partition_records import DiskPolicyRecord, SchemeRecord, SchemeScope
from core.store.repository.base import Part

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow

_s, _p = schema.partition_schemes, schema.disk_policies

MOST_TEXT = 256 * 1024
"""Characters of a scheme's text."""

REMOVED = "none"
ONCE = "once"


class Schemes(Part):
    """Versions of schemes. Nothing is ever changed or deleted: a removal is a version too."""

    def current(self) -> list[SchemeRecord]:
        """The version in force of every scope that has one, in order of their ids."""
        newest = (
            select(_s.c.scope, _s.c.target, func.max(_s.c.version).label("version"))
            .group_by(_s.c.scope, _s.c.target)
            .subquery()
        )
        same = and_(_s.c.scope == newest.c.scope, _s.c.target == newest.c.target, _s.c.version == newest.c.version)
        statement = select(_s).join(newest, same).where(_s.c.kind != REMOVED).order_by(_s.c.id)
        return [_scheme(row) for row in self._connection.execute(statement)]

    def versions(self, scope: SchemeScope, target: str) -> list[SchemeRecord]:
        """Every version of a scope's scheme, the oldest first."""
        statement = select(_s).where(_s.c.scope == scope.value, _s.c.target == target).order_by(_s.c.version)
        return [_scheme(row) for row in self._connection.execute(statement)]

    def all(self) -> list[SchemeRecord]:
        """Every version of everything, in order of time."""
        return [_scheme(row) for row in self._connection.execute(select(_s).order_by(_s.c.id))]

    def find(self, scope: SchemeScope, target: str, version: int | None = None) -> SchemeRecord | None:
        """One version, or the one in force; None when there is none (any more)."""
        found = self.versions(scope, target)
        if version is not None:
            return next((one for one in found if one.version == version), None)
        return found[-1] if found and found[-1].kind != REMOVED else None

    def add(
        self,
        scope: SchemeScope,
        target: str,
        *,
        kind: str,
        text: str = "",
        interpreter: str = "",
        who: str,
        note: str = "",
    ) -> SchemeRecord:
        """Put a new version in force and return it.

        Raises:
            StoreConflict: The text is larger than `MOST_TEXT`.
        """
        if len(text) > MOST_TEXT:
            raise StoreConflict("the store refuses a scheme", f"it has more than {MOST_TEXT // 1024} KiB")
        found = self.versions(scope, target)
        version = found[-1].version + 1 if found else 1
        values: dict[str, object] = {"scope": scope.value, "target": target, "version": version, "kind": kind}
        values |= {"text": text, "interpreter": interpreter, "who": who, "at": now_text(), "note": note}
        self._rows.insert(_s, values)
        return self.versions(scope, target)[-1]

    def remove(self, scope: SchemeScope, target: str, *, who: str) -> bool:
        """Put "no scheme" in force; False when there was none."""
        if self.find(scope, target) is None:
            return False
        self.add(scope, target, kind=REMOVED, who=who)
        return True


class DiskPolicies(Part):
    """Policies of single disks."""

    def all(self) -> dict[int, dict[str, DiskPolicyRecord]]:
        """Node id → disk → policy."""
        found: dict[int, dict[str, DiskPolicyRecord]] = {}
        for row in self._connection.execute(select(_p).order_by(_p.c.id)):
            one = DiskPolicyRecord(row.node, row.disk, row.policy, row.who, as_moment(row.at))
            found.setdefault(row.node, {})[row.disk] = one
        return found

    def of_node(self, node_id: int) -> dict[str, DiskPolicyRecord]:
        """Disk → policy."""
        return self.all().get(node_id, {})

    def set(self, node_id: int, disk: str, policy: str, *, who: str) -> None:
        """Set a disk's policy, in place of an earlier one."""
        self.remove(node_id, disk)
        self._rows.insert(_p, {"node": node_id, "disk": disk, "policy": policy, "who": who, "at": now_text()})

    def remove(self, node_id: int, disk: str | None = None) -> int:
        """Forget a disk's policy, or all of a node's; return how many."""
        self._rows.must_write()
        statement = delete(_p).where(_p.c.node == node_id)
        return self._connection.execute(statement if disk is None else statement.where(_p.c.disk == disk)).rowcount

    def use_up(self, node_id: int) -> int:
        """The node was installed: what was allowed once is preserved again. Return how many disks."""
        self._rows.must_write()
        return self._connection.execute(delete(_p).where(_p.c.node == node_id, _p.c.policy == ONCE)).rowcount


def _scheme(row: AnyRow) -> SchemeRecord:
    return SchemeRecord(
        row.id, SchemeScope(row.scope), row.target, row.version, row.kind, row.text or "", row.interpreter, row.who,
        as_moment(row.at), row.note,
    )  # fmt: skip
