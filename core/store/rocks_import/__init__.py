"""Taking over the database of a Rocks frontend, releases 5.0 to 7.0: ``quarry import rocks SOURCE``.

Rows are matched by what they mean (names, a node's devices), never by id, so running an import again changes nothing
and later changes on the Rocks side can be taken over by one more run. Nothing is ever removed from the store.
"""

from __future__ import annotations

from core.store.repository.base import Rows
from core.store.rocks_import.attributes import take_attributes, take_routes
from core.store.rocks_import.dump import Tables
from core.store.rocks_import.kinds import take_appliances, take_memberships, take_subnets
from core.store.rocks_import.nodes import take_boot, take_networks, take_nodes, take_partitions
from core.store.rocks_import.report import ImportNote, ImportReport
from core.store.rocks_import.source import read_source
from core.store.rocks_import.taker import Taker
from core.store.rocks_import.vms import take_clusters, take_disks, take_vms
from core.store.store import Store

__all__ = ["ImportNote", "ImportReport", "import_rocks"]

# In the order in which rows refer to each other.
_STEPS = (
    take_appliances,
    take_memberships,
    take_subnets,
    take_nodes,
    take_networks,
    take_partitions,
    take_boot,
    take_attributes,
    take_routes,
    take_vms,
    take_disks,
    take_clusters,
)


class _DryRun(Exception):
    """Ends the transaction of a dry run, and with it everything it did."""


def import_rocks(store: Store, source: str, *, dry_run: bool = False) -> ImportReport:
    """Take a Rocks database over, in one transaction.

    Args:
        store: Where to; may already hold rows, also from an earlier import.
        source: ``mysql://USER:PASSWORD@HOST/cluster`` or the path of a mysqldump file.
        dry_run: Do everything, report it, and keep nothing.

    Returns:
        What was taken, changed and refused.

    Raises:
        StoreError: The source cannot be read or the store cannot be written; nothing was kept.
    """
    tables = read_source(source)
    report = ImportReport(_shown(source), dry_run)
    try:
        with store.begin() as repository:
            _take(repository.shared_rows, tables, report)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def _take(rows: Rows, tables: Tables, report: ImportReport) -> None:
    taker = Taker(rows, tables, report)
    for step in _STEPS:
        step(taker)
    for name, found in tables.items():
        if found and name not in taker.used_tables:
            report.skipped_tables[name] = len(found)


def _shown(source: str) -> str:
    """The source without a password."""
    scheme, mark, rest = source.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else source
