"""From a URL or the path of a dump to the tables of one Rocks database."""

from __future__ import annotations

from pathlib import Path

from core.errors import StoreError
from core.store.rocks_import.dump import Tables, read_dump
from core.store.rocks_import.live import read_live

_NEEDED = ("nodes", "memberships")
_SERVERS = ("mysql", "mariadb")
_ROCKS_NAME = "cluster"


def read_source(source: str) -> Tables:
    """Read all tables of a Rocks database.

    Args:
        source: ``mysql://…`` or ``mariadb://…``, or the path of a mysqldump file.

    Raises:
        StoreError: It cannot be read, or there is no Rocks database in it.
    """
    if "://" in source:
        scheme = source.partition("://")[0].partition("+")[0]
        if scheme not in _SERVERS:
            raise StoreError(
                f'cannot import from a "{scheme}" URL',
                "Rocks keeps its database in MySQL",
                "use mysql://USER:PASSWORD@HOST/cluster or the path of a mysqldump file",
            )
        tables = read_live(source)
        return _checked(tables, source.rpartition("@")[2])
    databases = read_dump(_read_text(Path(source).expanduser()), source)
    candidates = {name: tables for name, tables in databases.items() if all(one in tables for one in _NEEDED)}
    tables = candidates.get(_ROCKS_NAME) or next(iter(candidates.values()), {})
    return _checked(tables, source)


def _checked(tables: Tables, label: str) -> Tables:
    missing = [name for name in _NEEDED if name not in tables]
    if missing:
        raise StoreError(
            f"there is no Rocks database in {label}", f"it has no table {missing[0]}", "dump the database `cluster`"
        )
    return tables


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot read the dump {path}", error.strerror or str(error)) from error
    if data[:2] == b"\x1f\x8b":
        raise StoreError(f"cannot read the dump {path}", "it is compressed", "gunzip it first")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
