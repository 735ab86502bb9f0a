"""Reading a Rocks frontend's database from its MySQL or MariaDB server. Only SELECTs are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, create_engine, exc, make_url, select, table

from core.errors import StoreError
from core.store.rocks_import.dump import Row, Tables
from core.store.translate import as_store_error

if TYPE_CHECKING:
    from core.store.repository.base import AnySelect

_CONNECT_S = 10


def read_live(url: str) -> Tables:
    """Read every table of the URL's database: table → rows, names in lower case.

    Raises:
        StoreError: Wrong URL, missing driver, server unreachable, access refused.
    """
    try:
        parsed = make_url(url)
        if "+" not in parsed.drivername:
            parsed = parsed.set(drivername=f"{parsed.drivername}+pymysql")
        # utf8 (three bytes): the servers of Rocks 5 do not know utf8mb4.
        engine = create_engine(parsed, connect_args={"charset": "utf8", "connect_timeout": _CONNECT_S})
    except ModuleNotFoundError as error:
        raise StoreError(
            "the driver for MySQL is not installed", str(error), "pip install 'quarry[mariadb]'"
        ) from error
    except (exc.SQLAlchemyError, ValueError) as error:
        raise StoreError("the URL makes no sense", str(error), "use mysql://USER:PASSWORD@HOST/cluster") from error
    if not parsed.database:
        raise StoreError(
            "the URL names no database", remedy="Rocks' own is called cluster: mysql://USER@HOST/cluster"
        )
    catalogue = table("columns", column("table_name"), column("column_name"), schema="information_schema")
    try:
        with engine.connect() as connection:
            columns: dict[str, list[str]] = {}
            statement = (
                select(catalogue.c.table_name, catalogue.c.column_name)
                .where(column("table_schema") == parsed.database)
                .order_by(column("table_name"), column("ordinal_position"))
            )
            for name, field in connection.execute(statement):
                columns.setdefault(str(name), []).append(str(field))
            return {name.lower(): _rows(connection, name, fields) for name, fields in columns.items()}
    except exc.DBAPIError as error:
        raise as_store_error(error.orig or error, error) from error
    finally:
        engine.dispose()


def _rows(connection: Connection, name: str, fields: list[str]) -> list[Row]:
    statement: AnySelect = select(*(column(field) for field in fields)).select_from(table(name))
    rows: list[tuple[object, ...]] = [tuple(row) for row in connection.execute(statement)]
    return [_row(fields, row) for row in rows]


def _row(fields: list[str], values: tuple[object, ...]) -> Row:
    return {field.lower(): _text(value) for field, value in zip(fields, values, strict=True)}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("latin-1")
    if isinstance(value, set | frozenset):
        return ",".join(sorted(str(item) for item in value))
    return str(value)
