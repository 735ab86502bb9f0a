"""`url`: an empty database on each of the three kinds, one test after the other on one server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.integration.databases.servers import ServerMissing, mariadb_server, postgresql_server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mariadb_socket() -> Iterator[Path]:
    try:
        with mariadb_server() as socket:
            yield socket
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgresql_folder() -> Iterator[Path]:
    try:
        with postgresql_server() as folder:
            yield folder
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def mariadb_url(mariadb_socket: Path) -> str:
    """URL of a new, empty MariaDB database."""
    name = f"q{next(_numbers)}"
    _execute(f"mariadb+pymysql://root@localhost/mysql?unix_socket={mariadb_socket}", f"CREATE DATABASE {name}")
    return f"mariadb://root@localhost/{name}?unix_socket={mariadb_socket}"


@pytest.fixture
def postgresql_url(postgresql_folder: Path) -> str:
    """URL of a new, empty PostgreSQL database."""
    name = f"q{next(_numbers)}"
    _execute(f"postgresql+psycopg://postgres@/postgres?host={postgresql_folder}", f"CREATE DATABASE {name}")
    return f"postgresql://postgres@/{name}?host={postgresql_folder}"


@pytest.fixture(params=["sqlite", "mariadb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new, empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def run_sql(url: str) -> Callable[..., list[tuple[object, ...]]]:
    """Run statements past the store, as an operator with a database client would."""

    def run(*statements: str) -> list[tuple[object, ...]]:
        return _execute(
            url.replace("mariadb:", "mariadb+pymysql:").replace("postgresql:", "postgresql+psycopg:"), *statements
        )

    return run


def _execute(url: str, *statements: str) -> list[tuple[object, ...]]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    rows: list[tuple[object, ...]] = []
    try:
        with engine.connect() as connection:
            for statement in statements:
                result = connection.execute(text(statement))
                rows = [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()
    return rows
