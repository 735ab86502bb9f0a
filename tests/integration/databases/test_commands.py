"""The recorded runs of the original commands, and the store's invariants, on every kind of database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from core.commands.context import Context
from core.settings import Settings, StoreSettings
from core.store.store import Store
from tests.unit.commands.conftest import FILL_ORDER, Console
from tests.unit.commands.test_recorded_runs import FIRST, LATER, replay

pytestmark = pytest.mark.real


class ServerConsole(Console):
    """A console whose look past the store goes through a database client."""

    def __init__(self, engine: Engine, context: Context) -> None:
        super().__init__(Path(), context)
        self.engine = engine

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Run a query."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def fill(self, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
        """Replace the rows, ids included."""
        with self.engine.begin() as connection:
            for table in reversed(FILL_ORDER):
                connection.execute(text(f"DELETE FROM {table}"))
            for table in (*FILL_ORDER, *(name for name in tables if name not in FILL_ORDER)):
                for row in tables.get(table, ()):
                    marks = ", ".join(f":{name}" for name in row)
                    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
                    connection.execute(text(statement), dict(row))


@pytest.fixture
def console(url: str) -> Iterator[ServerConsole]:
    """A fresh store on a database of each kind."""
    context = Context(Settings(store=StoreSettings(url=url)), who="operator", store=Store.open(url))
    driver = url.replace("mariadb:", "mariadb+pymysql:").replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(driver)
    yield ServerConsole(engine, context)
    context.close()
    engine.dispose()


@pytest.mark.parametrize("scenario", FIRST + LATER, ids=lambda one: str(one["id"]))
def test_recorded_runs(console: ServerConsole, scenario: dict[str, Any]) -> None:
    replay(console, scenario, later=scenario["id"].startswith("cl-"))
    console.out("set attr any change")
    assert console.out("check containers=no") == ""


def test_a_refused_command_leaves_no_row_on_any_database(console: ServerConsole) -> None:
    console.fill(FIRST[0]["initial"])
    before = [console.rows(f"SELECT * FROM {table}") for table in FILL_ORDER]
    console.out("add host vm vm-container-0-0 Compute --dry-run")
    console.error("add host vm vm-container-0-0 espresso Compute")
    console.error("add cluster 198.51.100.20 3 vlan=1")
    assert [console.rows(f"SELECT * FROM {table}") for table in FILL_ORDER] == before
