"""The tables, as SQLAlchemy Core objects.

Rocks' tables keep Rocks' names and columns in lower case (Rocks 5.0 to 7.0, whichever had the column), so rows can be
filled in by hand with plain SQL: every column Rocks' own rows may lack is nullable or has a server default.
Core tables rather than mapped classes: no row object may leave this room anyway, and loading `sqlalchemy.orm` would
cost every command a quarter more of its start-up time.

`HEAD` is the newest migration's revision; `core.store.migrations` brings older stores up to it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)
from sqlalchemy.types import TypeEngine

HEAD = "0005"
"""Revision of the schema below."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# MySQL compared names without regard to case, and Rocks relied on it. PostgreSQL needs a collation of its own.
NOCASE_COLLATION = "quarry_nocase"
CREATE_NOCASE = (
    f"CREATE COLLATION IF NOT EXISTS {NOCASE_COLLATION} "
    "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)
event.listen(
    metadata,
    "before_create",
    DDL(CREATE_NOCASE).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
)


def nocase(length: int) -> String:
    """A text type that compares without regard to case on every database."""
    return (
        String(length)
        .with_variant(String(length, collation="NOCASE"), "sqlite")
        .with_variant(String(length, collation=NOCASE_COLLATION), "postgresql")
        .with_variant(String(length, collation="utf8mb4_general_ci"), "mysql", "mariadb")
    )


def set_mysql_options() -> None:
    """Give every table MySQL's options, before tables are made there.

    Not said where the tables are declared, because naming the dialect there would load it in every program.
    """
    for table in metadata.tables.values():
        for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin")):
            table.kwargs[f"mysql_{option}"] = table.kwargs[f"mariadb_{option}"] = value


def _table(name: str, *items: Column[Any] | UniqueConstraint | Index) -> Table:
    return Table(
        name,
        metadata,
        *items,
        sqlite_autoincrement=True,
    )


class LongText(TypeDecorator[str]):
    """A text that may have megabytes, which MySQL's plain ``TEXT`` may not."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """MySQL's ``LONGTEXT``, plain text elsewhere; the dialect is loaded only where it is in use anyway."""
        if dialect.name not in ("mysql", "mariadb"):
            return super().load_dialect_impl(dialect)
        from sqlalchemy.dialects.mysql import LONGTEXT

        return dialect.type_descriptor(LONGTEXT())


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _link(name: str, target: str, *, ondelete: str | None = None, nullable: bool = True) -> Column[int]:
    return Column(name, Integer, ForeignKey(target, ondelete=ondelete), nullable=nullable, index=True)


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

appliances = _table(
    "appliances",
    _id(),
    Column("name", nocase(64), nullable=False, unique=True),
    Column("shortname", String(32)),
    Column("graph", String(64), server_default="default"),
    Column("node", String(64)),
    Column("os", String(64)),
)

memberships = _table(
    "memberships",
    _id(),
    Column("name", nocase(64), nullable=False, unique=True),
    _link("appliance", "appliances.id"),
    Column("distribution", Integer, server_default="1"),
    Column("compute", String(8)),
    Column("public", String(8)),
)

nodes = _table(
    "nodes",
    _id(),
    Column("name", nocase(128), nullable=False, unique=True),
    _link("membership", "memberships.id"),
    Column("cpus", Integer, nullable=False, server_default="1"),
    Column("rack", Integer),
    Column("rank", Integer),
    Column("comment", String(128)),
    Column("arch", String(32)),
    Column("os", String(64)),
    Column("runaction", String(64), server_default="os"),
    Column("installaction", String(64), server_default="install"),
)

subnets = _table(
    "subnets",
    _id(),
    Column("name", nocase(64), nullable=False, unique=True),
    Column("subnet", String(45), nullable=False),
    Column("netmask", String(45), nullable=False),
    Column("mtu", Integer, server_default="1500"),
    Column("dnszone", String(255)),
    Column("servedns", Integer, nullable=False, server_default="0"),
)

networks = _table(
    "networks",
    _id(),
    _link("node", "nodes.id", ondelete="CASCADE"),
    Column("mac", nocase(64), unique=True),
    Column("ip", String(45), unique=True),
    Column("netmask", String(45)),
    Column("gateway", String(45)),
    Column("name", String(128), index=True),
    Column("device", String(32)),
    _link("subnet", "subnets.id"),
    Column("module", String(128)),
    Column("options", String(128)),
    Column("comment", String(128)),
    Column("vlanid", Integer, index=True),
    Column("channel", String(128)),
    Column("disable_kvm", Integer, nullable=False, server_default="0"),
)

partitions = _table(
    "partitions",
    _id(),
    _link("node", "nodes.id", ondelete="CASCADE"),
    *(
        Column(name, String(128), nullable=False, server_default="")
        for name in (
            "device",
            "mountpoint",
            "sectorstart",
            "partitionsize",
            "partitionid",
            "fstype",
            "partitionflags",
            "formatflags",
        )
    ),
)

vm_nodes = _table(
    "vm_nodes",
    _id(),
    Column("physnode", Integer, ForeignKey("nodes.id")),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("mem", Integer, nullable=False, server_default="1024"),
    Column("slice", Integer, nullable=False, server_default="0"),
    Column("virt_type", String(64)),
    Column("uuid", nocase(36), unique=True),
    Column("cdrom_path", String(512)),
    Column("saved_file", String(512)),
    UniqueConstraint("physnode", "slice"),
)

vm_disks = _table(
    "vm_disks",
    _id(),
    _link("vm_node", "vm_nodes.id", ondelete="CASCADE", nullable=False),
    Column("vbd_type", String(64), nullable=False, server_default="file"),
    Column("prefix", String(512), nullable=False, server_default=""),
    Column("name", String(512), nullable=False, server_default=""),
    Column("device", String(512), nullable=False, server_default=""),
    Column("mode", String(64), nullable=False, server_default="w"),
    Column("size", Integer, nullable=False, server_default="0"),
)

global_attributes = _table(
    "global_attributes",
    _id(),
    Column("attr", nocase(128), nullable=False, unique=True),
    Column("value", Text),
)

appliance_attributes = _table(
    "appliance_attributes",
    _id(),
    _link("appliance", "appliances.id", ondelete="CASCADE", nullable=False),
    Column("attr", nocase(128), nullable=False),
    Column("value", Text),
    UniqueConstraint("appliance", "attr"),
)

node_attributes = _table(
    "node_attributes",
    _id(),
    _link("node", "nodes.id", ondelete="CASCADE", nullable=False),
    Column("attr", nocase(128), nullable=False),
    Column("value", Text),
    UniqueConstraint("node", "attr"),
)


def _routes(name: str, *owner: Column[Any]) -> Table:
    return _table(
        name,
        _id(),
        *owner,
        Column("network", String(45), nullable=False),
        Column("netmask", String(45), nullable=False),
        Column("gateway", String(45)),
        _link("subnet", "subnets.id"),
        UniqueConstraint(*(column.name for column in owner), "network", "netmask"),
    )


global_routes = _routes("global_routes")
appliance_routes = _routes(
    "appliance_routes", _link("appliance", "appliances.id", ondelete="CASCADE", nullable=False)
)
node_routes = _routes("node_routes", _link("node", "nodes.id", ondelete="CASCADE", nullable=False))

boot = _table(
    "boot",
    _id(),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("action", String(64), nullable=False, server_default="os"),
)

bootaction = _table(
    "bootaction",
    _id(),
    Column("action", nocase(64), nullable=False, unique=True),
    Column("kernel", String(512)),
    Column("ramdisk", String(512)),
    Column("args", Text),
)

pxeboot = _table(
    "pxeboot",
    _id(),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("action", String(64)),
)

pxeaction = _table(
    "pxeaction",
    _id(),
    Column("node", Integer, nullable=False, server_default="0", index=True),
    Column("action", String(64)),
    Column("command", String(512)),
    Column("args", Text),
)
"""No foreign key: node 0 stands for every node, as in Rocks."""

clusters = _table(
    "clusters",
    _id(),
    Column("name", nocase(128), nullable=False, unique=True),
    Column("frontend", Integer, ForeignKey("nodes.id"), nullable=False, unique=True),
    Column("vlanid", Integer, nullable=False, unique=True),
)

cluster_members = _table(
    "cluster_members",
    _id(),
    _link("cluster", "clusters.id", ondelete="CASCADE", nullable=False),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
)

action_log = _table(
    "action_log",
    _id(),
    Column("at", String(32), nullable=False, index=True),
    Column("who", String(128), nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    Column("what", Text, nullable=False),
    Column("target", Text),
    Column("result", String(32), nullable=False),
    Column("detail", Text),
)

sessions = _table(
    "sessions",
    _id(),
    Column("who", String(128), nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    Column("tty", String(64), nullable=False, server_default=""),
    Column("pid", Integer, nullable=False),
    Column("since", String(32), nullable=False),
    Column("heartbeat", String(32), nullable=False),
)

vm_locks = _table(
    "vm_locks",
    _id(),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("owner", String(128), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("job", Integer),
    Column("pid", Integer, nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    Column("since", String(32), nullable=False),
)

jobs = _table(
    "jobs",
    _id(),
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

job_steps = _table(
    "job_steps",
    _id(),
    _link("job", "jobs.id", ondelete="CASCADE", nullable=False),
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

job_output = _table(
    "job_output",
    _id(),
    _link("job", "jobs.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("line", Text, nullable=False),
)

installs = _table(
    "installs",
    _id(),
    _link("node", "nodes.id", ondelete="CASCADE", nullable=False),
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

install_events = _table(
    "install_events",
    _id(),
    _link("install", "installs.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("detail", Text),
)

install_reports = _table(
    "install_reports",
    _id(),
    _link("install", "installs.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("body", LongText(), nullable=False),
)

partition_schemes = _table(
    "partition_schemes",
    _id(),
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

disk_policies = _table(
    "disk_policies",
    _id(),
    _link("node", "nodes.id", ondelete="CASCADE", nullable=False),
    Column("disk", String(64), nullable=False),
    Column("policy", String(16), nullable=False),
    Column("who", String(128), nullable=False),
    Column("at", String(32), nullable=False),
    UniqueConstraint("node", "disk"),
)

partition_history = _table(
    "partition_history",
    _id(),
    _link("node", "nodes.id", ondelete="CASCADE", nullable=False),
    Column("at", String(32), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("rows", LongText(), nullable=False),
)
"""A node's saved partitions, as JSON, each time before they were replaced or removed."""
