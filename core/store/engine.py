"""From a URL to an SQLAlchemy engine that behaves the same on three databases.

What is set here: SQLite in WAL mode with foreign keys and full synchronisation, explicit BEGIN (IMMEDIATE for
writers), waiting times bounded everywhere, errors translated.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import StaticPool

from core.errors import StoreBusy, StoreError
from core.store.translate import as_store_error, translate

WRITING = "quarry_writing"
"""Execution option of a connection that is about to begin a write transaction."""

_DRIVERS = {
    "mysql": ("mysql+pymysql", "mariadb"),
    "mariadb": ("mariadb+pymysql", "mariadb"),
    "postgresql": ("postgresql+psycopg", "postgresql"),
    "postgres": ("postgresql+psycopg", "postgresql"),
}
_CACHE_KIB = 512
"""Pages of an SQLite file that each connection keeps; the system keeps them all. The pool has several connections,
and what is read often is read whole."""
_MORE = 40
"""Connections beyond the pool's five, for a burst of threads."""
_FORMS = "sqlite:///PATH, mariadb://USER@HOST/NAME or postgresql://USER@HOST/NAME"


@dataclass(frozen=True, slots=True)
class Database:
    """An engine and what the store must know about it.

    Attributes:
        label: The URL without its password, for sentences.
        read_only_reason: Why nothing can be written; empty when writing is possible.
        shared: One connection for every thread (an in-memory database).
    """

    engine: Engine
    label: str
    read_only_reason: str
    shared: bool


def open_database(url: str, *, busy_timeout_s: float, read_only: bool, create: bool) -> Database:
    """Make the engine for a URL; SQLite files are looked at, servers are not asked yet.

    Raises:
        StoreError: The URL makes no sense, its driver is not installed, the SQLite file cannot be used.
    """
    parsed = _parse(url)
    label = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, label, busy_timeout_s, read_only, create)
    engine = _server(parsed, label, busy_timeout_s)
    event.listen(engine, "handle_error", translate, retval=True)
    return Database(engine, label, "the store was opened read-only" if read_only else "", shared=False)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_backend_name()
    except (exc.ArgumentError, ValueError) as error:
        raise StoreError("the store's URL makes no sense", str(error), f"use {_FORMS}") from error
    return parsed


def _sqlite(url: URL, label: str, busy_timeout_s: float, read_only: bool, create: bool) -> Database:
    if not url.database or url.database == ":memory:":
        engine = create_engine(
            "sqlite://",
            creator=lambda: _connect_sqlite("file::memory:", busy_timeout_s, writable=True),
            poolclass=StaticPool,
        )
        return _with_sqlite_events(engine, label, "the store was opened read-only" if read_only else "", shared=True)
    path = Path(url.database).expanduser().absolute()
    reason = _inspect_file(path, create=create and not read_only)
    if read_only:
        reason = "the store was opened read-only"
    target = _sqlite_target(path, writable=not reason)
    engine = create_engine(
        f"sqlite:///{path}",
        creator=lambda: _connect_sqlite(target, busy_timeout_s, writable=not reason),
        max_overflow=_MORE,
    )
    return _with_sqlite_events(engine, label, reason, shared=False)


def _inspect_file(path: Path, *, create: bool) -> str:
    """Make a new store's file; return why an existing one cannot be written, or nothing."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not create:
            raise StoreError(
                f"there is no store at {path}", "the file does not exist", "run any `quarry` command that may write"
            ) from None
        return _make_file(path)
    except OSError as error:
        raise StoreError(f"cannot open the store {path}", error.strerror or str(error)) from error
    if not stat.S_ISREG(mode):
        raise StoreError(f"cannot open the store {path}", "it is not a file", "name an SQLite file with --store")
    if not os.access(path, os.R_OK):
        raise StoreError(f"cannot open the store {path}", "you may not read it", "ask its owner for access")
    if not os.access(path, os.W_OK):
        return "the file or its file system is read-only for you"
    if not os.access(path.parent, os.W_OK):
        return "the folder or its file system is read-only for you"
    return ""


def _make_file(path: Path) -> str:
    """Make the file of a new store, for its owner and group alone: it has password hashes in it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make the store {path}", error.strerror or str(error), "name another with --store or QUARRY_STORE"
        ) from error
    if not os.access(path.parent, os.W_OK):
        raise StoreError(
            f"cannot make the store {path}", "its folder is read-only", "name another with --store or QUARRY_STORE"
        )
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660))
    except OSError as error:
        raise StoreError(f"cannot make the store {path}", error.strerror or str(error)) from error
    return ""


