"""Quarry's own tables: clusters, the action log, who is here, jobs with their journals, installs, schemes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from core.store.schema.columns import LongText, identity, link, metadata, nocase, table

store_state = Table(
    "store_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("identity", String(36), nullable=False),
)
"""One row. `revision` grows with every write transaction; the row is also the mutex of writers."""

schema_revision = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), primary_key=True),
)
"""Alembic's own table, declared so that opening a store need not load Alembic."""

clusters = table(
    "clusters",
    identity(),
    Column("name", nocase(128), nullable=False, unique=True),
    Column("frontend", Integer, ForeignKey("nodes.id"), nullable=False, unique=True),
    Column("vlanid", Integer, nullable=False, unique=True),
)

cluster_members = table(
    "cluster_members",
    identity(),
    link("cluster", "clusters.id", ondelete="CASCADE", nullable=False),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
)

action_log = table(
    "action_log",
    identity(),
    Column("at", String(32), nullable=False, index=True),
    Column("who", String(128), nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    Column("what", Text, nullable=False),
    Column("target", Text),
    Column("result", String(32), nullable=False),
    Column("detail", Text),
)

sessions = table(
    "sessions",
    identity(),
    Column("who", String(128), nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    Column("tty", String(64), nullable=False, server_default=""),
    Column("pid", Integer, nullable=False),
    Column("since", String(32), nullable=False),
    Column("heartbeat", String(32), nullable=False),
)

vm_locks = table(
    "vm_locks",
    identity(),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("owner", String(128), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("job", Integer),
    Column("pid", Integer, nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    Column("since", String(32), nullable=False),
)

jobs = table(
    "jobs",
    identity(),
    Column("who", String(128), nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    Column("verb", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("plan", LongText(), nullable=False),
    Column("options", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("backwards", Integer, nullable=False, server_default="0"),
    Column("cancelled", Integer, nullable=False, server_default="0"),
    Column("archived", Integer, nullable=False, server_default="0"),
    Column("worker", String(128), nullable=False, server_default=""),
    Column("worker_host", String(255), nullable=False, server_default=""),
    Column("heartbeat", String(32)),
    Column("created", String(32), nullable=False),
    Column("began", String(32)),
    Column("ended", String(32)),
    Column("detail", Text),
)
"""Long operations. `worker` is the mark of the process that carries one out (`core.jobs.process`)."""

job_steps = table(
    "job_steps",
    identity(),
    link("job", "jobs.id", ondelete="CASCADE", nullable=False),
    Column("target", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("vm", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("began", String(32)),
    Column("ended", String(32)),
    Column("detail", Text),
    Column("kept", Text),
    Column("done_bytes", BigInteger, nullable=False, server_default="0"),
    Column("total_bytes", BigInteger, nullable=False, server_default="0"),
    Column("rate_bytes_s", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("job", "target", "number"),
)
"""The journal: a step is marked here before it is done and after. `kept` is what a step noted for its undoing."""

job_output = table(
    "job_output",
    identity(),
    link("job", "jobs.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("line", Text, nullable=False),
)

installs = table(
    "installs",
    identity(),
    link("node", "nodes.id", ondelete="CASCADE", nullable=False),
    Column("mac", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("who", String(128), nullable=False),
    Column("stage", String(16), nullable=False, index=True),
    Column("created", String(32), nullable=False),
    Column("expires", String(32), nullable=False),
    Column("heard", String(32)),
    Column("ended", String(32)),
    Column("asked", String(64), nullable=False, server_default=""),
    Column("text", LongText()),
    Column("detail", Text),
)
"""Tickets for nodes that install themselves. The token itself is never stored."""

install_events = table(
    "install_events",
    identity(),
    link("install", "installs.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("detail", Text),
)

install_reports = table(
    "install_reports",
    identity(),
    link("install", "installs.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("body", LongText(), nullable=False),
)

partition_schemes = table(
    "partition_schemes",
    identity(),
    Column("scope", String(16), nullable=False),
    Column("target", String(255), nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("text", LongText()),
    Column("interpreter", String(255), nullable=False, server_default=""),
    Column("who", String(128), nullable=False),
    Column("at", String(32), nullable=False),
    Column("note", String(255), nullable=False, server_default=""),
    UniqueConstraint("scope", "target", "version"),
)
"""Every version of every scheme; a removal is a version of kind ``none``."""

disk_policies = table(
    "disk_policies",
    identity(),
    link("node", "nodes.id", ondelete="CASCADE", nullable=False),
    Column("disk", String(64), nullable=False),
    Column("policy", String(16), nullable=False),
    Column("who", String(128), nullable=False),
    Column("at", String(32), nullable=False),
    UniqueConstraint("node", "disk"),
)

partition_history = table(
    "partition_history",
    identity(),
    link("node", "nodes.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("rows", LongText(), nullable=False),
)
"""A node's saved partitions, as JSON, each time before they were replaced or removed."""
