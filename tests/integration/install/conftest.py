"""A frontend with its install service, two real containers, and VMs that are really installed."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import CommandResult, dispatch
from core.install.server import serving
from core.jobs.launch import ThreadLauncher
from core.jobs.process import is_running
from core.jobs.runner import Means
from core.jobs.worker import Connections
from core.settings import Settings, load_settings
from core.store.install_records import InstallRecord
from core.store.job_records import JobRecord
from core.store.partition_records import SchemeScope
from core.store.records import NewDisk, Scope
from core.store.store import Store
from partition_editor.fleet.installed import last_installs
from partition_editor.schemes.source import SchemeSource
from tests.integration.fleet.screen import Seat
from tests.lab.fixtures import lab
from tests.lab.installer.image import InstallerImage, installer, missing_tools
from tests.lab.netns.lab import Lab
from tui.app import QuarryApp
from tui.composition import open_fleet
from tui.history import History

__all__ = ["lab"]

CONTAINER = "vm-container-0-0"
PORT = 8040
DISKS = "/state/partition1/kvm/disks"
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def image() -> InstallerImage:
    why = missing_tools()
    if why:
        pytest.skip(why)
    try:
        return installer()
    except RuntimeError as error:
        pytest.skip(str(error))


@dataclass
class Site:
    """The cluster as its operator has it."""

    lab: Lab
    store: Store
    settings: Settings
    folder: Path
    names: list[str] = field(default_factory=list)
    service: ExitStack = field(default_factory=ExitStack)

    def quarry(self, line: str) -> CommandResult:
        """Run a command as the operator does; its job runs in this process."""
        connections = Connections(self.store, self.settings.containers)
        context = Context(self.settings, who="anna", store=self.store)
        context.launcher = ThreadLauncher(self.store, lambda: Means(self.store, connections, context.files()))
        try:
            return dispatch(line, context)
        finally:
            connections.close()

    @asynccontextmanager
    async def seated(self) -> AsyncIterator[Seat]:
        """Open the screen; its jobs run in workers of their own, as an operator's do."""
        fleet = open_fleet(self.settings)
        try:
            app = QuarryApp(fleet, self.settings, history=History(self.folder / "history"))
            async with app.run_test(size=(120, 40), notifications=True) as pilot:
                yield Seat(app, pilot)
        finally:
            fleet.close()

    def serve(self) -> None:
        """Start the install service."""
        self.service.enter_context(serving(self.store, SchemeSource(self.store), self.settings.install))

    def add_vm(self, *, disk_gb: int = 16, disks: int = 1, memory_mib: int = 320) -> str:
        """A VM in the store, with blank disks."""
        number = next(_NUMBERS)
        name = f"compute-0-0-{number}"
        with self.store.begin() as rows:
            house, private = rows.nodes.find(CONTAINER), rows.subnets.find("private")
            assert house is not None and private is not None
            node = rows.nodes.add(name, membership="Compute", rack=0, rank=number)
            vm = rows.vms.add(node.id, house.id, number, mem=memory_mib, virt_type="hvm")
            mac, address = f"00:16:3e:88:00:{number:02x}", f"{self.lab.network}.{100 + number}"
            rows.networks.add(
                node.id, device="eth0", mac=mac, ip=address, netmask="255.255.255.0", subnet_id=private.id, name=name
            )
            letters = "abc"[:disks]
            rows.vms.set_disks(
                vm, [NewDisk("file", DISKS, f"{name}.vd{one}", f"vd{one}", "virtio", disk_gb) for one in letters]
            )
        self.names.append(name)
        return name

    def scheme(self, name: str, kind: str, text: str = "", interpreter: str = "") -> None:
        """Attach a scheme to a VM."""
        with self.store.begin() as rows:
            rows.schemes.add(SchemeScope.HOST, name, kind=kind, text=text, interpreter=interpreter, who="anna")

    def attribute(self, name: str, attribute: str, value: str) -> None:
        """Set an attribute of a VM."""
        with self.store.begin() as rows:
            node = rows.nodes.find(name)
            assert node is not None
            rows.attributes.set(Scope.HOST, node.id, attribute, value)

    def install_of(self, name: str) -> InstallRecord:
        """A VM's last install."""
        with self.store.reading() as rows:
            node = rows.nodes.find(name)
            assert node is not None
            return rows.installs.of_node(node.id, limit=1)[0]

    def differences(self, name: str) -> tuple[str, ...]:
        """In what a VM's disks are not as was planned for its last install."""
        with self.store.reading() as rows:
            node = rows.nodes.find(name)
            assert node is not None
            (installed,) = last_installs(rows, [node])
        assert not installed.trouble, installed.trouble
        return installed.differences

    def told(self, name: str) -> list[str]:
        """The kinds of the events of a VM's last install."""
        install = self.install_of(name)
        with self.store.reading() as rows:
            return [event.kind for event in rows.installs.events(install.id)]

    def last_job(self) -> JobRecord:
        """The newest job."""
        with self.store.reading() as rows:
            return rows.jobs.recent()[0]

    def console(self, name: str) -> str:
        """All that a VM's console said."""
        log = self.lab.containers[CONTAINER].base / f"log-libvirt/qemu/{name}.console.log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def table(self, name: str, disk: str = "vda") -> list[tuple[int, int]]:
        """Start and size, in sectors, of each partition on a VM's disk, as sfdisk on the container reads them."""
        path = f"{DISKS}/{name}.{disk}"
        text = self.lab.containers[CONTAINER].run("sfdisk", "--json", path)
        rows = json.loads(text)["partitiontable"].get("partitions", [])
        return [(row["start"], row["size"]) for row in rows]

    def is_blank(self, name: str, disk: str = "vda") -> bool:
        """Nothing was ever written where a disk's label and first file system would begin."""
        path = f"{DISKS}/{name}.{disk}"
        return self.lab.containers[CONTAINER].run("head", "-c", "2097152", path).strip("\0") == ""

    def on_disk(self, name: str, number: int, *words: str, disk: str = "vda", skip: int = 0) -> str:
        """What debugfs says of a file system inside a VM's disk, so many bytes into a partition."""
        start, _ = self.table(name, disk)[number - 1]
        path = f"{DISKS}/{name}.{disk}?offset={start * 512 + skip}"
        return self.lab.containers[CONTAINER].run("debugfs", *words, path, check=False)

    def stop(self, name: str) -> None:
        """Pull a VM's power cord."""
        self.lab.virsh(CONTAINER, "destroy", name, check=False)

    def kill_workers(self) -> None:
        """End the workers that are processes of their own, without a word to them."""
        with self.store.reading() as rows:
            marks = [job.worker for job in rows.jobs.recent() if job.worker]
        for mark in marks:
            pid = int(mark.split()[0])
            if pid != os.getpid() and is_running(mark):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def clear(self) -> None:
        """Leave nothing of the VMs."""
        self.kill_workers()
        for name in self.names:
            self.stop(name)
            self.lab.virsh(CONTAINER, "undefine", name, check=False)
            log = f"/var/log/libvirt/qemu/{name}.console.log"
            self.lab.containers[CONTAINER].run("sh", "-c", f"rm -f {DISKS}/{name}.* {log}")


