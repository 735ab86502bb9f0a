"""The tables, as SQLAlchemy Core objects.

Core tables rather than mapped classes: no row object may leave this room anyway, and loading `sqlalchemy.orm` would
cost every command a quarter more of its start-up time.

`HEAD` is the newest migration's revision; `core.store.migrations` brings older stores up to it.
"""

from __future__ import annotations

from core.store.schema.columns import metadata, set_mysql_options
from core.store.schema.own import (
    action_log,
    cluster_members,
    clusters,
    disk_policies,
    install_events,
    install_reports,
    installs,
    job_output,
    job_steps,
    jobs,
    partition_history,
    partition_schemes,
    schema_revision,
    sessions,
    store_state,
    vm_locks,
)
from core.store.schema.rocks import (
    PARTITION_TEXTS,
    appliance_attributes,
    appliance_routes,
    appliances,
    boot,
    bootaction,
    global_attributes,
    global_routes,
    memberships,
    networks,
    node_attributes,
    node_routes,
    nodes,
    partitions,
    pxeaction,
    pxeboot,
    subnets,
    vm_disks,
    vm_nodes,
)

__all__ = [
    "HEAD",
    "PARTITION_TEXTS",
    "action_log",
    "appliance_attributes",
    "appliance_routes",
    "appliances",
    "boot",
    "bootaction",
    "cluster_members",
    "clusters",
    "disk_policies",
    "global_attributes",
    "global_routes",
    "install_events",
    "install_reports",
    "installs",
    "job_output",
    "job_steps",
    "jobs",
    "memberships",
    "metadata",
    "networks",
    "node_attributes",
    "node_routes",
    "nodes",
    "partition_history",
    "partition_schemes",
    "partitions",
    "pxeaction",
    "pxeboot",
    "schema_revision",
    "sessions",
    "set_mysql_options",
    "store_state",
    "subnets",
    "vm_disks",
    "vm_locks",
    "vm_nodes",
]

HEAD = "0005"
"""Revision of the schema here."""
