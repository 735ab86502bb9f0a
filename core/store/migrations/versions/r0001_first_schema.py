"""The first schema: Rocks' tables and Quarry's own beside them.

Written out in full, so that later changes of `core.store.schema` do not change what this step makes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
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
_COLLATION = (
    "CREATE COLLATION IF NOT EXISTS quarry_nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)


def upgrade() -> None:
    """Make every table, owners before what refers to them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_COLLATION)
    for make in (
        _action_log,
        _appliances,
        _bootaction,
        _global_attributes,
        _pxeaction,
        _sessions,
        _store_state,
        _subnets,
        _appliance_attributes,
        _appliance_routes,
        _global_routes,
        _memberships,
        _nodes,
        _boot,
        _clusters,
        _networks,
        _node_attributes,
        _node_routes,
        _partitions,
        _pxeboot,
        _vm_locks,
        _vm_nodes,
        _cluster_members,
        _vm_disks,
    ):
        make()


def _nocase(length: int) -> sa.String:
    return (
        sa.String(length)
        .with_variant(sa.String(length, collation="NOCASE"), "sqlite")
        .with_variant(sa.String(length, collation="quarry_nocase"), "postgresql")
        .with_variant(sa.String(length, collation="utf8mb4_general_ci"), "mysql", "mariadb")
    )


def _action_log() -> None:
    op.create_table(
        "action_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=128), nullable=False),
        sa.Column("host", sa.String(length=255), server_default="", nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_action_log"),
        **_OPTIONS,
    )
    op.create_index("ix_action_log_at", "action_log", ["at"], unique=False)


def _appliances() -> None:
    op.create_table(
        "appliances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _nocase(64), nullable=False),
        sa.Column("shortname", sa.String(length=32), nullable=True),
        sa.Column("graph", sa.String(length=64), server_default="default", nullable=True),
        sa.Column("node", sa.String(length=64), nullable=True),
        sa.Column("os", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_appliances"),
        sa.UniqueConstraint("name", name="uq_appliances_name"),
        **_OPTIONS,
    )


def _bootaction() -> None:
    op.create_table(
        "bootaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", _nocase(64), nullable=False),
        sa.Column("kernel", sa.String(length=512), nullable=True),
        sa.Column("ramdisk", sa.String(length=512), nullable=True),
        sa.Column("args", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bootaction"),
        sa.UniqueConstraint("action", name="uq_bootaction_action"),
        **_OPTIONS,
    )


def _global_attributes() -> None:
    op.create_table(
        "global_attributes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attr", _nocase(128), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_global_attributes"),
        sa.UniqueConstraint("attr", name="uq_global_attributes_attr"),
        **_OPTIONS,
    )


def _pxeaction() -> None:
    op.create_table(
        "pxeaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), server_default="0", nullable=False),
        sa.Column("action", sa.String(length=64), nullable=True),
        sa.Column("command", sa.String(length=512), nullable=True),
        sa.Column("args", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pxeaction"),
        **_OPTIONS,
    )
    op.create_index("ix_pxeaction_node", "pxeaction", ["node"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=128), nullable=False),
        sa.Column("host", sa.String(length=255), server_default="", nullable=False),
        sa.Column("tty", sa.String(length=64), server_default="", nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("heartbeat", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        **_OPTIONS,
    )


def _store_state() -> None:
    op.create_table(
        "store_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("identity", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_store_state"),
        mariadb_engine="InnoDB",
        mysql_engine="InnoDB",
    )


def _subnets() -> None:
    op.create_table(
        "subnets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _nocase(64), nullable=False),
        sa.Column("subnet", sa.String(length=45), nullable=False),
        sa.Column("netmask", sa.String(length=45), nullable=False),
        sa.Column("mtu", sa.Integer(), server_default="1500", nullable=True),
        sa.Column("dnszone", sa.String(length=255), nullable=True),
        sa.Column("servedns", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subnets"),
        sa.UniqueConstraint("name", name="uq_subnets_name"),
        **_OPTIONS,
    )


def _appliance_attributes() -> None:
    op.create_table(
        "appliance_attributes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appliance", sa.Integer(), nullable=False),
        sa.Column("attr", _nocase(128), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appliance"], ["appliances.id"], name="fk_appliance_attributes_appliance", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appliance_attributes"),
        sa.UniqueConstraint("appliance", "attr", name="uq_appliance_attributes_appliance_attr"),
        **_OPTIONS,
    )
    op.create_index("ix_appliance_attributes_appliance", "appliance_attributes", ["appliance"], unique=False)


def _appliance_routes() -> None:
    op.create_table(
        "appliance_routes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appliance", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=45), nullable=False),
        sa.Column("netmask", sa.String(length=45), nullable=False),
        sa.Column("gateway", sa.String(length=45), nullable=True),
        sa.Column("subnet", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appliance"], ["appliances.id"], name="fk_appliance_routes_appliance", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subnet"], ["subnets.id"], name="fk_appliance_routes_subnet"),
        sa.PrimaryKeyConstraint("id", name="pk_appliance_routes"),
        sa.UniqueConstraint("appliance", "network", "netmask", name="uq_appliance_routes_appliance_network_netmask"),
        **_OPTIONS,
    )
    op.create_index("ix_appliance_routes_appliance", "appliance_routes", ["appliance"], unique=False)
    op.create_index("ix_appliance_routes_subnet", "appliance_routes", ["subnet"], unique=False)


