"""`import rocks` from a real MariaDB with Rocks' tables, and from mysqldump files of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pymysql
import pytest
from pymysql.constants import CLIENT

from core.store.rocks_import import import_rocks
from core.store.store import Store

pytestmark = pytest.mark.real

DATA = Path(__file__).parents[2] / "unit" / "store" / "data"


def fill(socket: Path, name: str, schema: str) -> str:
    """Make a database with the rows of a Rocks release; return its URL."""
    connection = pymysql.connect(unix_socket=str(socket), user="root", client_flag=CLIENT.MULTI_STATEMENTS)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET latin1")
            cursor.execute(f"USE {name}")
            # Rocks' servers were not strict; the broken rows of the samples need that.
            cursor.execute("SET SESSION sql_mode='', foreign_key_checks=0")
            cursor.execute((DATA / schema).read_text())
            while cursor.nextset():
                pass
        connection.commit()
    finally:
        connection.close()
    return f"mysql://root@localhost/{name}?unix_socket={socket}"


@pytest.mark.parametrize("schema", ["rocks_5_0.sql", "rocks_6_2.sql", "rocks_7_0.sql"])
def test_from_a_live_server(mariadb_socket: Path, url: str, schema: str, tmp_path: Path) -> None:
    source = fill(mariadb_socket, "cluster", schema)
    with Store.open(url) as store, Store.open(f"sqlite:///{tmp_path / 'from_text'}") as other:
        live = import_rocks(store, source)
        text = import_rocks(other, str(DATA / schema))
        assert live.added == text.added
        assert live.changed == text.changed
        assert live.refused == text.refused
        assert not import_rocks(store, source).wrote_anything


@pytest.mark.parametrize(
    "options", [["--skip-extended-insert"], ["--complete-insert"], ["--databases"], ["--hex-blob"]]
)
@pytest.mark.parametrize("schema", ["rocks_5_0.sql", "rocks_6_2.sql", "rocks_7_0.sql"])
def test_from_a_dump_of_it(
    mariadb_socket: Path, tmp_path: Path, schema: str, options: list[str], dump: Callable[..., Path]
) -> None:
    fill(mariadb_socket, "cluster", schema)
    path = dump(*options, "cluster")
    with Store.open(f"sqlite:///{tmp_path / 'a'}") as store, Store.open(f"sqlite:///{tmp_path / 'b'}") as other:
        from_dump = import_rocks(store, str(path))
        from_text = import_rocks(other, str(DATA / schema))
        assert sorted(from_dump.lines()) == sorted(from_text.lines())
        with store.reading() as rows, other.reading() as expected:
            assert rows.nodes.all() == expected.nodes.all()
            assert rows.networks.all() == expected.networks.all()
            assert set(rows.attributes.all()) == set(expected.attributes.all())


@pytest.fixture
def dump(mariadb_socket: Path, tmp_path: Path) -> Callable[..., Path]:
    program = shutil.which("mariadb-dump") or shutil.which("mysqldump")
    if program is None:
        pytest.skip("mysqldump is not installed")

    def run(*words: str) -> Path:
        path = tmp_path / "dump.sql"
        with path.open("wb") as stream:
            subprocess.run(
                [program, "--no-defaults", f"--socket={mariadb_socket}", "--user=root", *words],
                check=True,
                stdout=stream,
                timeout=60,
            )
        return path

    return run