def _sqlite_target(path: Path, *, writable: bool) -> str:
    address = f"file:{quote(str(path))}"
    if writable:
        return f"{address}?mode=rwc"
    # A WAL database needs its -shm file even for reading. Where none is and none can be made, nobody can be writing
    # either, and SQLite may read the file as it lies there.
    lonely = not path.with_name(path.name + "-shm").exists() and not os.access(path.parent, os.W_OK)
    return f"{address}?immutable=1" if lonely else f"{address}?mode=ro"


def _connect_sqlite(target: str, busy_timeout_s: float, *, writable: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        target, uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    if writable:
        connection.execute("PRAGMA synchronous=FULL")
        _switch_to_wal(connection, busy_timeout_s)
    return connection


def _switch_to_wal(connection: sqlite3.Connection, busy_timeout_s: float) -> None:
    # SQLite does not wait for a lock when the journal mode changes, so several first openers must take turns here.
    give_up = time.monotonic() + busy_timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


def _with_sqlite_events(engine: Engine, label: str, reason: str, *, shared: bool) -> Database:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine, "handle_error", translate, retval=True)
    return Database(engine, label, reason, shared)


def _server(url: URL, label: str, busy_timeout_s: float) -> Engine:
    backend = url.get_backend_name()
    if backend not in _DRIVERS:
        raise StoreError(f'the store cannot be a "{backend}" database', remedy=f"use {_FORMS}")
    driver, extra = _DRIVERS[backend]
    if "+" not in url.drivername:
        url = url.set(drivername=driver)
    if not url.database:
        raise StoreError(f"the store's URL {label} names no database", remedy=f"use {_FORMS}")
    connect_timeout_s = max(2, min(10, round(busy_timeout_s)))
    arguments: dict[str, str | int]
    if extra == "mariadb":
        arguments = {
            "charset": "utf8mb4",
            "connect_timeout": connect_timeout_s,
            "init_command": f"SET SESSION innodb_lock_wait_timeout={max(1, round(busy_timeout_s))}",
        }
    else:
        arguments = {
            "connect_timeout": connect_timeout_s,
            "options": f"-c lock_timeout={max(1, round(busy_timeout_s * 1000))}",
        }
    try:
        if extra == "mariadb":
            return create_engine(url, connect_args=arguments, isolation_level="REPEATABLE READ", max_overflow=_MORE)
        return create_engine(url, connect_args=arguments, max_overflow=_MORE)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the driver for {backend} is not installed", str(error), f"pip install 'quarry[{extra}]'"
        ) from error
    except (exc.SQLAlchemyError, ValueError) as error:
        raise StoreError(f"the store's URL {label} cannot be used", str(error), f"use {_FORMS}") from error


def connect(database: Database) -> Connection:
    """Take a connection from the pool; a driver's refusal becomes a `StoreError`."""
    try:
        return database.engine.connect()
    except exc.TimeoutError as error:
        raise StoreBusy("the store is busy", "every connection is in use", "try again in a moment") from error
    except exc.DBAPIError as error:
        name = database.engine.url.database or ""
        raise as_store_error(error.orig or error, error, lost=error.connection_invalidated, store=name) from error
    except sqlite3.Error as error:
        raise as_store_error(error, store=database.engine.url.database or "") from error
