"""Installs: tickets, history, reports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables; MariaDB may have kept some of them from an interrupted attempt."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    for name, make in (("installs", _installs), ("install_events", _events), ("install_reports", _reports)):
        if name not in there:
            make()


def _installs() -> None:
    op.create_table(
        "installs",
        _id(),
        sa.Column("node", sa.Integer, sa.ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False, index=True),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(32), nullable=False),
        sa.Column("heard", sa.String(32)),
        sa.Column("ended", sa.String(32)),
        sa.Column("asked", sa.String(64), nullable=False, server_default=""),
        sa.Column("text", _long_text()),
        sa.Column("detail", sa.Text),
        **_OPTIONS,
    )


def _events() -> None:
    op.create_table(
        "install_events",
        _id(),
        _install(),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text),
        **_OPTIONS,
    )


def _reports() -> None:
    op.create_table(
        "install_reports",
        _id(),
        _install(),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("body", _long_text(), nullable=False),
        **_OPTIONS,
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _install() -> sa.Column[int]:
    link = sa.ForeignKey("installs.id", ondelete="CASCADE")
    return sa.Column("install", sa.Integer, link, nullable=False, index=True)


def _long_text() -> sa.Text:
    return sa.Text().with_variant(sa.Text(2**24 - 1), "mysql", "mariadb")


_OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}
