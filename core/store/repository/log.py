"""The action log: who did what when, and how it ended."""

from __future__ import annotations

from sqlalchemy import select

from core.store import schema
from core.store.clock import as_moment, now_text
from core.store.records import LogEntry
from core.store.repository.base import Part

_l = schema.action_log


class Log(Part):
    """Rows of `action_log`. Write them with ``store.begin(counts=False)`` when nothing else changes."""

    def add(self, *, who: str, host: str, what: str, target: str = "", result: str = "ok", detail: str = "") -> int:
        """Record an action that ended now; return its id.

        Args:
            who: The operator's login name.
            host: Where it was run.
            what: The command line.
            target: The node or nodes it was about.
            result: ``ok``, ``failed`` or ``refused``.
            detail: Why, when it was not ok.
        """
        return self._rows.insert(
            _l,
            {
                "at": now_text(),
                "who": who,
                "host": host,
                "what": what,
                "target": target,
                "result": result,
                "detail": detail,
            },
        )

    def recent(self, limit: int = 100, *, who: str | None = None, target: str | None = None) -> list[LogEntry]:
        """The last entries, newest first; of one operator or about one node when asked."""
        statement = select(_l).order_by(_l.c.id.desc())
        if who is not None:
            statement = statement.where(_l.c.who == who)
        if target is not None:
            statement = statement.where(_l.c.target == target)
        return [
            LogEntry(
                row.id,
                as_moment(row.at),
                row.who,
                row.host,
                row.what,
                row.target or "",
                row.result,
                row.detail or "",
            )
            for row in self._connection.execute(statement.limit(limit))
        ]
