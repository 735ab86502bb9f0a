"""A frontend with its install service, two real containers, and VMs that are really installed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import CommandResult, dispatch
from core.install.server import serving
from core.jobs.launch import ThreadLauncher
from core.jobs.runner import Means
from core.jobs.worker import Connections
from core.settings import InstallSettings, Settings, StoreSettings
from core.store.partition_records import SchemeScope
from core.store.records import NewDisk, Scope
from core.store.store import Store
from partition_editor.schemes.source import SchemeSource
from tests.lab.fixtures import lab
from tests.lab.installer.image import InstallerImage, installer, missing_tools
from tests.lab.netns.lab import Lab

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
    names: list[str]

    def quarry(self, line: str) -> CommandResult:
        """Run a command as the operator does; its job runs in this process."""
        connections = Connections(self.store, self.settings.containers)
        context = Context(self.settings, who="anna", store=self.store)
        context.launcher = ThreadLauncher(self.store, lambda: Means(self.store, connections, context.files()))
        try:
            return dispatch(line, context)
        finally:
            connections.close()

    def add_vm(self, *, disk_gb: int = 16, disks: int = 1) -> str:
        """A VM in the store, with blank disks."""
        number = next(_NUMBERS)
        name = f"compute-0-0-{number}"
        with self.store.begin() as rows:
            house, private = rows.nodes.find(CONTAINER), rows.subnets.find("private")
            assert house is not None and private is not None
            node = rows.nodes.add(name, membership="Compute", rack=0, rank=number)
            vm = rows.vms.add(node.id, house.id, number, mem=320, virt_type="hvm")
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

    def on_disk(self, name: str, number: int, *words: str, disk: str = "vda") -> str:
        """What debugfs says of a file system inside a VM's disk."""
        start, _ = self.table(name, disk)[number - 1]
        path = f"{DISKS}/{name}.{disk}?offset={start * 512}"
        return self.lab.containers[CONTAINER].run("debugfs", *words, path, check=False)

    def stop(self, name: str) -> None:
        """Pull a VM's power cord."""
        self.lab.virsh(CONTAINER, "destroy", name, check=False)


@pytest.fixture
def site(lab: Lab, image: InstallerImage, tmp_path: Path) -> Iterator[Site]:
    install = InstallSettings(
        listen=f"{lab.network}.1:{PORT}",
        url=f"http://{lab.network}.1:{PORT}",
        kernel=str(image.kernel),
        initrd=str(image.initrd),
        arguments="quiet console=ttyS0 panic=5",
        silent_s=45,
        first_word_s=60,
    )
    settings = Settings(
        store=StoreSettings(url=f"sqlite:///{tmp_path}/quarry.sqlite"), containers=lab.settings(), install=install
    )
    with Store.open(settings.store_url, busy_timeout_s=20) as store:
        with store.begin() as rows:
            rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
            house = rows.nodes.add(CONTAINER, membership="VM Container", rack=0, rank=0)
            rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", lab.containers[CONTAINER].uri)
            rows.attributes.set(Scope.GLOBAL, None, "vm_bridge", "br0")
            rows.attributes.set(Scope.GLOBAL, None, "vm_boot_order", "hd")
            rows.attributes.set(Scope.GLOBAL, None, "vm_graphics", "no")
        made = Site(lab, store, settings, [])
        with serving(store, SchemeSource(store), install):
            yield made
        for name in made.names:
            made.stop(name)
            lab.virsh(CONTAINER, "undefine", name, check=False)
            lab.containers[CONTAINER].run(
                "sh", "-c", f"rm -f {DISKS}/{name}.* /var/log/libvirt/qemu/{name}.console.log"
            )
