"""`Reach`: how one container is reached, and calls over it, each with a deadline and a sentence for its failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import libvirt

from core.errors import ContainerUnreachable
from core.hypervisor.api import EventSink
from core.hypervisor.link import ClosedSink, Link, Purpose
from core.hypervisor.model import ContainerName, DomainUuid
from core.hypervisor.translate import translating
from core.hypervisor.uri import parse_uri
from core.outcome import Refused
from core.settings import ContainerSettings

T = TypeVar("T")

_ACT_S = 180.0
"""For what should be quick, but starts device models and waits for locks."""


class Reach:
    """A container's URI, its connection once it is open, and calls on it. Safe to use from any thread.

    Every call blocks, raises `HypervisorError` (or a subclass), and hands the libvirt handle to its function only.

    Attributes:
        container: The container's node name.
        settings: How connections behave.
        uri: The URI taken apart, or why it makes no sense.
    """

    def __init__(
        self,
        container: ContainerName,
        uri: str,
        settings: ContainerSettings,
        on_event: EventSink | None,
        on_closed: ClosedSink | None,
    ) -> None:
        """Prepare; nothing is connected yet. The sinks are `LibvirtHypervisor`'s."""
        self.container = container
        self.settings = settings
        self.uri = parse_uri(uri)
        self._link: Link | None = None
        if not isinstance(self.uri, Refused):
            self._link = Link(container, self.uri, settings, on_event, on_closed)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection that is not known to be broken."""
        return self._link is not None and self._link.is_open

    def open(self) -> None:
        """Connect now, once, within the settings' ``connect_timeout_s``. Raises ContainerUnreachable."""
        self.link(f"could not connect to {self.container}").open()

    def close(self) -> None:
        """Let the connection go; takes a second at most even when the container hangs. Never raises."""
        if self._link is not None:
            self._link.close()

    def link(self, what: str) -> Link:
        """The connection, open or not.

        Args:
            what: What could not be done without one.

        Raises:
            ContainerUnreachable: The URI makes no sense.
        """
        if self._link is None:
            why = self.uri.reason if isinstance(self.uri, Refused) else ""
            raise ContainerUnreachable(self.container, what, why, "correct its uri attribute")
        return self._link

    def look(self, what: str, function: Callable[[libvirt.virConnect], T]) -> T:
        """Call what changes nothing, within the settings' ``call_timeout_s``.

        Args:
            what: What could not be done when it fails.
        """
        return self.link(what).call(what, function, deadline_s=self.settings.call_timeout_s)

    def act(self, what: str, function: Callable[[libvirt.virConnect], T], deadline_s: float | None = _ACT_S) -> T:
        """Call what changes something; None for a deadline waits as long as it takes."""
        return self.link(what).call(what, function, purpose=Purpose.ACT, deadline_s=deadline_s)

    def look_at(self, uuid: DomainUuid, could_not: str, function: Callable[[libvirt.virDomain], T]) -> T:
        """As `look`, at one domain. Raises DomainNotFound.

        Args:
            could_not: The beginning of the sentence for a failure, which the domain's name ends.
        """
        return self.look(f"{could_not} {uuid}", self._on_domain(uuid, could_not, function))

    def act_on(
        self,
        uuid: DomainUuid,
        could_not: str,
        function: Callable[[libvirt.virDomain], object],
        deadline_s: float | None = _ACT_S,
    ) -> None:
        """As `act`, on one domain. Raises DomainNotFound."""
        self.act(f"{could_not} {uuid}", self._on_domain(uuid, could_not, function), deadline_s)

    def _on_domain(
        self, uuid: DomainUuid, could_not: str, function: Callable[[libvirt.virDomain], T]
    ) -> Callable[[libvirt.virConnect], T]:
        def work(connection: libvirt.virConnect) -> T:
            domain = connection.lookupByUUIDString(uuid)
            with translating(self.container, f"{could_not} {domain.name()}"):
                return function(domain)

        return work