def _global_routes() -> None:
    op.create_table(
        "global_routes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=45), nullable=False),
        sa.Column("netmask", sa.String(length=45), nullable=False),
        sa.Column("gateway", sa.String(length=45), nullable=True),
        sa.Column("subnet", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["subnet"], ["subnets.id"], name="fk_global_routes_subnet"),
        sa.PrimaryKeyConstraint("id", name="pk_global_routes"),
        sa.UniqueConstraint("network", "netmask", name="uq_global_routes_network_netmask"),
        **_OPTIONS,
    )
    op.create_index("ix_global_routes_subnet", "global_routes", ["subnet"], unique=False)


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _nocase(64), nullable=False),
        sa.Column("appliance", sa.Integer(), nullable=True),
        sa.Column("distribution", sa.Integer(), server_default="1", nullable=True),
        sa.Column("compute", sa.String(length=8), nullable=True),
        sa.Column("public", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["appliance"], ["appliances.id"], name="fk_memberships_appliance"),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.UniqueConstraint("name", name="uq_memberships_name"),
        **_OPTIONS,
    )
    op.create_index("ix_memberships_appliance", "memberships", ["appliance"], unique=False)


def _nodes() -> None:
    op.create_table(
        "nodes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _nocase(128), nullable=False),
        sa.Column("membership", sa.Integer(), nullable=True),
        sa.Column("cpus", sa.Integer(), server_default="1", nullable=False),
        sa.Column("rack", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=128), nullable=True),
        sa.Column("arch", sa.String(length=32), nullable=True),
        sa.Column("os", sa.String(length=64), nullable=True),
        sa.Column("runaction", sa.String(length=64), server_default="os", nullable=True),
        sa.Column("installaction", sa.String(length=64), server_default="install", nullable=True),
        sa.ForeignKeyConstraint(["membership"], ["memberships.id"], name="fk_nodes_membership"),
        sa.PrimaryKeyConstraint("id", name="pk_nodes"),
        sa.UniqueConstraint("name", name="uq_nodes_name"),
        **_OPTIONS,
    )
    op.create_index("ix_nodes_membership", "nodes", ["membership"], unique=False)


def _boot() -> None:
    op.create_table(
        "boot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=64), server_default="os", nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_boot_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_boot"),
        sa.UniqueConstraint("node", name="uq_boot_node"),
        **_OPTIONS,
    )


def _clusters() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _nocase(128), nullable=False),
        sa.Column("frontend", sa.Integer(), nullable=False),
        sa.Column("vlanid", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["frontend"], ["nodes.id"], name="fk_clusters_frontend"),
        sa.PrimaryKeyConstraint("id", name="pk_clusters"),
        sa.UniqueConstraint("frontend", name="uq_clusters_frontend"),
        sa.UniqueConstraint("name", name="uq_clusters_name"),
        sa.UniqueConstraint("vlanid", name="uq_clusters_vlanid"),
        **_OPTIONS,
    )


def _networks() -> None:
    op.create_table(
        "networks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=True),
        sa.Column("mac", _nocase(64), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("netmask", sa.String(length=45), nullable=True),
        sa.Column("gateway", sa.String(length=45), nullable=True),
        sa.Column("name", sa.String(length=128), nullable=True),
        sa.Column("device", sa.String(length=32), nullable=True),
        sa.Column("subnet", sa.Integer(), nullable=True),
        sa.Column("module", sa.String(length=128), nullable=True),
        sa.Column("options", sa.String(length=128), nullable=True),
        sa.Column("comment", sa.String(length=128), nullable=True),
        sa.Column("vlanid", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=128), nullable=True),
        sa.Column("disable_kvm", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_networks_node", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subnet"], ["subnets.id"], name="fk_networks_subnet"),
        sa.PrimaryKeyConstraint("id", name="pk_networks"),
        sa.UniqueConstraint("ip", name="uq_networks_ip"),
        sa.UniqueConstraint("mac", name="uq_networks_mac"),
        **_OPTIONS,
    )
    op.create_index("ix_networks_name", "networks", ["name"], unique=False)
    op.create_index("ix_networks_node", "networks", ["node"], unique=False)
    op.create_index("ix_networks_subnet", "networks", ["subnet"], unique=False)
    op.create_index("ix_networks_vlanid", "networks", ["vlanid"], unique=False)