@pytest.fixture
def site(lab: Lab, image: InstallerImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    address = f"{lab.network}.1:{PORT}"
    config = tmp_path / "quarry.toml"
    config.write_text(
        f'[store]\nurl = "sqlite:///{tmp_path}/quarry.sqlite"\nbusy_timeout_s = 20\n\n'
        f'[containers]\nkeyfile = "{lab.keyfile}"\nknown_hosts = "{lab.known_hosts}"\nrefresh_s = 1.0\n\n'
        f'[install]\nlisten = "{address}"\nurl = "http://{address}"\nkernel = "{image.kernel}"\n'
        f'initrd = "{image.initrd}"\narguments = "quiet console=ttyS0 panic=5"\nfirst_word_s = 180\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("QUARRY_CONFIG", str(config))
    monkeypatch.delenv("QUARRY_STORE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    with Store.open(settings.store_url, busy_timeout_s=20) as store:
        with store.begin() as rows:
            rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
            house = rows.nodes.add(CONTAINER, membership="VM Container", rack=0, rank=0)
            rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", lab.containers[CONTAINER].uri)
            rows.attributes.set(Scope.GLOBAL, None, "vm_bridge", "br0")
            rows.attributes.set(Scope.GLOBAL, None, "vm_boot_order", "hd")
            rows.attributes.set(Scope.GLOBAL, None, "vm_graphics", "no")
        made = Site(lab, store, settings, tmp_path)
        with made.service:
            made.serve()
            try:
                yield made
            finally:
                made.clear()
