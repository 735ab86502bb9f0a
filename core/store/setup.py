"""What happens when a store is opened: nothing, making its tables, or upgrading them.

The schema's revision is one row compared with one constant; Alembic is loaded only to upgrade.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, insert, inspect, select, text

from core.errors import StoreError
from core.store import schema
from core.store.engine import WRITING, Database, connect

# Rocks 5.0's rows (nodes/database-data.xml): id, name, short name, node file.
APPLIANCES: tuple[tuple[int, str, str, str | None], ...] = (
    (1, "frontend", "fe", "frontend"),
    (2, "network", "sw", None),
    (3, "power", "pu", None),
    (4, "manager", "m", None),
    (5, "nas", "nas", "nas"),
    (6, "compute", "c", "compute"),
    (7, "vm-container", "vc", "vm-container"),
)
MEMBERSHIPS: tuple[tuple[int, str], ...] = (
    (1, "Frontend"),
    (2, "Ethernet Switches"),
    (3, "Power Units"),
    (4, "Remote Management"),
    (5, "NAS Appliance"),
    (6, "Compute"),
    (7, "VM Container"),
)
_LOCK_NUMBER = 0x5175617272  # "Quarr": the key under which first openers of one server database take turns
_LOCK_WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Prepared:
    """A store whose tables are there.

    Attributes:
        identity: Its own for good; UUIDs are derived from it.
        is_new: Its tables were made just now.
    """

    identity: str
    is_new: bool = False


def ensure_schema(database: Database, *, create: bool) -> Prepared:
    """Make or upgrade the tables where needed and allowed.

    Raises:
        StoreError: The store is missing, older or newer than this program, or something else entirely.
    """
    with connect(database) as connection:
        connection.begin()
        found = _revision(connection)
        if found == schema.HEAD:
            return Prepared(_identity(connection))
        foreign = found is None and _is_foreign(connection)
    label = database.label
    if foreign:
        raise StoreError(
            f"{label} is not a Quarry store",
            "it has other tables",
            "to take over a Rocks database use `quarry import rocks URL`",
        )
    if database.read_only_reason or (found is None and not create):
        state = f"it has schema {found}, this program needs {schema.HEAD}" if found else "it has no tables yet"
        raise StoreError(
            f"cannot use the store {label}", f"{state}, and it may not be written", "open it for writing"
        )
    return _make_or_upgrade(database)


def _make_or_upgrade(database: Database) -> Prepared:
    with _alone(database) as connection:
        found = _revision(connection)  # again: another process may have been quicker
        if found is None:
            _create(connection)
        elif found != schema.HEAD:
            from core.store.migrations import upgrade

            upgrade(connection, found, database.label)
        return Prepared(_identity(connection), is_new=found is None)


def _revision(connection: Connection) -> str | None:
    if schema.schema_revision.name not in inspect(connection).get_table_names():
        return None
    return connection.execute(select(schema.schema_revision.c.version_num)).scalar_one_or_none()


def _is_foreign(connection: Connection) -> bool:
    """Whether there are tables that no unfinished first opening of ours left (MariaDB commits each table)."""
    names = inspect(connection).get_table_names()
    return bool(names) and schema.store_state.name not in names


def _identity(connection: Connection) -> str:
    identity = connection.execute(select(schema.store_state.c.identity)).scalar_one_or_none()
    if identity is None:
        raise StoreError("the store is damaged", "its row in `store_state` is gone", "restore it from a backup")
    return str(identity)


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A write transaction that no other first opener shares."""
    with connect(database) as connection:
        dialect = connection.dialect.name
        if dialect == "sqlite":
            connection.execution_options(**{WRITING: True})
        transaction = connection.begin()
        if dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_NUMBER})
        elif dialect != "sqlite":
            connection.execute(text("SELECT GET_LOCK('quarry', :wait)"), {"wait": _LOCK_WAIT_S})
        try:
            yield connection
            transaction.commit()
        finally:
            if dialect not in ("sqlite", "postgresql"):
                connection.execute(text("SELECT RELEASE_LOCK('quarry')"))


def _create(connection: Connection) -> None:
    if connection.dialect.name in ("mysql", "mariadb"):
        schema.set_mysql_options()
    there = set(inspect(connection).get_table_names())
    missing = [table for table in schema.metadata.sorted_tables if table.name not in there]
    if schema.store_state in missing:
        missing.remove(schema.store_state)
        schema.metadata.create_all(connection, tables=[schema.store_state], checkfirst=False)
    schema.metadata.create_all(connection, tables=missing, checkfirst=False)
    connection.execute(insert(schema.store_state).values(id=1, revision=0, identity=str(uuid.uuid4())))
    connection.execute(
        insert(schema.appliances),
        [
            {"id": number, "name": name, "shortname": short, "graph": "default", "node": node}
            for number, name, short, node in APPLIANCES
        ],
    )
    connection.execute(
        insert(schema.memberships),
        [{"id": number, "name": name, "appliance": number} for number, name in MEMBERSHIPS],
    )
    connection.execute(insert(schema.subnets).values(id=1, name="private", subnet="10.0.0.0", netmask="255.0.0.0"))
    connection.execute(insert(schema.schema_revision).values(version_num=schema.HEAD))
