"""Partition schemes, disk policies, and what nodes' partitions were before."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    """Make the three tables; MariaDB may have kept some of them from an interrupted attempt."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    steps = (("partition_schemes", _schemes), ("disk_policies", _policies), ("partition_history", _history))
    for name, make in steps:
        if name not in there:
            make()


def _schemes() -> None:
    op.create_table(
        "partition_schemes",
        _id(),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("target", sa.String(255), nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("text", _long_text()),
        sa.Column("interpreter", sa.String(255), nullable=False, server_default=""),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("note", sa.String(255), nullable=False, server_default=""),
        sa.UniqueConstraint("scope", "target", "version", name="uq_partition_schemes_scope_target_version"),
        **_OPTIONS,
    )


def _policies() -> None:
    op.create_table(
        "disk_policies",
        _id(),
        _node(),
        sa.Column("disk", sa.String(64), nullable=False),
        sa.Column("policy", sa.String(16), nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.UniqueConstraint("node", "disk", name="uq_disk_policies_node_disk"),
        **_OPTIONS,
    )


def _history() -> None:
    op.create_table(
        "partition_history",
        _id(),
        _node(),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("rows", _long_text(), nullable=False),
        **_OPTIONS,
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _node() -> sa.Column[int]:
    return sa.Column("node", sa.Integer, sa.ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, index=True)


def _long_text() -> sa.Text:
    return sa.Text().with_variant(sa.Text(2**24 - 1), "mysql", "mariadb")
