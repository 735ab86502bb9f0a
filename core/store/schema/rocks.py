"""Rocks' tables, with Rocks' names and columns in lower case (Rocks 5.0 to 7.0, whichever had the column).

Rows can be filled in by hand with plain SQL: a column that Rocks' own rows may lack is nullable or has a server
default.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from core.store.schema.columns import identity, link, nocase, table

appliances = table(
    "appliances",
    identity(),
    Column("name", nocase(64), nullable=False, unique=True),
    Column("shortname", String(32)),
    Column("graph", String(64), server_default="default"),
    Column("node", String(64)),
    Column("os", String(64)),
)

memberships = table(
    "memberships",
    identity(),
    Column("name", nocase(64), nullable=False, unique=True),
    link("appliance", "appliances.id"),
    Column("distribution", Integer, server_default="1"),
    Column("compute", String(8)),
    Column("public", String(8)),
)

nodes = table(
    "nodes",
    identity(),
    Column("name", nocase(128), nullable=False, unique=True),
    link("membership", "memberships.id"),
    Column("cpus", Integer, nullable=False, server_default="1"),
    Column("rack", Integer),
    Column("rank", Integer),
    Column("comment", String(128)),
    Column("arch", String(32)),
    Column("os", String(64)),
    Column("runaction", String(64), server_default="os"),
    Column("installaction", String(64), server_default="install"),
)

subnets = table(
    "subnets",
    identity(),
    Column("name", nocase(64), nullable=False, unique=True),
    Column("subnet", String(45), nullable=False),
    Column("netmask", String(45), nullable=False),
    Column("mtu", Integer, server_default="1500"),
    Column("dnszone", String(255)),
    Column("servedns", Integer, nullable=False, server_default="0"),
)

networks = table(
    "networks",
    identity(),
    link("node", "nodes.id", ondelete="CASCADE"),
    Column("mac", nocase(64), unique=True),
    Column("ip", String(45), unique=True),
    Column("netmask", String(45)),
    Column("gateway", String(45)),
    Column("name", String(128), index=True),
    Column("device", String(32)),
    link("subnet", "subnets.id"),
    Column("module", String(128)),
    Column("options", String(128)),
    Column("comment", String(128)),
    Column("vlanid", Integer, index=True),
    Column("channel", String(128)),
    Column("disable_kvm", Integer, nullable=False, server_default="0"),
)

PARTITION_TEXTS = (
    "device",
    "mountpoint",
    "sectorstart",
    "partitionsize",
    "partitionid",
    "fstype",
    "partitionflags",
    "formatflags",
)
"""Columns of `partitions` that are kept as a node reported them."""

partitions = table(
    "partitions",
    identity(),
    link("node", "nodes.id", ondelete="CASCADE"),
    *(Column(name, String(128), nullable=False, server_default="") for name in PARTITION_TEXTS),
)

vm_nodes = table(
    "vm_nodes",
    identity(),
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

vm_disks = table(
    "vm_disks",
    identity(),
    link("vm_node", "vm_nodes.id", ondelete="CASCADE", nullable=False),
    Column("vbd_type", String(64), nullable=False, server_default="file"),
    Column("prefix", String(512), nullable=False, server_default=""),
    Column("name", String(512), nullable=False, server_default=""),
    Column("device", String(512), nullable=False, server_default=""),
    Column("mode", String(64), nullable=False, server_default="w"),
    Column("size", Integer, nullable=False, server_default="0"),
)

global_attributes = table(
    "global_attributes",
    identity(),
    Column("attr", nocase(128), nullable=False, unique=True),
    Column("value", Text),
)

appliance_attributes = table(
    "appliance_attributes",
    identity(),
    link("appliance", "appliances.id", ondelete="CASCADE", nullable=False),
    Column("attr", nocase(128), nullable=False),
    Column("value", Text),
    UniqueConstraint("appliance", "attr"),
)

node_attributes = table(
    "node_attributes",
    identity(),
    link("node", "nodes.id", ondelete="CASCADE", nullable=False),
    Column("attr", nocase(128), nullable=False),
    Column("value", Text),
    UniqueConstraint("node", "attr"),
)


def _routes(name: str, *owner: Column[Any]) -> Table:
    return table(
        name,
        identity(),
        *owner,
        Column("network", String(45), nullable=False),
        Column("netmask", String(45), nullable=False),
        Column("gateway", String(45)),
        link("subnet", "subnets.id"),
        UniqueConstraint(*(column.name for column in owner), "network", "netmask"),
    )


global_routes = _routes("global_routes")

appliance_routes = _routes("appliance_routes", link("appliance", "appliances.id", ondelete="CASCADE", nullable=False))

node_routes = _routes("node_routes", link("node", "nodes.id", ondelete="CASCADE", nullable=False))

boot = table(
    "boot",
    identity(),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("action", String(64), nullable=False, server_default="os"),
)

bootaction = table(
    "bootaction",
    identity(),
    Column("action", nocase(64), nullable=False, unique=True),
    Column("kernel", String(512)),
    Column("ramdisk", String(512)),
    Column("args", Text),
)

pxeboot = table(
    "pxeboot",
    identity(),
    Column("node", Integer, ForeignKey("nodes.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("action", String(64)),
)

pxeaction = table(
    "pxeaction",
    identity(),
    Column("node", Integer, nullable=False, server_default="0", index=True),
    Column("action", String(64)),
    Column("command", String(512)),
    Column("args", Text),
)
"""No foreign key: node 0 stands for every node, as in Rocks."""
