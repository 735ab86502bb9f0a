"""The demo fleet: containers on libvirt's test driver, a private store, and some life in it.

::

    demo = DemoFleet(folder)
    inventory = Inventory(StoreFleet(demo.store), demo.settings, demo=True)
    pool = demo.pool(inventory.on_event, inventory.on_link)
    inventory.start(pool)
    demo.liven()
    …
    demo.close()
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from core.demo.files import machine_xml
from core.demo.life import DemoLife
from core.demo.load import statistics_at
from core.demo.names import FRONTEND, IMAGE_FOLDER, DemoContainer, DemoVm, demo_containers
from core.demo.pool import DemoPool
from core.demo.saved_memory import saved_path, saved_vms, write_saved_memory
from core.hypervisor.api import EventSink, LinkSink
from core.hypervisor.model import (
    ContainerName,
    DiskFacts,
    DomainFacts,
    DomainState,
    DomainUuid,
    HostFacts,
    InterfaceFacts,
    LinkState,
)
from core.inventory.board import Board
from core.inventory.history import HISTORY_LENGTH, History
from core.inventory.rates import RateBook, longer
from core.inventory.records import StoreFleet
from core.inventory.snapshot import InventorySnapshot
from core.inventory.state import ContainerState
from core.settings import ContainerSettings
from core.store.records import NewDisk, Scope
from core.store.repository import Repository
from core.store.store import Store

FROZEN_AT_S = 1200.0
"""Where the frozen clock stands: seconds since the demo began."""

SAMPLE_S = 3.0
_GIB_KIB = 1024 * 1024
_LIVELY_PER_CONTAINER = 3
_ACTIVE = (DomainState.RUNNING, DomainState.PAUSED)


class DemoFleet:
    """See the module.

    Attributes:
        store: The private store, filled.
        settings: For the inventory: a shorter interval than usual.
        containers: What was put where.
    """

    def __init__(
        self, folder: Path, seed: int = 7, containers: int = 4, vms: int | None = None, *, frozen: bool = False
    ) -> None:
        """Write the containers' files and the store into an existing empty folder.

        Args:
            vms: On each container; 8 to 12 when None.
            frozen: Nothing happens by itself, and the clock stands still once the histories are full, so that
                screens made at different times are alike.

        Raises:
            StoreError: The store cannot be made there.
            OSError: The folder cannot be written.
        """
        self._folder = folder
        self._seed = seed
        self._frozen = frozen
        self._taken: dict[ContainerName, int] = {}
        self._began_s = time.monotonic()
        self._pool: DemoPool | None = None
        self._life: DemoLife | None = None
        self.containers = demo_containers(seed, containers, vms)
        self.settings = ContainerSettings(refresh_s=0.1 if frozen else 2.0)
        for container in self.containers:
            self._file(container).write_text(machine_xml(container), encoding="utf-8")
            write_saved_memory(folder, container)
        self.store = Store.open(f"sqlite:///{folder / 'demo.sqlite'}")
        self.store.transact(self._fill)

    def pool(self, on_event: EventSink | None = None, on_link: LinkSink | None = None) -> DemoPool:
        """The connections; the first call makes them."""
        if self._pool is None:
            images = {
                one.name: {f"{IMAGE_FOLDER}/{vm.name}.hda": vm.disk_gb * 10**9 for vm in one.vms if vm.defined}
                | {saved_path(vm): vm.memory_mib * 1024**2 for vm in saved_vms(one)}
                for one in self.containers
            }
            memory = {one.name: {saved_path(vm): vm.uuid for vm in saved_vms(one)} for one in self.containers}
            self._pool = DemoPool(self._folder, self._seed, self._clock, images, memory, on_event, on_link)
        return self._pool

    def liven(self, pace_s: float = 5.0) -> None:
        """Let things happen by themselves from now on; a frozen demo stays as it is."""
        if self._frozen or self._life is not None:
            return
        self._life = DemoLife(self.pool().get, list(self._lively()), self._seed, pace_s)
        self._life.start()

    def frozen_snapshot(self, serial: int = 1) -> InventorySnapshot:
        """The fleet at the frozen moment, with full histories: the same for the same seed, made without libvirt."""
        board = Board()
        board.set_fleet(StoreFleet(self.store).fleet())
        for container in self.containers:
            board.set_state(ContainerName(container.name), _frozen_state(container, self._seed), None)
        return InventorySnapshot(serial, board.containers, board.frontend, demo=True)

    def close(self) -> None:
        """End the life, the connections and the store in bounded time."""
        if self._life is not None:
            self._life.close()
        if self._pool is not None:
            self._pool.close()
        self.store.close()

    def _clock(self, container: ContainerName) -> float:
        if not self._frozen:
            return FROZEN_AT_S + time.monotonic() - self._began_s
        taken = self._taken[container] = min(HISTORY_LENGTH, self._taken.get(container, -1) + 1)
        return _frozen_moment(taken)

    def _file(self, container: DemoContainer) -> Path:
        return self._folder / f"{container.name}.xml"

    def _lively(self) -> Iterable[tuple[ContainerName, DomainUuid]]:
        for container in self.containers:
            running = [one for one in container.vms if one.state is DomainState.RUNNING and one.configured]
            for vm in running[3:][-_LIVELY_PER_CONTAINER:]:
                yield ContainerName(container.name), vm.uuid

    def _fill(self, rows: Repository) -> None:
        if rows.nodes.find(FRONTEND) is None:
            front = rows.nodes.add(FRONTEND, membership="Frontend", cpus=4, rack=0, rank=0)
            rows.networks.add(front.id, device="eth0", mac="00:19:b9:21:b8:b6", ip="10.1.1.1", name=FRONTEND)
        for number, container in enumerate(self.containers):
            house = rows.nodes.add(
                container.name,
                membership="VM Container",
                cpus=container.cpus,
                rack=container.rack,
                rank=container.rank,
            )
            rows.networks.add(
                house.id,
                device="eth0",
                mac=f"00:19:b9:21:{number >> 8:02x}:{number & 255:02x}",
                ip=f"10.{254 - (number >> 8)}.255.{254 - (number & 127)}",
                name=container.name,
            )
            uri = f"test://{quote(str(self._file(container)))}"
            rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", uri)
            rows.partitions.add(
                house.id, device="sda5", mountpoint="/state/partition1", partitionsize="900.0GB", fstype="ext3"
            )
            for vm in container.vms:
                if vm.configured:
                    _add_vm(rows, house.id, container, vm)
        for who, what, target in (
            ("ann", "start host vm compute-0-0-0", "compute-0-0-0"),
            ("bob", "pause host vm compute-0-0-1", "compute-0-0-1"),
            ("ann", "save host vm compute-0-0-3", "compute-0-0-3"),
        ):
            rows.log.add(who=who, host=FRONTEND, what=what, target=target)


def _add_vm(rows: Repository, house: int, container: DemoContainer, vm: DemoVm) -> None:
    node = rows.nodes.add(vm.name, membership="Compute", cpus=vm.vcpus, rack=container.rack, rank=container.rank)
    private = rows.subnets.find("private")
    rows.networks.add(
        node.id,
        device="eth0",
        mac=vm.mac,
        ip=vm.ip,
        name=vm.name,
        subnet_id=private.id if private is not None else None,
    )
    vm_id = rows.vms.add(node.id, house, vm.slice_no, mem=vm.memory_mib, uuid=vm.uuid)
    if vm.state is DomainState.SAVED:
        rows.vms.update(vm_id, saved_file=saved_path(vm))
    rows.vms.set_disks(vm_id, [NewDisk("file", IMAGE_FOLDER, f"{vm.name}.hda", "hda", "w", vm.disk_gb)])


def _frozen_state(container: DemoContainer, seed: int) -> ContainerState:
    domains = {vm.uuid: _facts(vm) for vm in container.vms if vm.defined}
    used = sum(one.memory_kib for one in domains.values() if one.state in _ACTIVE)
    memory = container.memory_gib * _GIB_KIB
    book = RateBook()
    rates = book.add(())
    history: Sequence[float] = History()
    for number in range(HISTORY_LENGTH + 1):
        now = _frozen_moment(number)
        idle = {one.uuid: now for one in domains.values() if one.state is DomainState.PAUSED}
        rates = book.add(
            statistics_at(one, seed, now, idle.get(one.uuid, 0.0)) for one in domains.values() if one.state in _ACTIVE
        )
        busy = [(book.cpu_percent(uuid) or 0.0) * domains[uuid].vcpus for uuid in rates]
        history = longer(history, sum(busy) / container.cpus) if number else history
    return ContainerState(
        link=LinkState.UP,
        domains=domains,
        rates=rates,
        host=HostFacts("test", container.name, memory, container.cpus, "x86_64", memory - used),
        listed=True,
        fresh=True,
        cpu_history=history,
        space_mount="/state/partition1",
        space_free_bytes=600 * 10**9,
    )


def _frozen_moment(sample: int) -> float:
    """When the samples of a frozen demo are taken: the last one at `FROZEN_AT_S`, and so is every later one."""
    return FROZEN_AT_S - (HISTORY_LENGTH - sample) * SAMPLE_S


def _facts(vm: DemoVm) -> DomainFacts:
    return DomainFacts(
        uuid=vm.uuid,
        name=vm.name,
        state=DomainState.SHUT_OFF if vm.state is DomainState.SAVED else vm.state,
        reason="",
        persistent=True,
        memory_kib=vm.memory_mib * 1024,
        max_memory_kib=vm.memory_mib * 1024,
        vcpus=vm.vcpus,
        disks=(DiskFacts("hda", "file", f"{IMAGE_FOLDER}/{vm.name}.hda"),),
        interfaces=(InterfaceFacts(vm.mac, "xenbr0"),),
    )
