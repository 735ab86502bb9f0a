"""What the tables are made of: one metadata, and columns that behave the same on three databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# MySQL compared names without regard to case, and Rocks relied on it. PostgreSQL needs a collation of its own.
NOCASE_COLLATION = "quarry_nocase"
CREATE_NOCASE = (
    f"CREATE COLLATION IF NOT EXISTS {NOCASE_COLLATION} "
    "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)
event.listen(
    metadata,
    "before_create",
    DDL(CREATE_NOCASE).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
)


def nocase(length: int) -> String:
    """A text type that compares without regard to case on every database."""
    return (
        String(length)
        .with_variant(String(length, collation="NOCASE"), "sqlite")
        .with_variant(String(length, collation=NOCASE_COLLATION), "postgresql")
        .with_variant(String(length, collation="utf8mb4_general_ci"), "mysql", "mariadb")
    )


def set_mysql_options() -> None:
    """Give every table MySQL's options, before tables are made there.

    Not said where the tables are declared, because naming the dialect there would load it in every program.
    """
    for one in metadata.tables.values():
        for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin")):
            one.kwargs[f"mysql_{option}"] = one.kwargs[f"mariadb_{option}"] = value


def table(name: str, *items: Column[Any] | UniqueConstraint | Index) -> Table:
    """A table whose ids are never given out again, not even those of rows that are gone."""
    return Table(name, metadata, *items, sqlite_autoincrement=True)


class LongText(TypeDecorator[str]):
    """A text that may have megabytes, which MySQL's plain ``TEXT`` may not."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """MySQL's ``LONGTEXT``, plain text elsewhere; the dialect is loaded only where it is in use anyway."""
        if dialect.name not in ("mysql", "mariadb"):
            return super().load_dialect_impl(dialect)
        from sqlalchemy.dialects.mysql import LONGTEXT

        return dialect.type_descriptor(LONGTEXT())


def identity() -> Column[int]:
    """The column `id`, which the database numbers."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def link(name: str, target: str, *, ondelete: str | None = None, nullable: bool = True) -> Column[int]:
    """A column that refers to another table's (``nodes.id``), with an index."""
    return Column(name, Integer, ForeignKey(target, ondelete=ondelete), nullable=nullable, index=True)
