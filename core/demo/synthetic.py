"""A fleet of any size in plain memory: for benchmarks, tests and simulations. No libvirt, no store, no files.

Its containers (`core.demo.synthetic_hypervisor`) can be slowed down (`delay_s`), made to hang (`hang`), and cut off
(`cut`).
"""

from __future__ import annotations

import random
import uuid as uuids
from collections.abc import Mapping

from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.hypervisor.api import EventSink, LinkSink
from core.hypervisor.model import (
    ContainerName,
    DiskFacts,
    DomainFacts,
    DomainState,
    DomainUuid,
    InterfaceFacts,
    LinkReport,
    LinkState,
)
from core.inventory.snapshot import VmDiskRecord, VmInterfaceRecord, VmRecord
from core.inventory.state import FleetRecords
from core.store.records import ContainerRecord

IMAGE_FOLDER = "/state/partition1/xen/disks"
_ACTIVE = (DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN)
_MIXTURE = (DomainState.RUNNING,) * 8 + (DomainState.PAUSED, DomainState.SHUT_OFF)


def synthetic_fleet(containers: int, vms: int, seed: int = 1, frontend: str = "rocks") -> FleetRecords:
    """Store records of `containers` containers with `vms` VMs each, named as Rocks would."""
    ranks = 32
    hosts, records = [], []
    for at in range(containers):
        rack, rank = divmod(at, ranks)
        name = ContainerName(f"vm-container-{rack}-{rank}")
        hosts.append(ContainerRecord(name, at + 2, f"synthetic://{name}/", "VM Container", rack, rank, False))
        records += [_record(name, rack, rank, slice_no, seed) for slice_no in range(vms)]
    return FleetRecords(tuple(hosts), tuple(records), frontend)


def _record(container: ContainerName, rack: int, rank: int, slice_no: int, seed: int) -> VmRecord:
    name = f"compute-{rack}-{rank}-{slice_no}"
    number = (rack * 32 + rank) * 256 + slice_no
    memory_mib = (1024, 1024, 2048, 4096)[number % 4]
    return VmRecord(
        name=name,
        uuid=DomainUuid(str(uuids.uuid5(uuids.NAMESPACE_DNS, f"{seed}.{name}"))),
        container=container,
        slice_no=slice_no,
        membership="Compute",
        memory_mib=memory_mib,
        vcpus=1 + number % 2,
        virt_type="para",
        rack=rack,
        rank=rank,
        disks=(VmDiskRecord("file", f"{IMAGE_FOLDER}/{name}.hda", "hda", "w", 36),),
        interfaces=(
            VmInterfaceRecord(
                "eth0",
                f"00:16:3e:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
                f"10.{255 - (number >> 16)}.{255 - (number >> 8 & 255)}.{254 - number % 254}",
                "private",
            ),
        ),
    )


def facts_of(record: VmRecord, state: DomainState = DomainState.RUNNING) -> DomainFacts:
    """The domain a container would have for a record."""
    return DomainFacts(
        uuid=record.uuid,
        name=record.name,
        state=state,
        reason="booted" if state is DomainState.RUNNING else "",
        persistent=True,
        memory_kib=record.memory_mib * 1024,
        max_memory_kib=record.memory_mib * 1024,
        vcpus=record.vcpus,
        disks=tuple(DiskFacts(one.device, "file", one.path) for one in record.disks),
        interfaces=tuple(InterfaceFacts(one.mac, "xenbr0") for one in record.interfaces if one.mac),
        domain_id=record.slice_no + 1 if state in _ACTIVE else None,
    )


class SyntheticConnections:
    """A pool of synthetic hypervisors: up at once, unless told otherwise."""

    def __init__(
        self, fleet: FleetRecords, *, event_sink: EventSink, link_sink: LinkSink, seed: int = 1, driver: str = "xen"
    ) -> None:
        chance = random.Random(seed)
        by_container: dict[str, list[DomainFacts]] = {}
        for record in fleet.vms:
            by_container.setdefault(record.container, []).append(facts_of(record, chance.choice(_MIXTURE)))
        self._link_sink = link_sink
        self._hypervisors = {
            one.name: SyntheticHypervisor(
                one.name, by_container.get(one.name, ()), sink=event_sink, seed=seed, driver=driver
            )
            for one in fleet.containers
        }

    def set_containers(self, uris: Mapping[ContainerName, str]) -> None:
        """Report every container up."""
        for name in uris:
            self._link_sink(name, LinkReport(LinkState.UP))

    def get(self, name: ContainerName) -> SyntheticHypervisor:
        """One container."""
        return self._hypervisors[name]

    def retry_now(self, name: ContainerName | None = None) -> None:
        """They are never down by themselves."""

    def close(self) -> None:
        """Let every hanging call go."""
        for hypervisor in self._hypervisors.values():
            hypervisor.unhang()
