"""Installs: tickets, their history and the nodes' reports.

Only the hash of a ticket's token is kept: who reads the store, or a copy of it, cannot be a node.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import func, select

from core.store import schema
from core.store.clock import as_moment, as_text, now_text
from core.store.install_records import InstallEvent, InstallRecord, InstallReport, InstallStage, ReportKind
from core.store.repository.base import Part

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow, AnySelect

_i, _e, _r, _n = schema.installs, schema.install_events, schema.install_reports, schema.nodes
_OVER = [stage.value for stage in InstallStage if stage.is_over]

MOST_EVENTS = 500
"""Of one install; what a node says after that is not written down."""

MOST_REPORTS = 20
"""Of one install."""

_DETAIL_LENGTH = 4000


class InstallChanges(TypedDict, total=False):
    """Columns of `installs` that may be changed."""

    stage: InstallStage
    text: str
    asked: str
    detail: str


class Installs(Part):
    """Rows of `installs`, `install_events` and `install_reports`."""

    def add(self, node_id: int, *, mac: str, token_hash: str, who: str, expires: datetime) -> int:
        """Write a ticket down; an earlier one of the node that is still open ends as replaced."""
        for earlier in self.open_of(node_id):
            self.change(earlier.id, stage=InstallStage.REPLACED, detail="a newer install was begun")
        values: dict[str, object] = {
            "node": node_id,
            "mac": mac,
            "token_hash": token_hash,
            "who": who,
            "stage": InstallStage.OFFERED.value,
            "created": now_text(),
            "expires": as_text(expires),
        }
        return self._rows.insert(_i, values)

    def find(self, install: int) -> InstallRecord | None:
        """One install, or None."""
        return self._one(_select().where(_i.c.id == install))

    def by_hash(self, token_hash: str) -> InstallRecord | None:
        """The install a token stands for, or None."""
        return self._one(_select().where(_i.c.token_hash == token_hash))

    def open(self) -> list[InstallRecord]:
        """Installs that are not over, oldest first."""
        return self._read(_select().where(_i.c.stage.not_in(_OVER)).order_by(_i.c.id))

    def open_of(self, node_id: int) -> list[InstallRecord]:
        """Those of one node; at most one."""
        return self._read(_select().where((_i.c.node == node_id) & _i.c.stage.not_in(_OVER)).order_by(_i.c.id))

    def of_node(self, node_id: int, limit: int = 20) -> list[InstallRecord]:
        """The last installs of one node, newest first."""
        return self._read(_select().where(_i.c.node == node_id).order_by(_i.c.id.desc()).limit(limit))

    def last_of_each(self) -> dict[int, InstallRecord]:
        """Every node's last install by node id, in one query."""
        newest = select(func.max(_i.c.id)).group_by(_i.c.node)
        return {one.node: one for one in self._read(_select().where(_i.c.id.in_(newest)))}

    def change(self, install: int, **changes: Unpack[InstallChanges]) -> None:
        """Change an install; an end gets its moment."""
        values: dict[str, object] = dict(changes)
        stage = changes.get("stage")
        if stage is not None:
            values["stage"] = stage.value
            if stage.is_over:
                values["ended"] = now_text()
        if "detail" in changes:
            values["detail"] = changes["detail"][:_DETAIL_LENGTH]
        self._rows.change(_i, install, values)

    def renew(self, install: int, token_hash: str) -> None:
        """Another token from now on; the one before is good for nothing."""
        self._rows.change(_i, install, {"token_hash": token_hash})

    def heard(self, install: int) -> None:
        """The node gave a sign of life."""
        self._rows.change(_i, install, {"heard": now_text()})

    def tell(self, install: int, kind: str, detail: str = "") -> None:
        """Add a line to the history; after `MOST_EVENTS` nothing."""
        count = self._connection.scalar(select(func.count()).select_from(_e).where(_e.c.install == install))
        if (count or 0) < MOST_EVENTS:
            values: dict[str, object] = {
                "install": install,
                "at": now_text(),
                "kind": kind,
                "detail": detail[:_DETAIL_LENGTH],
            }
            self._rows.insert(_e, values)

    def events(self, install: int) -> list[InstallEvent]:
        """The history of an install, oldest first."""
        rows = self._connection.execute(select(_e).where(_e.c.install == install).order_by(_e.c.id))
        return [InstallEvent(row.id, row.install, as_moment(row.at), row.kind, row.detail or "") for row in rows]

    def keep_report(self, install: int, kind: ReportKind, body: str) -> bool:
        """Keep a report; False when the install has as many as it may."""
        count = self._connection.scalar(select(func.count()).select_from(_r).where(_r.c.install == install))
        if (count or 0) >= MOST_REPORTS:
            return False
        values: dict[str, object] = {"install": install, "at": now_text(), "kind": kind.value, "body": body}
        self._rows.insert(_r, values)
        return True

    def reports(self, install: int) -> list[InstallReport]:
        """The reports of an install, oldest first."""
        rows = self._connection.execute(select(_r).where(_r.c.install == install).order_by(_r.c.id))
        return [InstallReport(row.id, row.install, as_moment(row.at), ReportKind(row.kind), row.body) for row in rows]

    def last_reports(self) -> dict[int, InstallReport]:
        """What each node reported last, of whatever kind, by node id."""
        newest = select(func.max(_r.c.id)).join(_i, _r.c.install == _i.c.id).group_by(_i.c.node)
        statement = select(_r, _i.c.node).join(_i, _r.c.install == _i.c.id).where(_r.c.id.in_(newest))
        rows = self._connection.execute(statement)
        return {
            row.node: InstallReport(row.id, row.install, as_moment(row.at), ReportKind(row.kind), row.body)
            for row in rows
        }

    def _one(self, statement: AnySelect) -> InstallRecord | None:
        return next(iter(self._read(statement)), None)

    def _read(self, statement: AnySelect) -> list[InstallRecord]:
        return [_install(row) for row in self._connection.execute(statement)]


def _select() -> AnySelect:
    return select(_i, _n.c.name.label("name")).join(_n, _i.c.node == _n.c.id)


def _install(row: AnyRow) -> InstallRecord:
    return InstallRecord(
        row.id,
        row.node,
        row.name,
        row.mac,
        row.who,
        InstallStage(row.stage),
        as_moment(row.created),
        as_moment(row.expires),
        as_moment(row.heard) if row.heard else None,
        as_moment(row.ended) if row.ended else None,
        row.text or "",
        row.asked or "",
        row.detail or "",
    )
