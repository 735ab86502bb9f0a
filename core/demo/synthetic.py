"""A fleet of any size in plain memory: for benchmarks, tests and simulations. No libvirt, no store, no files.

`SyntheticHypervisor` keeps to the rules of the `Hypervisor` protocol and of libvirt's states: what libvirt refuses,
it refuses. It can be slowed down (`delay_s`), made to hang (`hang`), and cut off (`cut`).
"""

from __future__ import annotations

import random
import threading
import time
import uuid as uuids
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring

from core.demo.load import statistics_at
from core.errors import ContainerUnreachable, DomainBusy, DomainNotFound, HypervisorError
from core.hypervisor.api import EventSink, LinkSink
from core.hypervisor.model import (
    ContainerName,
    DiskFacts,
    DomainEvent,
    DomainFacts,
    DomainState,
    DomainStatistics,
    DomainUuid,
    EventKind,
    HostFacts,
    InterfaceFacts,
    JobProgress,
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


class SyntheticHypervisor:
    """One container in memory. Thread-safe; events go to `sink` from the thread that caused them.

    Attributes:
        delay_s: What every call takes.
        calls: Names of the calls made, in order.
        tells_states: Samples carry the domain's state.
        failures: What a call of this name raises instead of answering.
        images: Sizes of the disk images by path.
    """

    def __init__(
        self,
        container: ContainerName,
        domains: Iterable[DomainFacts] = (),
        *,
        sink: EventSink | None = None,
        seed: int = 1,
        driver: str = "xen",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.delay_s = 0.0
        self.tells_states = False
        self.calls: list[str] = []
        self.images: dict[str, int] = {}
        self.saved: dict[str, DomainFacts] = {}
        self.failures: dict[str, HypervisorError] = {}
        self._container = container
        self._sink = sink
        self._seed = seed
        self._driver = driver
        self._clock = clock
        self._lock = threading.Lock()
        self._go = threading.Event()
        self._go.set()
        self._cut = ""
        self._domains = {one.uuid: one for one in domains}
        self._ids = 100

    @property
    def container(self) -> ContainerName:
        """The container's node name."""
        return self._container

    @property
    def uri(self) -> str:
        """Not a libvirt URI: nothing connects here."""
        return f"synthetic://{self._container}/"

    def hang(self) -> None:
        """From now on no call is answered, until `unhang`."""
        self._go.clear()

    def unhang(self) -> None:
        """Answer again, the waiting calls first."""
        self._go.set()

    def silence(self) -> None:
        """From now on events are lost on the way."""
        self._sink = None

    def cut(self, reason: str = "connection refused") -> None:
        """From now on every call raises ContainerUnreachable; an empty reason mends it."""
        self._cut = reason

    def change(self, uuid: DomainUuid, kind: EventKind, **values: object) -> None:
        """Something happened to a domain outside: set these fields of its facts and send the event."""
        with self._lock:
            facts = self._domains[uuid]
            self._domains[uuid] = facts = replace(facts, **values)  # type: ignore[arg-type]
        self._send(facts, kind)

    def appear(self, facts: DomainFacts) -> None:
        """A domain was defined outside."""
        with self._lock:
            self._domains[facts.uuid] = facts
        self._send(facts, EventKind.DEFINED)

    def vanish(self, uuid: DomainUuid, kind: EventKind = EventKind.UNDEFINED) -> None:
        """A domain is gone."""
        with self._lock:
            facts = self._domains.pop(uuid)
        self._send(facts, kind)

    def open(self) -> None:
        """Answer or refuse, as every call does."""
        self._answer("open")

    def close(self) -> None:
        """Nothing to close."""

    def host(self) -> HostFacts:
        """A container of 64 GiB and 16 CPUs."""
        self._answer("host")
        gib = 1024 * 1024
        return HostFacts(self._driver, self._container, 64 * gib, 16, "synthetic", 32 * gib, "9.0.0", "4.17")

    def domains(self) -> list[DomainFacts]:
        """Every domain."""
        self._answer("domains")
        with self._lock:
            return list(self._domains.values())

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain. Raises DomainNotFound."""
        self._answer("domain")
        return self._get(uuid)

    def statistics(self) -> list[DomainStatistics]:
        """Counters of the active domains, from `core.demo.load`."""
        self._answer("statistics")
        now = self._clock()
        with self._lock:
            active = [one for one in self._domains.values() if one.state in _ACTIVE]
        samples = [statistics_at(one, self._seed, now) for one in active]
        if not self.tells_states:
            return samples
        return [replace(sample, state=one.state) for sample, one in zip(samples, active, strict=True)]

    def domain_xml(self, uuid: DomainUuid) -> str:
        """A minimal definition."""
        self._answer("domain_xml")
        facts = self._get(uuid)
        domain = Element("domain", {"type": self._driver})
        for tag, text in (("name", facts.name), ("uuid", facts.uuid), ("memory", str(facts.memory_kib))):
            child = Element(tag)
            child.text = text
            domain.append(child)
        return tostring(domain, encoding="unicode")

    def job_progress(self, uuid: DomainUuid) -> JobProgress | None:
        """No job ever runs."""
        self._answer("job_progress")
        self._get(uuid)
        return None

    def define(self, xml: str) -> DomainUuid:
        """Define from name, UUID, memory (KiB) and vCPUs."""
        self._answer("define")
        root = fromstring(xml)
        uuid = DomainUuid(root.findtext("uuid") or str(uuids.uuid4()))
        memory = root.find("memory")
        factor = {"KiB": 1, "MiB": 1024, "GiB": 1024 * 1024}[
            memory.get("unit", "KiB") if memory is not None else "KiB"
        ]
        memory_kib = int((memory.text if memory is not None else "") or 0) * factor
        with self._lock:
            old = self._domains.get(uuid)
            new = DomainFacts(
                uuid,
                root.findtext("name") or "",
                old.state if old else DomainState.SHUT_OFF,
                "",
                True,
                memory_kib,
                memory_kib,
                int(root.findtext("vcpu") or 1),
                disks=tuple(
                    DiskFacts(
                        (target.get("dev", "") if (target := disk.find("target")) is not None else ""),
                        disk.get("type", "file"),
                        next((v for k, v in source.items()), "")
                        if (source := disk.find("source")) is not None
                        else "",
                    )
                    for disk in root.iter("disk")
                ),
                interfaces=tuple(
                    InterfaceFacts(
                        mac.get("address", "") if (mac := nic.find("mac")) is not None else "",
                        next((v for k, v in source.items()), "")
                        if (source := nic.find("source")) is not None
                        else "",
                    )
                    for nic in root.iter("interface")
                ),
            )
            self._domains[uuid] = new
        self._send(new, EventKind.DEFINED)
        return uuid

    def undefine(self, uuid: DomainUuid) -> None:
        """Forget a domain that is off."""
        self._answer("undefine")
        facts = self._require(uuid, DomainState.SHUT_OFF, DomainState.CRASHED)
        with self._lock:
            del self._domains[uuid]
        self._send(facts, EventKind.UNDEFINED)

    def start(self, uuid: DomainUuid, *, paused: bool = False) -> None:
        """Boot, or restore the managed-save image."""
        self._answer("start")
        self._require(uuid, DomainState.SHUT_OFF, DomainState.CRASHED)
        self._ids += 1
        state = DomainState.PAUSED if paused else DomainState.RUNNING
        self._set(uuid, EventKind.STARTED, state=state, reason="booted", managed_save=False, domain_id=self._ids)

    def shutdown(self, uuid: DomainUuid) -> None:
        """The guest obeys at once."""
        self._answer("shutdown")
        self._require(uuid, DomainState.RUNNING)
        self._off(uuid, "shutdown")

    def destroy(self, uuid: DomainUuid) -> None:
        """Off at once."""
        self._answer("destroy")
        self._require(uuid, *_ACTIVE)
        self._off(uuid, "destroyed")

    def reset(self, uuid: DomainUuid) -> None:
        """Stays on."""
        self._answer("reset")
        self._require(uuid, DomainState.RUNNING, DomainState.PAUSED)
        self._set(uuid, EventKind.REBOOTED, state=DomainState.RUNNING)

    def reboot(self, uuid: DomainUuid) -> None:
        """Stays on."""
        self._answer("reboot")
        self._require(uuid, DomainState.RUNNING)
        self._set(uuid, EventKind.REBOOTED, state=DomainState.RUNNING)

    def suspend(self, uuid: DomainUuid) -> None:
        """Pause."""
        self._answer("suspend")
        self._require(uuid, DomainState.RUNNING)
        self._set(uuid, EventKind.SUSPENDED, state=DomainState.PAUSED, reason="user")

    def resume(self, uuid: DomainUuid) -> None:
        """Run again."""
        self._answer("resume")
        self._require(uuid, DomainState.PAUSED)
        self._set(uuid, EventKind.RESUMED, state=DomainState.RUNNING, reason="unpaused")

    def save(self, uuid: DomainUuid, path: str) -> None:
        """Keep the facts under the path and stop."""
        self._answer("save")
        facts = self._require(uuid, DomainState.RUNNING, DomainState.PAUSED)
        with self._lock:
            self.saved[path] = facts
            self.images[path] = facts.memory_kib * 1024
        self._off(uuid, "saved")

    def restore(self, path: str, xml: str | None = None) -> None:
        """Run again from the path."""
        self._answer("restore")
        with self._lock:
            saved = self.saved.get(path)
        if saved is None:
            raise HypervisorError(self._container, f"could not restore from {path}", "No such file or directory")
        with self._lock:
            active = (one := self._domains.get(saved.uuid)) is not None and one.state in _ACTIVE
            if not active:
                self._domains.setdefault(saved.uuid, saved)
        if active:
            raise DomainBusy(self._container, f"could not restore {saved.name}", "it is already active")
        self._ids += 1
        self._set(saved.uuid, EventKind.STARTED, state=saved.state, reason="restored", domain_id=self._ids)

    def set_memory(self, uuid: DomainUuid, memory_kib: int) -> None:
        """Balloon."""
        self._answer("set_memory")
        self._require(uuid, *_ACTIVE)
        self._set(uuid, EventKind.CHANGED, memory_kib=memory_kib)

    def set_vcpus(self, uuid: DomainUuid, vcpus: int) -> None:
        """Plug."""
        self._answer("set_vcpus")
        self._require(uuid, *_ACTIVE)
        self._set(uuid, EventKind.CHANGED, vcpus=vcpus)

    def image_size(self, path: str) -> int | None:
        """Size of an image."""
        self._answer("image_size")
        with self._lock:
            return self.images.get(path)

    def create_image(self, path: str, size_bytes: int, image_format: str = "raw") -> None:
        """Remember an image."""
        self._answer("create_image")
        with self._lock:
            if path in self.images:
                raise DomainBusy(self._container, f"could not create {path}", "it exists already")
            self.images[path] = size_bytes

    def delete_image(self, path: str) -> None:
        """Forget an image or saved file."""
        self._answer("delete_image")
        with self._lock:
            self.images.pop(path, None)
            self.saved.pop(path, None)

    def largest_file_system(self) -> tuple[str, int] | None:
        """A large one."""
        self._answer("largest_file_system")
        return ("/state/partition1", 400 * 10**9)

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        if self.delay_s:
            time.sleep(self.delay_s)
        self._go.wait()
        if self._cut:
            raise ContainerUnreachable(self._container, f"cannot reach {self._container}", self._cut)
        if call in self.failures:
            raise self.failures[call]

    def _get(self, uuid: DomainUuid) -> DomainFacts:
        with self._lock:
            facts = self._domains.get(uuid)
        if facts is None:
            raise DomainNotFound(self._container, f"no domain {uuid} on {self._container}")
        return facts

    def _require(self, uuid: DomainUuid, *states: DomainState) -> DomainFacts:
        facts = self._get(uuid)
        if facts.state not in states:
            raise DomainBusy(self._container, f"{facts.name} does not allow this", f"it is {facts.state.value}")
        return facts

    def _set(self, uuid: DomainUuid, kind: EventKind, **values: object) -> None:
        self.change(uuid, kind, **values)

    def _off(self, uuid: DomainUuid, detail: str) -> None:
        facts = self._get(uuid)
        with self._lock:
            off = replace(facts, state=DomainState.SHUT_OFF, reason=detail, domain_id=None)
            if facts.persistent:
                self._domains[uuid] = off
            else:
                del self._domains[uuid]
        self._send(off, EventKind.STOPPED, detail)

    def _send(self, facts: DomainFacts, kind: EventKind, detail: str = "") -> None:
        if self._sink is not None:
            self._sink(DomainEvent(self._container, facts.uuid, facts.name, kind, detail))


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
