"""What every part of the repository shares: one connection in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, Connection, Integer, String, Table, func, insert, select, text, update

from core.errors import StoreConflict, StoreError
from core.hypervisor.model import DomainUuid
from core.store import schema

if TYPE_CHECKING:
    from sqlalchemy import Row, Select

    AnyRow = Row[*tuple[Any, ...]]
    AnySelect = Select[*tuple[Any, ...]]

T = TypeVar("T")

_MOST = 2**31 - 1


class Rows:
    """One transaction's connection, with what was learned in it.

    What the cache holds stays true because a writer is alone until it commits; parts that write call `forget`.
    """

    def __init__(self, connection: Connection, identity: str, *, writing: bool) -> None:
        self.connection = connection
        self.writing = writing
        self._identity = uuid.UUID(identity)
        self._cache: dict[str, object] = {}
        if writing and connection.dialect.name == "postgresql":
            self._follow_ids()

    def remembered(self, key: str, kind: Callable[[], T]) -> T:
        """The cached value of `key`, made by `kind` the first time."""
        if key not in self._cache:
            self._cache[key] = kind()
        value: T = self._cache[key]  # type: ignore[assignment]
        return value

    def peek(self, key: str) -> object:
        """The cached value of `key`, None when there is none."""
        return self._cache.get(key)

    def replace(self, key: str, value: object) -> None:
        """Remember another value for `key`."""
        self._cache[key] = value

    def forget(self, *prefixes: str) -> None:
        """Drop the cached values whose keys begin with one of the prefixes."""
        for key in [key for key in self._cache if key.startswith(prefixes)]:
            del self._cache[key]

    def insert(self, table: Table, values: dict[str, object]) -> int:
        """Insert a row and return its id. Raises StoreError for a value too long or refused, as `change` does."""
        self.must_write()
        refuse_oversized(table, values)
        key = self.connection.execute(insert(table).values(values)).inserted_primary_key
        if key is None:
            raise StoreError("the database did not tell the new row's id", table.name)
        return int(key[0])

    def change(self, table: Table, row_id: int, values: dict[str, object]) -> None:
        """Change columns of one row; nothing to change is fine."""
        self.must_write()
        refuse_oversized(table, values)
        if values:
            self.connection.execute(update(table).where(table.c.id == row_id).values(values))

    def must_write(self) -> None:
        """Refuse to change anything while only reading, a mistake of our own code, with a StoreError."""
        if not self.writing:
            raise StoreError("tried to change the store while only reading it")

    def uuid_of(self, vm_id: int, stored: str | None) -> DomainUuid:
        """The stored UUID, or the one this store always derives for the row."""
        return DomainUuid((stored or str(uuid.uuid5(self._identity, f"vm_nodes/{vm_id}"))).lower())

    def finish(self, *, counts: bool) -> None:
        """Before the commit: keep derived UUIDs, move the revision counter."""
        if not counts:
            return
        vm_nodes = schema.vm_nodes
        for vm_id in self.connection.scalars(select(vm_nodes.c.id).where(vm_nodes.c.uuid.is_(None))).all():
            self.connection.execute(
                update(vm_nodes).where(vm_nodes.c.id == vm_id).values(uuid=self.uuid_of(vm_id, None))
            )
        state = schema.store_state
        self.connection.execute(update(state).values(revision=state.c.revision + 1))

    def _follow_ids(self) -> None:
        """Rows filled in by hand with ids of their own leave PostgreSQL's sequences behind: catch up."""
        connection = self.connection
        tables = [table for table in schema.metadata.sorted_tables if table.c[0].autoincrement is True]
        highest = connection.execute(select(*(select(func.max(table.c.id)).scalar_subquery() for table in tables)))
        sequences = [f"pg_get_serial_sequence('{table.name}', 'id')" for table in tables]
        given = connection.execute(
            select(*(func.pg_sequence_last_value(text(f"{name}::regclass")) for name in sequences))
        )
        for name, top, last in zip(sequences, highest.one(), given.one(), strict=True):
            if top is not None and (last is None or last < top):
                connection.execute(select(func.setval(text(name), top)))


def refuse_oversized(table: Table, values: dict[str, object]) -> None:
    """Refuse what a column cannot hold, in one sentence for every database; SQLite alone would take it.

    Raises:
        StoreConflict: A text is too long or a number too large.
    """
    for name, value in values.items():
        kind = table.c[name].type
        if isinstance(value, str) and isinstance(kind, String) and kind.length and len(value) > kind.length:
            why = f"{table.name}.{name} holds at most {kind.length} characters, not {len(value)}"
            raise StoreConflict("the store refuses a value", why)
        small = isinstance(kind, Integer) and not isinstance(kind, BigInteger)
        if isinstance(value, int) and small and not -_MOST - 1 <= value <= _MOST:
            why = f"{table.name}.{name} cannot hold {value}"
            raise StoreConflict("the store refuses a value", why)


class Part:
    """A subject of the repository, bound to one transaction."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._connection = rows.connection
