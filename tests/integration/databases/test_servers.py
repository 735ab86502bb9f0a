"""What only servers do: connections die, upgrades change tables that others use, passwords are wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from core.errors import StoreError
from core.store import schema
from core.store.check import check_store
from core.store.migrations import upgrade
from core.store.repository import Repository
from core.store.store import Store

pytestmark = pytest.mark.real

RunSql = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(params=["mariadb", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def kill_connections(url: str, run_sql: RunSql) -> Callable[[], None]:
    """End every other connection to the database, as a restart of the server would."""

    def kill() -> None:
        if url.startswith("postgresql"):
            run_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return
        for (number,) in run_sql(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        ):
            run_sql(f"KILL {number}")

    return kill


def test_a_connection_that_died_while_idle_is_replaced(url: str, kill_connections: Callable[[], None]) -> None:
    with Store.open(url) as store:
        assert store.revision() == 0
        kill_connections()
        assert store.revision() == 0
        kill_connections()
        with store.begin() as rows:
            rows.nodes.add("one", membership="Compute")
        kill_connections()
        with store.reading() as rows:
            assert rows.nodes.find("one") is not None


def test_one_that_dies_in_a_transaction_is_reported(url: str, kill_connections: Callable[[], None]) -> None:
    with Store.open(url) as store:
        with pytest.raises(StoreError, match="lost the connection"), store.begin() as rows:
            rows.nodes.add("one", membership="Compute")
            kill_connections()
            rows.nodes.add("two", membership="Compute")
        with store.reading() as rows:
            assert rows.nodes.all() == []


def test_one_that_dies_at_the_end_says_what_is_unknown(url: str, kill_connections: Callable[[], None]) -> None:
    with Store.open(url) as store:
        with pytest.raises(StoreError, match="lost the connection"), store.begin(counts=False) as rows:
            rows.nodes.add("one", membership="Compute")
            kill_connections()
        with store.reading() as rows:
            assert rows.nodes.all() == []


def test_transact_starts_over(url: str, kill_connections: Callable[[], None]) -> None:
    tries: list[int] = []

    def work(rows: Repository) -> None:
        tries.append(1)
        rows.nodes.add("one", membership="Compute")
        if len(tries) == 1:
            kill_connections()
        rows.nodes.add("two", membership="Compute")

    with Store.open(url) as store:
        store.transact(work)
        with store.reading() as rows:
            assert [node.name for node in rows.nodes.all()] == ["one", "two"]
    assert len(tries) == 2


def test_migrations_make_the_tables_the_program_declares(url: str) -> None:
    schema.set_mysql_options()
    engine = create_engine(url.replace("mariadb:", "mariadb+pymysql:").replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        upgrade(connection, None, "here")
        differences = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    engine.dispose()
    assert differences == []


def test_an_older_store_is_upgraded(url: str, run_sql: RunSql) -> None:
    Store.open(url).close()
    run_sql("ALTER TABLE vm_nodes DROP COLUMN saved_file", "UPDATE alembic_version SET version_num = '0001'")
    with Store.open(url) as store, store.reading() as rows:
        assert rows.vms.all() == []
        assert check_store(store) == []


def test_a_newer_store_is_left_alone(url: str, run_sql: RunSql) -> None:
    Store.open(url).close()
    run_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer than this program"):
        Store.open(url)


def test_a_database_that_is_not_there(url: str) -> None:
    head, _, query = url.partition("?")
    with pytest.raises(StoreError, match=r"does not exist.*create it on the server first"):
        Store.open(f"{head}nowhere?{query}")


def test_somebody_else_s_tables(url: str, run_sql: RunSql) -> None:
    run_sql("CREATE TABLE songs (title TEXT)")
    with pytest.raises(StoreError, match="not a Quarry store"):
        Store.open(url)


def test_a_server_that_is_read_only(url: str, run_sql: RunSql) -> None:
    with Store.open(url) as store:
        if url.startswith("postgresql"):
            name = url.rpartition("/")[2] if "?" not in url else url.partition("?")[0].rpartition("/")[2]
            run_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            store.close()
            with pytest.raises(StoreError, match="read-only"), store.begin() as rows:
                rows.nodes.add("one", membership="Compute")
        with Store.open(url, read_only=True) as reader, reader.reading() as rows:
            assert len(rows.memberships.all()) == 7
