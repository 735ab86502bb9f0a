"""Opening a store that is missing, old, new, broken or locked: one sentence with what to do."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import StoreBusy, StoreError
from core.store import schema
from core.store.store import Store
from tests.stores import add_vm


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def run_sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_fresh_store_has_rocks_memberships_and_the_private_network(path: Path) -> None:
    with Store.open(url(path)) as store, store.reading() as rows:
        assert [(one.id, one.name, one.appliance) for one in rows.memberships.all()] == [
            (1, "Frontend", "frontend"),
            (2, "Ethernet Switches", "network"),
            (3, "Power Units", "power"),
            (4, "Remote Management", "manager"),
            (5, "NAS Appliance", "nas"),
            (6, "Compute", "compute"),
            (7, "VM Container", "vm-container"),
        ]
        (private,) = rows.subnets.all()
        assert (private.name, private.subnet, private.netmask) == ("private", "10.0.0.0", "255.0.0.0")
        assert rows.nodes.all() == []


def test_folders_of_a_new_store_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "store.sqlite"
    Store.open(url(path)).close()
    assert path.exists()


def test_a_missing_store_is_not_made_for_readers(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        Store.open(url(path), read_only=True)
    with pytest.raises(StoreError, match="there is no store at"):
        Store.open(url(path), create=False)
    assert not path.exists()


def test_a_newer_store_is_left_alone(store: Store, path: Path) -> None:
    store.close()
    run_sql(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer than this program.*upgrade Quarry"):
        Store.open(url(path))


def test_an_older_store_is_upgraded_with_its_rows(store: Store, path: Path) -> None:
    with store.begin() as rows:
        add_vm(rows)
    store.close()
    run_sql(path, "ALTER TABLE vm_nodes DROP COLUMN saved_file")
    run_sql(path, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreError, match=r"schema 0001.*open it for writing"):
        Store.open(url(path), read_only=True)
    with Store.open(url(path)) as again, again.begin() as rows:
        vm = rows.vms.find("compute-0-0-0")
        assert vm is not None
        rows.vms.update(vm.id, saved_file="/state/partition1/x.saved")


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_text("once upon a time " * 100)
    with pytest.raises(StoreError, match=f"the store {re.escape(str(path))} is damaged or is not a database"):
        Store.open(url(path))
    assert path.read_text().startswith("once upon a time")


def test_another_program_s_database(path: Path) -> None:
    run_sql(path, "CREATE TABLE songs (title TEXT)")
    with pytest.raises(StoreError, match="not a Quarry store"):
        Store.open(url(path))


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="it is not a file"):
        Store.open(url(tmp_path))


@pytest.mark.parametrize("wrong", ["nonsense", "oracle://x/y", "mariadb://host", "mysql://u@h:port/db", "sqlite:/x"])
def test_wrong_urls(wrong: str) -> None:
    with pytest.raises(StoreError):
        Store.open(wrong)


@pytest.mark.parametrize("scheme", ["mariadb", "postgresql"])
def test_a_server_that_is_down(scheme: str) -> None:
    with pytest.raises(StoreError, match=r"cannot reach the database server|lost the connection"):
        Store.open(f"{scheme}://nobody:secret@127.0.0.1:1/quarry", busy_timeout_s=1)


def test_a_missing_driver_names_its_extra() -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from core.store.store import Store\n"
        "from core.errors import StoreError\n"
        "try: Store.open('postgresql://h/d')\n"
        "except StoreError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "pip install 'quarry[postgresql]'" in done.stdout


def test_a_busy_store_waits_and_then_says_so(store: Store, path: Path) -> None:
    with store.begin() as rows:
        rows.nodes.add("one", membership="Compute")
        with Store.open(url(path), busy_timeout_s=0.2) as other, pytest.raises(StoreBusy), other.begin():
            pass


def test_what_a_writer_has_read_stays_true_until_it_commits(store: Store, path: Path) -> None:
    begun = False
    with store.begin() as rows:
        before = rows.allocation.next_mac()
        with Store.open(url(path), busy_timeout_s=0.2) as other, pytest.raises(StoreBusy), other.begin():
            begun = True
        add_vm(rows)
    assert not begun, "another writer could have read, and given out, the same address"
    with store.reading() as rows:
        assert rows.networks.find_by_mac(before) is not None


def test_transact_tries_again_after_a_busy_one(store: Store, path: Path) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.begin():
            held.set()
            done.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    threading.Timer(0.5, done.set).start()
    with Store.open(url(path), busy_timeout_s=0.2) as other:
        assert other.transact(add_vm) == "compute-0-0-0"
    thread.join()


def test_a_store_opened_read_only_refuses_changes(store: Store, path: Path) -> None:
    with Store.open(url(path), read_only=True) as reader:
        with reader.reading() as rows:
            assert rows.nodes.find("rocks") is not None
        with pytest.raises(StoreError, match="opened read-only"), reader.begin():
            pass


AS_NOBODY = """
import os, sys
from core.store.store import Store
from core.errors import StoreError
Store.open("sqlite://").close()  # the account may not read Python's own files: load them now
os.setgid(65534)
os.setuid(65534)
store = Store.open(sys.argv[1])
with store.reading() as rows:
    print(len(rows.nodes.all()))
try:
    with store.begin():
        pass
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize("modes", [(0o755, 0o644), (0o777, 0o444), (0o755, 0o666)])
def test_an_account_that_may_only_read_still_reads(store: Store, path: Path, modes: tuple[int, int]) -> None:
    store.close()
    for folder in (path.parent, *path.parents[1:3]):
        folder.chmod(0o755)
    path.parent.chmod(modes[0])
    path.chmod(modes[1])
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, url(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.startswith("3\n"), done.stderr
    assert "read-only for you" in done.stdout


def test_the_head_constant_is_the_newest_migration() -> None:
    from core.store.migrations import script_directory

    assert script_directory().get_current_head() == schema.HEAD


def test_opening_does_not_load_alembic_or_the_orm(store: Store, path: Path) -> None:
    store.close()
    script = (
        "import sys; from core.store.store import Store\n"
        "with Store.open(sys.argv[1]) as store, store.reading() as rows: rows.fleet()\n"
        "print([name for name in ('alembic', 'sqlalchemy.orm', 'pymysql', 'psycopg') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, url(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_migrations_make_the_tables_the_program_declares() -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine

    from core.store.migrations import upgrade

    with create_engine("sqlite://").begin() as connection:
        upgrade(connection, None, "here")
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_a_new_store_is_nobody_elses_to_read(path: Path) -> None:
    with Store.open(url(path)) as store, store.begin() as rows:
        rows.log.add(who="ann", host="here", what="list host")
        modes = {one.name: one.stat().st_mode & 0o007 for one in path.parent.iterdir()}
    assert path.name in modes
    assert set(modes.values()) == {0}
