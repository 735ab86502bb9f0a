"""Who else has a Quarry open. Rows are kept alive by a heartbeat; a silent one counts as gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update

from core.store import schema
from core.store.clock import as_moment, as_text, now_text
from core.store.records import SessionRecord
from core.store.repository.base import Part

_t = schema.sessions


class Sessions(Part):
    """Rows of `sessions`. Write them with ``store.begin(counts=False)``."""

    def start(self, *, who: str, host: str, tty: str, pid: int) -> int:
        """Announce an operator; return the session's id."""
        now = now_text()
        return self._rows.insert(
            _t, {"who": who, "host": host, "tty": tty, "pid": pid, "since": now, "heartbeat": now}
        )

    def beat(self, session_id: int) -> bool:
        """Say that it is still there; False when its row was removed."""
        self._rows.must_write()
        result = self._connection.execute(update(_t).where(_t.c.id == session_id).values(heartbeat=now_text()))
        return result.rowcount > 0

    def end(self, session_id: int) -> None:
        """It left."""
        self._rows.must_write()
        self._connection.execute(delete(_t).where(_t.c.id == session_id))

    def alive(self, within_s: float) -> list[SessionRecord]:
        """Sessions heard of within so many seconds, oldest first."""
        limit = as_text(datetime.now(UTC) - timedelta(seconds=within_s))
        rows = self._connection.execute(select(_t).where(_t.c.heartbeat >= limit).order_by(_t.c.id))
        return [
            SessionRecord(row.id, row.who, row.host, row.tty, row.pid, as_moment(row.since), as_moment(row.heartbeat))
            for row in rows
        ]

    def forget_silent(self, within_s: float) -> int:
        """Remove sessions not heard of for so many seconds; return how many."""
        self._rows.must_write()
        limit = as_text(datetime.now(UTC) - timedelta(seconds=within_s))
        return self._connection.execute(delete(_t).where(_t.c.heartbeat < limit)).rowcount
