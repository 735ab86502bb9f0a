"""A store in a file of its own and a way to run lines against it, as a shell would."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import CommandResult, dispatch
from core.errors import ContainerUnreachable
from core.hypervisor.api import Hypervisor
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName
from core.settings import Settings, StoreSettings
from core.store.store import Store
from tests.stores import put_fresh_store

TEST_HOST = ContainerName("testhost")
TEST_UUID = "6695eb01-f6a4-8304-79aa-97f2502e1900"
HOST_FILE = f"""<node>
  <domain type='test'>
    <name>test</name>
    <uuid>{TEST_UUID}</uuid>
    <memory unit='KiB'>1048576</memory>
    <vcpu>2</vcpu>
    <os><type>hvm</type></os>
    <devices>
      <disk type='file' device='disk'>
        <source file='/state/partition1/xen/disks/test.img'/>
        <target dev='hda' bus='ide'/>
      </disk>
      <interface type='bridge'><mac address='aa:bb:cc:dd:ee:ff'/><source bridge='br0'/></interface>
    </devices>
  </domain>
  <pool type='dir'>
    <name>images</name>
    <capacity>1000000000000</capacity>
    <target><path>/state/partition1/xen/disks</path></target>
  </pool>
  <memory>16777216</memory>
</node>
"""


class Held:
    """Connections that outlive a command, as the TUI's do: the test driver's state is its connection's."""

    def __init__(self, *hypervisors: Hypervisor) -> None:
        self.hypervisors = {one.container: one for one in hypervisors}

    def set_containers(self, uris: Mapping[ContainerName, str]) -> None:
        """Always these."""

    def get(self, name: ContainerName) -> Hypervisor:
        """One of those there are."""
        if name in self.hypervisors:
            return self.hypervisors[name]
        raise ContainerUnreachable(name, f"cannot reach {name}")

    def retry_now(self, name: ContainerName | None = None) -> None:
        """Nothing is ever down."""


FILL_ORDER = ("appliances", "memberships", "subnets", "nodes", "networks", "vm_nodes", "vm_disks")


@dataclass
class Console:
    """One operator at one store."""

    path: Path
    context: Context

    def run(self, *line: str | Sequence[str]) -> CommandResult:
        """Run a line given as text or as words."""
        only = line[0]
        return dispatch(only if len(line) == 1 else [str(word) for word in line], self.context)

    def words(self, words: Sequence[str]) -> CommandResult:
        """Run a line already split into words."""
        return dispatch(list(words), self.context)

    def out(self, line: str) -> str:
        """What a line that must succeed prints."""
        result = dispatch(line, self.context)
        assert result.status == 0, result.err
        return result.out

    def error(self, line: str) -> str:
        """The one line a command that must fail prints on stderr, without its prefix."""
        result = dispatch(line, self.context)
        assert result.status != 0, result.out
        assert result.out == ""
        assert result.err.startswith("error - ") and result.err.count("\n") == 1
        return result.err.removeprefix("error - ").rstrip("\n")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Look into the database itself."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    def fill(self, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
        """Replace the store's rows by these, with plain SQL."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for table in reversed(FILL_ORDER):
                connection.execute(f"DELETE FROM {table}")
            for table in (*FILL_ORDER, *(name for name in tables if name not in FILL_ORDER)):
                for row in tables.get(table, ()):
                    names = ", ".join(row)
                    marks = ", ".join("?" * len(row))
                    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


@contextmanager
def console_at(path: Path) -> Iterator[Console]:
    """A console on the store at a path."""
    url = f"sqlite:///{path}"
    context = Context(Settings(store=StoreSettings(url=url)), who="operator", store=Store.open(url))
    try:
        yield Console(path, context)
    finally:
        context.close()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """A fresh store with Rocks' usual rows."""
    path = tmp_path / "quarry.sqlite"
    put_fresh_store(path)
    with console_at(path) as console:
        yield console


@pytest.fixture
def cluster(tmp_path: Path, filled_store: bytes) -> Iterator[Console]:
    """A frontend and three containers in two racks that have reported their partitions."""
    path = tmp_path / "quarry.sqlite"
    path.write_bytes(filled_store)
    with console_at(path) as console:
        yield console


@pytest.fixture(scope="session")
def filled_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of `cluster`: its commands are run once for all tests."""
    path = tmp_path_factory.mktemp("cluster") / "quarry.sqlite"
    put_fresh_store(path)
    with console_at(path) as console:
        fill_cluster(console)
    return path.read_bytes()


def fill_cluster(console: Console) -> None:
    """Add what `cluster` has."""
    for line in (
        "add host rocks Frontend rack=0 rank=0",
        "add host interface rocks eth0 subnet=private ip=10.1.1.1 mac=00:0e:0c:00:00:01 name=rocks",
        "add host vm-container-0-0 cpus=8 ip=auto mac=00:0e:0c:01:00:00",
        "add host vm-container-0-1 cpus=8 ip=auto mac=00:0e:0c:01:00:01",
        "add host vm-container-1-0 cpus=8 ip=auto mac=00:0e:0c:01:01:00",
    ):
        console.out(line)
    with closing(sqlite3.connect(console.path)) as connection, connection:
        connection.execute(
            "INSERT INTO partitions (node, device, mountpoint, partitionsize) "
            "SELECT id, 'sda5', '/state/partition1', '66.4GB' FROM nodes WHERE name LIKE 'vm-container%'"
        )


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[LibvirtHypervisor]:
    """libvirt's test driver with one running domain, ``test``."""
    path = tmp_path / "host.xml"
    path.write_text(HOST_FILE)
    hypervisor = LibvirtHypervisor(TEST_HOST, f"test://{path}")
    hypervisor.open()
    yield hypervisor
    hypervisor.close()


@pytest.fixture
def running(cluster: Console, driver: LibvirtHypervisor) -> Console:
    """The cluster with a further container on the test driver, whose domain is in the store."""
    cluster.context.connections = Held(driver)
    cluster.out(f"add host {TEST_HOST} 'VM Container' uri={driver.uri}")
    cluster.out("adopt host vm test")
    return cluster
