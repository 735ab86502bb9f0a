"""What every part of the import shares: putting a row where it belongs, and cleaning values."""

from __future__ import annotations

from sqlalchemy import Connection, Table, and_, insert, select, update

from core.store.addresses import normal_ip, normal_mac
from core.store.repository.base import Rows
from core.store.rocks_import.dump import Row, Tables
from core.store.rocks_import.report import ImportNote, ImportReport

EMPTY = ("", "none", "null")
"""Texts by which Rocks' scripts stored "nothing": the word None was written by a full subnet."""


class Taker:
    """One import into one write transaction.

    Attributes:
        ids: For each Rocks table, its ids → the store's.
        names: For each table, the folded names already seen in the source.
    """

    def __init__(self, rows: Rows, tables: Tables, report: ImportReport) -> None:
        self.rows = rows
        self.connection: Connection = rows.connection
        self.tables = tables
        self.report = report
        self.ids: dict[str, dict[int, int]] = {}
        self.names: dict[str, set[str]] = {}
        self.used_tables: set[str] = set()

    def source(self, table: str) -> list[Row]:
        """A Rocks table's rows, in order of id where it has one; none when there is no such table."""
        self.used_tables.add(table)
        return sorted(self.tables.get(table, []), key=lambda row: as_int(row.get("id")) or 0)

    def put(self, table: Table, key: dict[str, object], values: dict[str, object]) -> int:
        """Add the row with this key, or make it so; return its id."""
        where = and_(
            *(table.c[name].is_(None) if value is None else table.c[name] == value for name, value in key.items())
        )
        found = self.connection.execute(select(table).where(where).order_by(table.c.id)).first()
        if found is None:
            return self.add(table, key | values)
        number = int(found.id)
        self.alter(table, number, dict(found._mapping), values)
        return number

    def add(self, table: Table, values: dict[str, object]) -> int:
        """Add a row and count it."""
        inserted = self.connection.execute(insert(table).values(values)).inserted_primary_key
        self.report.added[table.name] += 1
        return int(inserted[0]) if inserted else 0

    def alter(self, table: Table, number: int, now: dict[str, object], values: dict[str, object]) -> None:
        """Make an existing row hold these values, and count whether that changed anything."""
        different = {name: value for name, value in values.items() if now[name] != value}
        if different:
            self.connection.execute(update(table).where(table.c.id == number).values(different))
            self.report.updated[table.name] += 1
        else:
            self.report.unchanged[table.name] += 1

    def change(self, table: str, row: str, what: str) -> None:
        """Report a row that is taken, but not as it was."""
        self.report.changed.append(ImportNote(table, row, what))

    def refuse(self, table: str, row: str, what: str) -> None:
        """Report a row that is left out."""
        self.report.refused.append(ImportNote(table, row, what))

    def integer(self, row: Row, name: str, table: str, label: str, *, otherwise: int | None) -> int | None:
        """A number of a row; `otherwise` when it is absent or, with a note, when it is no number."""
        text = row.get(name)
        if text is None or text.strip().lower() in EMPTY:
            return otherwise
        number = as_int(text)
        if number is None:
            self.change(table, label, f'{name} was "{text}", which is not a number; now {otherwise}')
            return otherwise
        return number

    def mac(self, row: Row, label: str) -> str | None:
        """A MAC in the store's spelling, None for none or, with a note, for nonsense."""
        raw = text_or_none(row.get("mac"))
        if raw is None:
            return None
        normal = normal_mac(raw)
        if normal is None:
            self.change("networks", label, f'the MAC "{raw}" is not one and was left out')
        return normal

    def ip(self, row: Row, name: str, label: str) -> str | None:
        """An IP in its usual spelling, None for none or, with a note, for nonsense."""
        raw = row.get(name)
        if raw is None or not raw.strip():
            return None
        normal = normal_ip(raw)
        if normal is None:
            self.change("networks", label, f'the {name} "{raw}" is not an address and was left out')
        return normal


def as_int(text: str | None) -> int | None:
    """A whole number from a column's text, None when it is not one."""
    if text is None:
        return None
    try:
        return int(text.strip())
    except ValueError:
        return None


def text_or_none(text: str | None) -> str | None:
    """A column's text, None for every way of saying nothing."""
    return None if text is None or text.strip().lower() in EMPTY else text.strip()


def clipped(text: str | None, length: int) -> str | None:
    """A text that fits its column."""
    return text[:length] if text is not None else None
