"""A container in plain memory that keeps to the rules of the `Hypervisor` protocol and of libvirt's states."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring

from core.demo.definitions import definition_of
from core.demo.load import statistics_at
from core.demo.machine import SyntheticMachine
from core.errors import DomainBusy, HypervisorError, NotSupported
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import (
    ContainerName,
    DiskFacts,
    DomainFacts,
    DomainState,
    DomainStatistics,
    DomainUuid,
    EventKind,
    HostFacts,
    InterfaceFacts,
    JobProgress,
    MigrationOrder,
)

_ACTIVE = (DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN)


class SyntheticHypervisor(SyntheticMachine):
    """A `Hypervisor` over a synthetic machine: what libvirt refuses, it refuses."""

    @property
    def container(self) -> ContainerName:
        """The container's node name."""
        return self._container

    @property
    def uri(self) -> str:
        """Not a libvirt URI: nothing connects here."""
        return f"synthetic://{self._container}/"

    def open(self) -> None:
        """Answer or refuse, as every call does."""
        self.answer("open")

    def close(self) -> None:
        """Nothing to close."""

    def host(self) -> HostFacts:
        """A container of 64 GiB and 16 CPUs."""
        self.answer("host")
        gib = 1024 * 1024
        return HostFacts(self._driver, self._container, 64 * gib, 16, "synthetic", 32 * gib, "9.0.0", "4.17")

    def domains(self) -> list[DomainFacts]:
        """Every domain."""
        self.answer("domains")
        with self._lock:
            return list(self._domains.values())

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain. Raises DomainNotFound."""
        self.answer("domain")
        return self.get(uuid)

    def statistics(self) -> list[DomainStatistics]:
        """Counters of the active domains, from `core.demo.load`."""
        self.answer("statistics")
        now = self._clock()
        with self._lock:
            active = [one for one in self._domains.values() if one.state in _ACTIVE]
        samples = [statistics_at(one, self._seed, now) for one in active]
        if not self.tells_states:
            return samples
        return [replace(sample, state=one.state) for sample, one in zip(samples, active, strict=True)]

    def domain_xml(self, uuid: DomainUuid) -> str:
        """A minimal definition."""
        self.answer("domain_xml")
        facts = self.get(uuid)
        domain = Element("domain", {"type": self._driver})
        for tag, text in (("name", facts.name), ("uuid", facts.uuid), ("memory", str(facts.memory_kib))):
            child = Element(tag)
            child.text = text
            domain.append(child)
        return tostring(domain, encoding="unicode")

    def job_progress(self, uuid: DomainUuid) -> JobProgress | None:
        """No job ever runs."""
        self.answer("job_progress")
        self.get(uuid)
        return None

    def define(self, xml: str) -> DomainUuid:
        """Define from name, UUID, memory (KiB) and vCPUs."""
        self.answer("define")
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
        self.send(new, EventKind.DEFINED)
        return uuid

    def undefine(self, uuid: DomainUuid) -> None:
        """Forget a domain that is off."""
        self.answer("undefine")
        facts = self.require(uuid, DomainState.SHUT_OFF, DomainState.CRASHED)
        with self._lock:
            del self._domains[uuid]
        self.send(facts, EventKind.UNDEFINED)

    def start(self, uuid: DomainUuid, *, paused: bool = False) -> None:
        """Boot, or restore the managed-save image."""
        self.answer("start")
        self.require(uuid, DomainState.SHUT_OFF, DomainState.CRASHED)
        self._ids += 1
        state = DomainState.PAUSED if paused else DomainState.RUNNING
        self.change(uuid, EventKind.STARTED, state=state, reason="booted", managed_save=False, domain_id=self._ids)

    def shutdown(self, uuid: DomainUuid) -> None:
        """The guest obeys at once."""
        self.answer("shutdown")
        self.require(uuid, DomainState.RUNNING)
        self.switch_off(uuid, "shutdown")

    def destroy(self, uuid: DomainUuid) -> None:
        """Off at once."""
        self.answer("destroy")
        self.require(uuid, *_ACTIVE)
        self.switch_off(uuid, "destroyed")

    def reset(self, uuid: DomainUuid) -> None:
        """Stays on."""
        self.answer("reset")
        self.require(uuid, DomainState.RUNNING, DomainState.PAUSED)
        self.change(uuid, EventKind.REBOOTED, state=DomainState.RUNNING)

    def reboot(self, uuid: DomainUuid) -> None:
        """Stays on."""
        self.answer("reboot")
        self.require(uuid, DomainState.RUNNING)
        self.change(uuid, EventKind.REBOOTED, state=DomainState.RUNNING)

    def suspend(self, uuid: DomainUuid) -> None:
        """Pause."""
        self.answer("suspend")
        self.require(uuid, DomainState.RUNNING)
        self.change(uuid, EventKind.SUSPENDED, state=DomainState.PAUSED, reason="user")

    def resume(self, uuid: DomainUuid) -> None:
        """Run again."""
        self.answer("resume")
        self.require(uuid, DomainState.PAUSED)
        self.change(uuid, EventKind.RESUMED, state=DomainState.RUNNING, reason="unpaused")

    def save(self, uuid: DomainUuid, path: str) -> None:
        """Keep the facts under the path and stop."""
        self.answer("save")
        facts = self.require(uuid, DomainState.RUNNING, DomainState.PAUSED)
        with self._lock:
            self.saved[path] = facts
            self.images[path] = facts.memory_kib * 1024
        self.switch_off(uuid, "saved")

    def definition(self, uuid: DomainUuid, moved: Mapping[str, str] | None = None) -> str:
        """A minimal definition with its disks and interfaces."""
        self.answer("definition")
        return definition_of(self.get(uuid), moved or {})

    def migrate(self, uuid: DomainUuid, target: Hypervisor, order: MigrationOrder) -> None:
        """Nobody has taught it."""
        raise NotSupported(self._container, f"could not migrate {uuid}", "a synthetic container cannot")

    def abort_job(self, uuid: DomainUuid) -> None:
        """No job ever runs."""
        self.answer("abort_job")

    def last_job(self, uuid: DomainUuid) -> JobProgress | None:
        """No job ever ran."""
        self.answer("last_job")
        return None

    def cpu_reason(self, domain_xml: str) -> str:
        """Any will do."""
        self.answer("cpu_reason")
        return ""

    def files_of(self, uuid: DomainUuid) -> Mapping[str, Sequence[str]]:
        """None beside the disks."""
        self.answer("files_of")
        return {"own": (), "needed": ()}

    def restore(
        self, path: str, xml: str | None = None, *, paused: bool = False, moved: Mapping[str, str] | None = None
    ) -> None:
        """Run again from the path."""
        self.answer("restore")
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
        state = DomainState.PAUSED if paused else saved.state
        self.change(saved.uuid, EventKind.STARTED, state=state, reason="restored", domain_id=self._ids)

    def set_memory(self, uuid: DomainUuid, memory_kib: int) -> None:
        """Balloon."""
        self.answer("set_memory")
        self.require(uuid, *_ACTIVE)
        self.change(uuid, EventKind.CHANGED, memory_kib=memory_kib)

    def set_vcpus(self, uuid: DomainUuid, vcpus: int) -> None:
        """Plug."""
        self.answer("set_vcpus")
        self.require(uuid, *_ACTIVE)
        self.change(uuid, EventKind.CHANGED, vcpus=vcpus)

    def image_size(self, path: str) -> int | None:
        """Size of an image."""
        self.answer("image_size")
        with self._lock:
            return self.images.get(path)

    def create_image(self, path: str, size_bytes: int, image_format: str = "raw") -> None:
        """Remember an image."""
        self.answer("create_image")
        with self._lock:
            if path in self.images:
                raise DomainBusy(self._container, f"could not create {path}", "it exists already")
            self.images[path] = size_bytes

    def delete_image(self, path: str) -> None:
        """Forget an image or saved file."""
        self.answer("delete_image")
        with self._lock:
            self.images.pop(path, None)
            self.saved.pop(path, None)

    def pretend_files(self) -> Mapping[str, int]:
        """Sizes of its files, for `core.demo.carrier`."""
        with self._lock:
            return dict(self.images)

    def pretend_copy(self, path: str, source: SyntheticHypervisor, source_path: str) -> None:
        """Take over a file of another container, saved memory in it included."""
        self.answer("copy")
        with source._lock:
            size, saved = source.images[source_path], source.saved.get(source_path)
        with self._lock:
            self.images[path] = size
            if saved is not None:
                self.saved[path] = saved

    def largest_file_system(self) -> tuple[str, int] | None:
        """A large one."""
        self.answer("largest_file_system")
        return ("/state/partition1", self.free_bytes)
