"""`LibvirtHypervisor`: one container behind the `core.hypervisor.api.Hypervisor` protocol.

Every method may be called from any thread but the event thread and the screen's; it blocks until the container
answers or its deadline has passed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import libvirt

from core.errors import HypervisorError, NotSupported
from core.hypervisor import lifecycle, migration
from core.hypervisor.api import EventSink, Hypervisor
from core.hypervisor.calls import THREADS
from core.hypervisor.host import host_facts
from core.hypervisor.images import Images
from core.hypervisor.link import ClosedSink
from core.hypervisor.listing import DefinitionCache, Listing, list_domains, one_domain, read_definitions
from core.hypervisor.model import (
    ContainerName,
    DomainEvent,
    DomainFacts,
    DomainStatistics,
    DomainUuid,
    EventKind,
    HostFacts,
    JobProgress,
    MigrationOrder,
)
from core.hypervisor.progress import job_progress
from core.hypervisor.reach import Reach
from core.hypervisor.relocate import other_files, with_paths
from core.hypervisor.savedimage import relocate_on
from core.hypervisor.statistics import Sampler
from core.hypervisor.uri import ContainerUri, public_uri
from core.settings import ContainerSettings

_LISTING_BUDGET_S = 0.4
"""How long a listing may spend on definitions before it answers."""


class LibvirtHypervisor:
    """One container, connected once by `open`; `core.hypervisor.pool.HypervisorPool` keeps one connected."""

    def __init__(
        self,
        container: ContainerName,
        uri: str,
        settings: ContainerSettings | None = None,
        *,
        on_event: EventSink | None = None,
        on_closed: ClosedSink | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            uri: As stored; a bad one makes `open` raise.
            on_event: Gets every domain event, on the event thread; may only queue.
            on_closed: Told with a reason when an open connection breaks; may only queue.
        """
        self._container = container
        self._given_uri = uri
        self._on_event = on_event
        self._cache = DefinitionCache()
        self._sampler = Sampler()
        sink = None if on_event is None else self._take_event
        self._reach = Reach(container, uri, settings or ContainerSettings(), sink, on_closed)
        self._images = Images(self._reach)

    @property
    def container(self) -> ContainerName:
        """The container's node name."""
        return self._container

    @property
    def uri(self) -> str:
        """The libvirt URI without secrets and without what Quarry adds."""
        return public_uri(self._given_uri)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection that is not known to be broken."""
        return self._reach.is_open

    def open(self) -> None:
        """Connect now, once, within the settings' ``connect_timeout_s``. Raises ContainerUnreachable."""
        if not self._reach.is_open:
            self._cache.clear()
            self._sampler = Sampler()
        self._reach.open()

    def close(self) -> None:
        """Let the connection go; takes a second at most even when the container hangs. Never raises."""
        self._reach.close()

    def host(self) -> HostFacts:
        """Facts about the container itself."""
        return self._reach.look(f"could not ask {self._container} about itself", host_facts)

    def domains(self) -> list[DomainFacts]:
        """Every domain, Xen's Domain-0 left out: four calls, and one for each definition not seen yet.

        With an event sink the listing does not wait long for definitions: the domains left over come without disks
        and interfaces, and a CHANGED event follows for each when its definition has been read.
        """
        cache = self._definitions()
        budget_s = None if self._on_event is None else _LISTING_BUDGET_S
        listing = self._reach.look(
            f"could not list the VMs of {self._container}",
            lambda connection: list_domains(connection, cache, budget_s),
        )
        if listing.unread:
            THREADS.start(lambda: self._read_the_rest(listing))
        return listing.domains

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain. Raises DomainNotFound."""
        cache = self._definitions()
        return self._reach.look_at(uuid, "could not look at", lambda domain: one_domain(domain, cache))

    def statistics(self) -> list[DomainStatistics]:
        """Counters of every active domain: one call, or each domain's info where the driver has no bulk call."""
        return self._reach.look(f"could not read the statistics of {self._container}", self._sampler.sample)

    def domain_xml(self, uuid: DomainUuid) -> str:
        """The live definition, without security-sensitive parts."""
        return self._reach.look_at(uuid, "could not read the definition of", lambda domain: domain.XMLDesc(0))

    def job_progress(self, uuid: DomainUuid) -> JobProgress | None:
        """Progress of a running save or migration, or None."""
        return self._reach.look_at(uuid, "could not follow the job of", job_progress)

    def define(self, xml: str) -> DomainUuid:
        """Define or redefine a domain; the XML is checked against libvirt's schema where the driver can."""

        def work(connection: libvirt.virConnect) -> DomainUuid:
            return DomainUuid(connection.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE).UUIDString())

        return self._reach.act(f"could not define a VM on {self._container}", work)

    def undefine(self, uuid: DomainUuid) -> None:
        """Forget a domain with its managed-save image and NVRAM; disks stay."""
        self._reach.act_on(uuid, "could not undefine", lifecycle.undefine)

    def start(self, uuid: DomainUuid, *, paused: bool = False) -> None:
        """Boot a defined domain. Retries libxl's shutdown race for a bounded time."""
        self._reach.act_on(uuid, "could not start", lambda domain: lifecycle.start(domain, paused=paused))

    def shutdown(self, uuid: DomainUuid) -> None:
        """Ask the guest to shut down."""
        self._reach.act_on(uuid, "could not shut down", lambda domain: domain.shutdown())

    def destroy(self, uuid: DomainUuid) -> None:
        """Pull the power cord."""
        self._reach.act_on(uuid, "could not stop", lambda domain: domain.destroy())

    def reset(self, uuid: DomainUuid) -> None:
        """Press the reset button."""
        self._reach.act_on(uuid, "could not reset", lifecycle.reset)

    def reboot(self, uuid: DomainUuid) -> None:
        """Ask the guest to reboot."""
        self._reach.act_on(uuid, "could not reboot", lambda domain: domain.reboot(0))

    def suspend(self, uuid: DomainUuid) -> None:
        """Pause the vCPUs."""
        self._reach.act_on(uuid, "could not pause", lambda domain: domain.suspend())

    def resume(self, uuid: DomainUuid) -> None:
        """Let the vCPUs run again."""
        self._reach.act_on(uuid, "could not resume", lambda domain: domain.resume())

    def save(self, uuid: DomainUuid, path: str) -> None:
        """Save memory to a file on the container and stop. Takes as long as it takes."""
        self._reach.act_on(uuid, "could not save", lambda domain: domain.save(path), deadline_s=None)

    def restore(
        self, path: str, xml: str | None = None, *, paused: bool = False, moved: Mapping[str, str] | None = None
    ) -> None:
        """Restore a domain from a file on the container, optionally with another definition, paths or no run yet."""
        what = f"could not restore {path} on {self._container}"
        changed = {old: new for old, new in (moved or {}).items() if old != new}
        at = self._reach.uri
        if changed and isinstance(at, ContainerUri) and at.driver in ("xen", "libxl"):
            # libxl's restore takes no other definition than the one in the file.
            relocate_on(self._container, at, self._reach.settings, what, path, changed)
            changed = {}

        def work(connection: libvirt.virConnect) -> None:
            definition = xml
            if definition is None and changed:
                definition = with_paths(connection.saveImageGetXMLDesc(path, libvirt.VIR_DOMAIN_XML_SECURE), changed)
            if definition is None and not paused:
                connection.restore(path)
            else:
                connection.restoreFlags(path, definition, libvirt.VIR_DOMAIN_SAVE_PAUSED if paused else 0)

        self._reach.act(what, work, deadline_s=None)

    def definition(self, uuid: DomainUuid, moved: Mapping[str, str] | None = None) -> str:
        """The lasting definition with the guest's secrets, its files at other paths. Never to be shown."""
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
        xml = self._reach.look_at(uuid, "could not read the definition of", lambda domain: domain.XMLDesc(flags))
        return with_paths(xml, moved) if moved else xml

    def migrate(self, uuid: DomainUuid, target: Hypervisor, order: MigrationOrder) -> None:
        """Move a running domain while it runs. Takes as long as it takes. Raises NotSupported where it cannot."""
        if not isinstance(target, LibvirtHypervisor):
            raise NotSupported(self._container, f"could not migrate {uuid}", f"{target.container} is not libvirt's")
        there = target._reach.link(f"could not migrate {uuid}").borrow(f"could not migrate {uuid}")
        self._reach.act_on(
            uuid, "could not migrate", lambda domain: migration.migrate(domain, there, order), deadline_s=None
        )

    def abort_job(self, uuid: DomainUuid) -> None:
        """Stop a save or migration under way."""
        self._reach.act_on(uuid, "could not abort the job of", lambda domain: domain.abortJob())

    def last_job(self, uuid: DomainUuid) -> JobProgress | None:
        """Figures of the save or migration that ended last, or None."""
        return self._reach.look_at(uuid, "could not read the job of", migration.last_job)

    def cpu_reason(self, domain_xml: str) -> str:
        """Why this container cannot give a VM the processor its definition has; empty when it can."""
        what = f"could not compare CPUs on {self._container}"
        return self._reach.look(what, lambda connection: migration.cpu_reason(connection, domain_xml))

    def files_of(self, uuid: DomainUuid) -> Mapping[str, Sequence[str]]:
        """Files a definition names beside its disks: ``own`` ones that go with it, ``needed`` ones."""
        return other_files(self.definition(uuid))

    def set_memory(self, uuid: DomainUuid, memory_kib: int) -> None:
        """Balloon a running domain; its definition follows."""
        self._reach.act_on(
            uuid, "could not set the memory of", lambda domain: lifecycle.set_memory(domain, memory_kib)
        )

    def set_vcpus(self, uuid: DomainUuid, vcpus: int) -> None:
        """Plug or unplug vCPUs of a running domain; its definition follows."""
        self._reach.act_on(uuid, "could not set the CPUs of", lambda domain: lifecycle.set_vcpus(domain, vcpus))

    def image_size(self, path: str) -> int | None:
        """Capacity in bytes of a disk image or block device on the container, or None when it does not exist."""
        return self._images.size(path)

    def create_image(self, path: str, size_bytes: int, image_format: str = "raw") -> None:
        """Create a sparse image, its folder too. Refuses (DomainBusy) to overwrite an existing one."""
        self._images.create(path, size_bytes, image_format)

    def delete_image(self, path: str) -> None:
        """Delete an image; not being there is fine."""
        self._images.delete(path)

    def largest_file_system(self) -> tuple[str, int] | None:
        """Mount point and free bytes of the container's largest file system that may hold images."""
        return self._images.largest_file_system()

    def _take_event(self, event: DomainEvent) -> None:
        self._cache.note(event)
        if self._on_event is not None:
            self._on_event(event)

    def _read_the_rest(self, listing: Listing) -> None:
        """Read what a listing had no time for, and say so. A broken link is noticed by others."""
        what = f"could not read the definitions of {self._container}"
        with contextlib.suppress(HypervisorError):
            self._reach.link(what).call(
                what, lambda connection: read_definitions(connection, listing.unread, self._cache), deadline_s=None
            )
        if self._on_event is None:
            return
        names = {facts.uuid: facts.name for facts in listing.domains}
        for uuid in listing.unread:
            if self._cache.known(uuid) is not None:
                self._on_event(DomainEvent(self._container, uuid, names[uuid], EventKind.CHANGED, "definition read"))

    def _definitions(self) -> DefinitionCache:
        """The cache; an empty one where no events would tell that a definition changed."""
        return self._cache if self._on_event is not None else DefinitionCache()
