"""A container of the demo: libvirt's test driver for states and events, made-up load, images that are only numbers.

The test driver has no load, and it would write saved memory to this machine's own paths; both are put right here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.demo.load import statistics_at
from core.demo.saved_memory import real_path
from core.errors import DomainBusy, NotSupported
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import (
    ContainerName,
    DomainFacts,
    DomainState,
    DomainStatistics,
    DomainUuid,
    HostFacts,
    JobProgress,
    MigrationOrder,
)

_ACTIVE = (DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN)
_LARGEST = "/state/partition1"


Clock = Callable[[ContainerName], float]
"""Seconds since the demo began, as a container's samples see it."""


class DemoHypervisor:
    """A `Hypervisor` around another one. Thread-safe as far as that one is."""

    def __init__(
        self,
        inner: Hypervisor,
        folder: Path,
        seed: int,
        clock: Clock,
        images: Mapping[str, int],
        memory: Mapping[str, DomainUuid],
    ) -> None:
        """Wrap a test driver's connection.

        Args:
            folder: Where saved memory really goes.
            clock: What the made-up load depends on.
            images: Sizes in bytes of the images and the saved memory that are there already, by path.
            memory: Whose memory is saved already, by path.
        """
        self._inner = inner
        self._folder = folder
        self._seed = seed
        self._clock = clock
        self._images = dict(images)
        self._memory = dict(memory)
        self._idle_s: dict[DomainUuid, float] = {}
        self._sampled_s = 0.0
        self._lock = threading.Lock()
        self._total = 900 * 10**9

    @property
    def container(self) -> ContainerName:
        """The container's node name."""
        return self._inner.container

    @property
    def uri(self) -> str:
        """The test driver's."""
        return self._inner.uri

    def open(self) -> None:
        """Connect."""
        self._inner.open()

    def close(self) -> None:
        """Close."""
        self._inner.close()

    def host(self) -> HostFacts:
        """Facts about the container, with the memory its VMs leave free."""
        facts = self._inner.host()
        used = sum(one.memory_kib for one in self._inner.domains() if one.state in _ACTIVE)
        return HostFacts(
            driver=facts.driver,
            hostname=self.container,
            memory_kib=facts.memory_kib,
            cpus=facts.cpus,
            cpu_model=facts.cpu_model,
            free_memory_kib=max(0, facts.memory_kib - used),
            libvirt_version=facts.libvirt_version,
            hypervisor_version=facts.hypervisor_version,
            arch=facts.arch,
            guests=facts.guests,
        )

    def domains(self) -> list[DomainFacts]:
        """Every domain."""
        return self._inner.domains()

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain."""
        return self._inner.domain(uuid)

    def statistics(self) -> list[DomainStatistics]:
        """Made-up counters of the active domains."""
        active = [one for one in self._inner.domains() if one.state in _ACTIVE]
        now = self._clock(self.container)
        with self._lock:
            passed, self._sampled_s = now - self._sampled_s, now
            for one in active:
                if one.state is DomainState.PAUSED:
                    self._idle_s[one.uuid] = self._idle_s.get(one.uuid, now - passed) + passed
            return [statistics_at(one, self._seed, now, self._idle_s.get(one.uuid, 0.0)) for one in active]

    def domain_xml(self, uuid: DomainUuid) -> str:
        """The live definition."""
        return self._inner.domain_xml(uuid)

    def job_progress(self, uuid: DomainUuid) -> JobProgress | None:
        """The test driver's jobs are over at once."""
        return self._inner.job_progress(uuid)

    def define(self, xml: str) -> DomainUuid:
        """Define."""
        return self._inner.define(xml)

    def undefine(self, uuid: DomainUuid) -> None:
        """Undefine."""
        self._inner.undefine(uuid)

    def start(self, uuid: DomainUuid, *, paused: bool = False) -> None:
        """Boot."""
        self._inner.start(uuid, paused=paused)

    def shutdown(self, uuid: DomainUuid) -> None:
        """Shut down."""
        self._inner.shutdown(uuid)

    def destroy(self, uuid: DomainUuid) -> None:
        """Power off."""
        self._inner.destroy(uuid)

    def reset(self, uuid: DomainUuid) -> None:
        """Reset; the test driver knows no reset but reboots."""
        self._inner.reboot(uuid)

    def reboot(self, uuid: DomainUuid) -> None:
        """Reboot."""
        self._inner.reboot(uuid)

    def suspend(self, uuid: DomainUuid) -> None:
        """Pause."""
        self._inner.suspend(uuid)

    def resume(self, uuid: DomainUuid) -> None:
        """Resume."""
        self._inner.resume(uuid)

    def save(self, uuid: DomainUuid, path: str) -> None:
        """Save into the demo's own folder."""
        self._inner.save(uuid, str(self._real(path)))
        with self._lock:
            self._images[path] = self._inner.domain(uuid).memory_kib * 1024
            self._memory[path] = uuid

    def restore(
        self, path: str, xml: str | None = None, *, paused: bool = False, moved: Mapping[str, str] | None = None
    ) -> None:
        """Restore from the demo's own folder. The test driver cannot restore paused: it is paused right after."""
        self._inner.restore(str(self._real(path)), xml, moved=moved)
        if paused and path in self._memory:
            self._inner.suspend(self._memory[path])

    def definition(self, uuid: DomainUuid, moved: Mapping[str, str] | None = None) -> str:
        """The lasting definition."""
        return self._inner.definition(uuid, moved)

    def migrate(self, uuid: DomainUuid, target: Hypervisor, order: MigrationOrder) -> None:
        """The test driver cannot."""
        raise NotSupported(self.container, f"could not migrate {uuid}", "libvirt's test driver cannot")

    def abort_job(self, uuid: DomainUuid) -> None:
        """The test driver's jobs are over at once."""
        self._inner.abort_job(uuid)

    def last_job(self, uuid: DomainUuid) -> JobProgress | None:
        """The test driver keeps none."""
        return self._inner.last_job(uuid)

    def cpu_reason(self, domain_xml: str) -> str:
        """Any will do."""
        return ""

    def files_of(self, uuid: DomainUuid) -> Mapping[str, Sequence[str]]:
        """As the definition has them."""
        return self._inner.files_of(uuid)

    def set_memory(self, uuid: DomainUuid, memory_kib: int) -> None:
        """Balloon."""
        self._inner.set_memory(uuid, memory_kib)

    def set_vcpus(self, uuid: DomainUuid, vcpus: int) -> None:
        """Plug."""
        self._inner.set_vcpus(uuid, vcpus)

    def image_size(self, path: str) -> int | None:
        """Size of an image."""
        with self._lock:
            return self._images.get(path)

    def create_image(self, path: str, size_bytes: int, image_format: str = "raw") -> None:
        """Remember an image."""
        with self._lock:
            if path in self._images:
                raise DomainBusy(self.container, f"could not create {path}", "it exists already")
            self._images[path] = size_bytes

    def delete_image(self, path: str) -> None:
        """Forget an image; delete saved memory."""
        with self._lock:
            self._images.pop(path, None)
        self._real(path).unlink(missing_ok=True)

    def pretend_files(self) -> Mapping[str, int]:
        """Sizes of its files, for `core.demo.carrier`."""
        with self._lock:
            return dict(self._images)

    def pretend_copy(self, path: str, source: DemoHypervisor, source_path: str) -> None:
        """Take over a file of another container, saved memory in it included."""
        size = source.pretend_files()[source_path]
        memory = source._real(source_path)
        if memory.exists():
            self._real(path).write_bytes(memory.read_bytes())
        with self._lock:
            self._images[path] = size
            if source_path in source._memory:
                self._memory[path] = source._memory[source_path]

    def largest_file_system(self) -> tuple[str, int] | None:
        """A large one, a third of every image used."""
        with self._lock:
            return _LARGEST, max(0, self._total - sum(self._images.values()) // 3)

    def _real(self, path: str) -> Path:
        return real_path(self._folder, self.container, path)
