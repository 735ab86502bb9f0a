"""The door of the room: one `Store` a process, shared by its threads.

::

    store = Store.open(settings.store_url, busy_timeout_s=settings.store.busy_timeout_s)
    with store.reading() as rows:
        nodes = rows.nodes.all()
    with store.begin() as rows:
        node = rows.nodes.add("compute-0-0-0", membership="Compute")

A write transaction holds the store's only writer's lock from its start, so what it reads stays true until it commits,
on all three databases. Keep it short, and never open a second one inside it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TypeVar

from sqlalchemy import Connection, select

from core.errors import StoreBusy, StoreError
from core.store import schema
from core.store.engine import WRITING, Database, connect, open_database
from core.store.repository import Repository
from core.store.repository.base import Rows
from core.store.setup import Prepared, ensure_schema
from core.store.translate import ConnectionLost

T = TypeVar("T")

_ATTEMPTS = 5


class Store:
    """The inventory database behind a URL. Every method may be called from any thread."""

    def __init__(self, database: Database, prepared: Prepared) -> None:
        """Use `Store.open`."""
        self._database = database
        self._identity = prepared.identity
        self._is_new = prepared.is_new
        # An in-memory database has one connection, which only one thread at a time may use.
        self._turn: AbstractContextManager[object] = threading.RLock() if database.shared else nullcontext()

    @classmethod
    def open(cls, url: str, *, busy_timeout_s: float = 10.0, read_only: bool = False, create: bool = True) -> Store:
        """Open the store, making or upgrading it where needed.

        Args:
            url: ``sqlite:///PATH``, ``mariadb://…``, ``mysql://…`` or ``postgresql://…``; ``sqlite://`` is in memory.
            busy_timeout_s: How long a writer waits for another one.
            read_only: Never write; a missing or older store is then an error.
            create: Make a store where there is none.

        Raises:
            StoreError: Wrong URL, missing driver, server down, store missing, newer, damaged or not ours.
        """
        database = open_database(url, busy_timeout_s=busy_timeout_s, read_only=read_only, create=create)
        with ExitStack() as otherwise:
            otherwise.callback(database.engine.dispose)
            store = cls(database, ensure_schema(database, create=create))
            otherwise.pop_all()
        return store

    @property
    def url(self) -> str:
        """The URL without its password."""
        return self._database.label

    @property
    def is_new(self) -> bool:
        """There was no store here before this one was opened, and there will be one after it is closed."""
        return self._is_new and not self._database.shared

    @property
    def read_only_reason(self) -> str:
        """Why nothing can be written here; empty when writing is possible."""
        return self._database.read_only_reason

    def close(self) -> None:
        """Close every connection. Threads still inside a transaction finish it."""
        self._database.engine.dispose()

    def __enter__(self) -> Store:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @contextmanager
    def begin(self, *, counts: bool = True) -> Iterator[Repository]:
        """One write transaction: all of it or, after any exception, nothing.

        Args:
            counts: Move the revision counter, so that readers look again. False for what no reader of the fleet
                shows (heartbeats, the action log).

        Raises:
            StoreBusy: Another writer held the lock for longer than the busy timeout; nothing was written.
            StoreConflict: A unique or foreign key rule refused a change. The transaction is over then.
            StoreError: The store is read-only or failed.
        """
        if self.read_only_reason:
            raise StoreError(
                f"cannot change the store {self.url}", self.read_only_reason, "use an account that may write"
            )
        with self._turn, self._start(writing=True) as connection:
            rows = Rows(connection, self._identity, writing=True)
            yield Repository(rows)
            rows.finish(counts=counts)
            self._commit(connection)

    @contextmanager
    def reading(self) -> Iterator[Repository]:
        """One consistent look: every query inside sees the same moment. Never waits for writers.

        Raises:
            StoreError: The store cannot be read.
        """
        with self._turn, self._start(writing=False) as connection:
            yield Repository(Rows(connection, self._identity, writing=False))

    def transact(self, work: Callable[[Repository], T], *, counts: bool = True) -> T:
        """Run `work` in a write transaction; again, a bounded number of times, when it lost a race or its connection.

        `work` may run several times and so must do nothing but use the repository.

        Raises:
            StoreError: As `begin`, after the last attempt.
        """
        for attempt in range(1, _ATTEMPTS):
            try:
                with self.begin(counts=counts) as rows:
                    return work(rows)
            except (StoreBusy, ConnectionLost):
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
        with self.begin(counts=counts) as rows:
            return work(rows)

    def revision(self) -> int:
        """The counter of write transactions: one cheap query to see whether anything changed."""
        with self._turn, self._start(writing=False) as connection:
            return int(connection.execute(select(schema.store_state.c.revision)).scalar_one())

    def _start(self, *, writing: bool) -> Connection:
        """Connect and take the lock; a connection that died in the pool is replaced, as nothing is written yet."""
        for attempt in range(1, _ATTEMPTS):
            try:
                return self._try_to_start(writing)
            except ConnectionLost:
                self._database.engine.dispose()
                time.sleep(0.05 * 2**attempt)
        return self._try_to_start(writing)

    def _try_to_start(self, writing: bool) -> Connection:
        with ExitStack() as otherwise:
            connection = otherwise.enter_context(connect(self._database))
            self._prepare(connection, writing)
            otherwise.pop_all()
        return connection

    def _prepare(self, connection: Connection, writing: bool) -> None:
        dialect = connection.dialect.name
        if dialect == "sqlite":
            if writing:
                connection.execution_options(**{WRITING: True})
            connection.begin()
        elif writing:
            connection.begin()
            # The mutex of writers. A locking read takes no MVCC picture, so what is read after it is current.
            connection.execute(select(schema.store_state.c.revision).with_for_update()).one()
        else:
            if dialect == "postgresql":  # MariaDB's connections repeat reads from their start
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.begin()
            connection.execute(select(schema.store_state.c.id)).one()

    def _commit(self, connection: Connection) -> None:
        try:
            connection.get_transaction().commit()  # type: ignore[union-attr]
        except ConnectionLost as error:
            raise StoreError(
                "lost the connection to the database while it was keeping the change",
                error.why,
                "look whether the change is there before you try again",
            ) from error
