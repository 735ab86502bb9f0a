"""Jobs, their steps and their output."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables; MariaDB may have kept some of them from an interrupted attempt."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    for name, make in (("jobs", _jobs), ("job_steps", _job_steps), ("job_output", _job_output)):
        if name not in there:
            make()


def _jobs() -> None:
    op.create_table(
        "jobs",
        _id(),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("host", sa.String(255), nullable=False, server_default=""),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("plan", sa.Text().with_variant(sa.Text(2**24 - 1), "mysql", "mariadb"), nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("backwards", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cancelled", sa.Integer, nullable=False, server_default="0"),
        sa.Column("archived", sa.Integer, nullable=False, server_default="0"),
        sa.Column("worker", sa.String(128), nullable=False, server_default=""),
        sa.Column("worker_host", sa.String(255), nullable=False, server_default=""),
        sa.Column("heartbeat", sa.String(32)),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("began", sa.String(32)),
        sa.Column("ended", sa.String(32)),
        sa.Column("detail", sa.Text),
        **_OPTIONS,
    )


def _job_steps() -> None:
    op.create_table(
        "job_steps",
        _id(),
        _job(),
        sa.Column("target", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("vm", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("began", sa.String(32)),
        sa.Column("ended", sa.String(32)),
        sa.Column("detail", sa.Text),
        sa.Column("kept", sa.Text),
        sa.Column("done_bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("total_bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("rate_bytes_s", sa.BigInteger, nullable=False, server_default="0"),
        sa.UniqueConstraint("job", "target", "number"),
        **_OPTIONS,
    )


def _job_output() -> None:
    op.create_table(
        "job_output",
        _id(),
        _job(),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        **_OPTIONS,
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _job() -> sa.Column[int]:
    return sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True)


_OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}
