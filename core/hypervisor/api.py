"""What the rest of the house may ask of one container.

`core.hypervisor.connection.LibvirtHypervisor` is the real one. Anything with these methods will do in a test
or a simulation. Every call may block for as long as the network takes and so belongs in a worker thread; each
raises `core.errors.HypervisorError` (or a subclass) and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from core.hypervisor.model import (
    ContainerName,
    DomainEvent,
    DomainFacts,
    DomainStatistics,
    DomainUuid,
    HostFacts,
    JobProgress,
    LinkReport,
    MigrationOrder,
)


class Hypervisor(Protocol):
    """One container's hypervisor, connected or trying to be."""

    @property
    def container(self) -> ContainerName:
        """The container's node name."""

    @property
    def uri(self) -> str:
        """The libvirt URI, without secrets."""

    def open(self) -> None:
        """Connect now, once. Raises ContainerUnreachable. Used by commands; the TUI's pool reconnects by itself."""

    def close(self) -> None:
        """Close and forget every handle. Never raises."""

    def host(self) -> HostFacts:
        """Facts about the container itself."""

    def domains(self) -> list[DomainFacts]:
        """Every domain in one bulk call, Xen's Domain-0 left out."""

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain. Raises DomainNotFound."""

    def statistics(self) -> list[DomainStatistics]:
        """Counters of every active domain in one bulk call, or the driver's best substitute."""

    def domain_xml(self, uuid: DomainUuid) -> str:
        """The live definition, without security-sensitive parts."""

    def job_progress(self, uuid: DomainUuid) -> JobProgress | None:
        """Progress of a running save or migration, or None."""

    def define(self, xml: str) -> DomainUuid:
        """Define or redefine a domain."""

    def undefine(self, uuid: DomainUuid) -> None:
        """Forget a domain with its managed-save image and NVRAM; disks stay."""

    def start(self, uuid: DomainUuid, *, paused: bool = False) -> None:
        """Boot a defined domain. Retries libxl's shutdown race for a bounded time."""

    def shutdown(self, uuid: DomainUuid) -> None:
        """Ask the guest to shut down."""

    def destroy(self, uuid: DomainUuid) -> None:
        """Pull the power cord."""

    def reset(self, uuid: DomainUuid) -> None:
        """Press the reset button."""

    def reboot(self, uuid: DomainUuid) -> None:
        """Ask the guest to reboot."""

    def suspend(self, uuid: DomainUuid) -> None:
        """Pause the vCPUs."""

    def resume(self, uuid: DomainUuid) -> None:
        """Let the vCPUs run again."""

    def save(self, uuid: DomainUuid, path: str) -> None:
        """Save memory to a file on the container and stop."""

    def restore(
        self, path: str, xml: str | None = None, *, paused: bool = False, moved: Mapping[str, str] | None = None
    ) -> None:
        """Restore a domain from a file on the container, optionally with another definition.

        Args:
            paused: Do not let it run yet.
            moved: Old path → new path of its files, where they are elsewhere than when it was saved.
        """

    def definition(self, uuid: DomainUuid, moved: Mapping[str, str] | None = None) -> str:
        """The lasting definition, complete enough to define it elsewhere, with its files at other paths.

        It has the guest's secrets in it (a graphics password): never show or log it.
        """

    def migrate(self, uuid: DomainUuid, target: Hypervisor, order: MigrationOrder) -> None:
        """Move a running domain to another container while it runs; it stays defined here, off.

        Raises NotSupported where the driver cannot.
        """

    def abort_job(self, uuid: DomainUuid) -> None:
        """Stop a save or migration under way; the domain runs on where it was."""

    def last_job(self, uuid: DomainUuid) -> JobProgress | None:
        """Figures of the save or migration that ended last, or None."""

    def cpu_reason(self, domain_xml: str) -> str:
        """Why this container cannot give a VM the processor its definition has; empty when it can."""

    def files_of(self, uuid: DomainUuid) -> Mapping[str, Sequence[str]]:
        """Files a definition names beside its disks: ``own`` ones that go with it, ``needed`` ones."""

    def set_memory(self, uuid: DomainUuid, memory_kib: int) -> None:
        """Balloon a running domain."""

    def set_vcpus(self, uuid: DomainUuid, vcpus: int) -> None:
        """Plug or unplug vCPUs of a running domain."""

    def image_size(self, path: str) -> int | None:
        """Capacity in bytes of a disk image on the container, or None when it does not exist."""

    def create_image(self, path: str, size_bytes: int, image_format: str = "raw") -> None:
        """Create a sparse image, its folder too. Refuses (DomainBusy) to overwrite an existing one."""

    def delete_image(self, path: str) -> None:
        """Delete an image; not being there is fine."""

    def largest_file_system(self) -> tuple[str, int] | None:
        """Mount point and free bytes of the container's largest file system that may hold images."""


EventSink = Callable[[DomainEvent], None]
"""Called on the libvirt event thread: may only queue."""

LinkSink = Callable[[ContainerName, LinkReport], None]
"""Called on a connection's own thread when the link changes; may only queue."""
