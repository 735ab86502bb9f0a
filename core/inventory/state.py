"""What the inventory is made from: the store's records and what each container last said. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.hypervisor.model import DomainFacts, DomainUuid, HostFacts, LinkState
from core.inventory.snapshot import Lock, Rates, VmRecord
from core.store.records import ContainerRecord


@dataclass(frozen=True, slots=True)
class FleetRecords:
    """The store's side of the fleet at one revision.

    Attributes:
        vms: In any order.
        locks: VMs held by a job or an operator, by UUID.
    """

    containers: tuple[ContainerRecord, ...] = ()
    vms: tuple[VmRecord, ...] = ()
    frontend: str = ""
    locks: Mapping[DomainUuid, Lock] = field(default_factory=dict)


class FleetSource(Protocol):
    """Where the records come from. `core.inventory.records.StoreFleet` reads the store."""

    def revision(self) -> int:
        """A number that moves with every change of the records; cheap. Raises StoreError."""

    def fleet(self) -> FleetRecords:
        """Everything, in a few queries. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """The container's side: what its collector knows. Published whole, unchanged parts shared.

    Attributes:
        listed: A full listing has succeeded, so a domain missing from `domains` is known to be missing.
        fresh: The link is up and `domains` is current; otherwise it is the last known state.
        seen_at_s: Wall clock of the last successful answer.
        space_mount: Mount point of the largest file system for images, empty when never asked.
    """

    link: LinkState = LinkState.CONNECTING
    reason: str = ""
    remedy: str = ""
    retry_at_s: float | None = None
    domains: Mapping[DomainUuid, DomainFacts] = field(default_factory=dict)
    rates: Mapping[DomainUuid, Rates] = field(default_factory=dict)
    host: HostFacts | None = None
    seen_at_s: float | None = None
    listed: bool = False
    fresh: bool = False
    cpu_history: Sequence[float] = ()
    space_mount: str = ""
    space_total_bytes: int | None = None
    space_free_bytes: int | None = None