def _node_attributes() -> None:
    op.create_table(
        "node_attributes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("attr", _nocase(128), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_node_attributes_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_node_attributes"),
        sa.UniqueConstraint("node", "attr", name="uq_node_attributes_node_attr"),
        **_OPTIONS,
    )
    op.create_index("ix_node_attributes_node", "node_attributes", ["node"], unique=False)


def _node_routes() -> None:
    op.create_table(
        "node_routes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=45), nullable=False),
        sa.Column("netmask", sa.String(length=45), nullable=False),
        sa.Column("gateway", sa.String(length=45), nullable=True),
        sa.Column("subnet", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_node_routes_node", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subnet"], ["subnets.id"], name="fk_node_routes_subnet"),
        sa.PrimaryKeyConstraint("id", name="pk_node_routes"),
        sa.UniqueConstraint("node", "network", "netmask", name="uq_node_routes_node_network_netmask"),
        **_OPTIONS,
    )
    op.create_index("ix_node_routes_node", "node_routes", ["node"], unique=False)
    op.create_index("ix_node_routes_subnet", "node_routes", ["subnet"], unique=False)


def _partitions() -> None:
    op.create_table(
        "partitions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(length=128), server_default="", nullable=False),
        sa.Column("mountpoint", sa.String(length=128), server_default="", nullable=False),
        sa.Column("sectorstart", sa.String(length=128), server_default="", nullable=False),
        sa.Column("partitionsize", sa.String(length=128), server_default="", nullable=False),
        sa.Column("partitionid", sa.String(length=128), server_default="", nullable=False),
        sa.Column("fstype", sa.String(length=128), server_default="", nullable=False),
        sa.Column("partitionflags", sa.String(length=128), server_default="", nullable=False),
        sa.Column("formatflags", sa.String(length=128), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_partitions_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_partitions"),
        **_OPTIONS,
    )
    op.create_index("ix_partitions_node", "partitions", ["node"], unique=False)


def _pxeboot() -> None:
    op.create_table(
        "pxeboot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_pxeboot_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_pxeboot"),
        sa.UniqueConstraint("node", name="uq_pxeboot_node"),
        **_OPTIONS,
    )


def _vm_locks() -> None:
    op.create_table(
        "vm_locks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("job", sa.Integer(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), server_default="", nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_vm_locks_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_vm_locks"),
        sa.UniqueConstraint("node", name="uq_vm_locks_node"),
        **_OPTIONS,
    )


def _vm_nodes() -> None:
    op.create_table(
        "vm_nodes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("physnode", sa.Integer(), nullable=True),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("mem", sa.Integer(), server_default="1024", nullable=False),
        sa.Column("slice", sa.Integer(), server_default="0", nullable=False),
        sa.Column("virt_type", sa.String(length=64), nullable=True),
        sa.Column("uuid", _nocase(36), nullable=True),
        sa.Column("cdrom_path", sa.String(length=512), nullable=True),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_vm_nodes_node", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["physnode"], ["nodes.id"], name="fk_vm_nodes_physnode"),
        sa.PrimaryKeyConstraint("id", name="pk_vm_nodes"),
        sa.UniqueConstraint("node", name="uq_vm_nodes_node"),
        sa.UniqueConstraint("physnode", "slice", name="uq_vm_nodes_physnode_slice"),
        sa.UniqueConstraint("uuid", name="uq_vm_nodes_uuid"),
        **_OPTIONS,
    )


def _cluster_members() -> None:
    op.create_table(
        "cluster_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Integer(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cluster"], ["clusters.id"], name="fk_cluster_members_cluster", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["node"], ["nodes.id"], name="fk_cluster_members_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_cluster_members"),
        sa.UniqueConstraint("node", name="uq_cluster_members_node"),
        **_OPTIONS,
    )
    op.create_index("ix_cluster_members_cluster", "cluster_members", ["cluster"], unique=False)


def _vm_disks() -> None:
    op.create_table(
        "vm_disks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vm_node", sa.Integer(), nullable=False),
        sa.Column("vbd_type", sa.String(length=64), server_default="file", nullable=False),
        sa.Column("prefix", sa.String(length=512), server_default="", nullable=False),
        sa.Column("name", sa.String(length=512), server_default="", nullable=False),
        sa.Column("device", sa.String(length=512), server_default="", nullable=False),
        sa.Column("mode", sa.String(length=64), server_default="w", nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["vm_node"], ["vm_nodes.id"], name="fk_vm_disks_vm_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_vm_disks"),
        **_OPTIONS,
    )
    op.create_index("ix_vm_disks_vm_node", "vm_disks", ["vm_node"], unique=False)
