"""All reading and writing of rows, one small part per subject. Lives as long as one transaction."""

from __future__ import annotations

from functools import cached_property

from core.store.records import Fleet
from core.store.repository.allocation import Allocation
from core.store.repository.attributes import Attributes
from core.store.repository.base import Rows
from core.store.repository.boot import Boot
from core.store.repository.clusters import Clusters
from core.store.repository.fleet import read_fleet
from core.store.repository.installs import Installs
from core.store.repository.jobs import Jobs
from core.store.repository.locks import Locks
from core.store.repository.log import Log
from core.store.repository.memberships import Memberships
from core.store.repository.networks import Networks
from core.store.repository.nodes import Nodes
from core.store.repository.partitions import Partitions
from core.store.repository.routes import Routes
from core.store.repository.schemes import DiskPolicies, Schemes
from core.store.repository.sessions import Sessions
from core.store.repository.subnets import Subnets
from core.store.repository.vms import Vms


class Repository:
    """The rows of one transaction. Not for use by several threads, nor after the transaction.

    Methods that change something raise `StoreConflict` when a unique or foreign key rule refuses; the transaction is
    over then. Names are compared without regard to case.
    """

    def __init__(self, rows: Rows) -> None:
        """Use `Store.begin` or `Store.reading`."""
        self._rows = rows

    @property
    def shared_rows(self) -> Rows:
        """The transaction underneath, for this room's own bulk work."""
        return self._rows

    @cached_property
    def nodes(self) -> Nodes:
        """Physical and virtual nodes."""
        return Nodes(self._rows)

    @cached_property
    def memberships(self) -> Memberships:
        """Memberships and appliances."""
        return Memberships(self._rows)

    @cached_property
    def subnets(self) -> Subnets:
        """Networks in Rocks' `list network` sense."""
        return Subnets(self._rows)

    @cached_property
    def networks(self) -> Networks:
        """Interfaces of nodes."""
        return Networks(self._rows)

    @cached_property
    def routes(self) -> Routes:
        """Static routes."""
        return Routes(self._rows)

    @cached_property
    def vms(self) -> Vms:
        """VMs and their disks."""
        return Vms(self._rows)

    @cached_property
    def partitions(self) -> Partitions:
        """Partitions nodes reported."""
        return Partitions(self._rows)

    @cached_property
    def schemes(self) -> Schemes:
        """Partition schemes and their versions."""
        return Schemes(self._rows)

    @cached_property
    def disk_policies(self) -> DiskPolicies:
        """What operators want done with single disks."""
        return DiskPolicies(self._rows)

    @cached_property
    def attributes(self) -> Attributes:
        """Attributes of the three scopes."""
        return Attributes(self._rows)

    @cached_property
    def clusters(self) -> Clusters:
        """Virtual clusters."""
        return Clusters(self._rows)

    @cached_property
    def boot(self) -> Boot:
        """What nodes boot next, and what that means."""
        return Boot(self._rows)

    @cached_property
    def log(self) -> Log:
        """The action log."""
        return Log(self._rows)

    @cached_property
    def locks(self) -> Locks:
        """VMs held by a job or an operator."""
        return Locks(self._rows)

    @cached_property
    def jobs(self) -> Jobs:
        """Long operations and their journals."""
        return Jobs(self._rows)

    @cached_property
    def installs(self) -> Installs:
        """Nodes that install themselves: tickets, history, reports."""
        return Installs(self._rows)

    @cached_property
    def sessions(self) -> Sessions:
        """Who else is here."""
        return Sessions(self._rows)

    @cached_property
    def allocation(self) -> Allocation:
        """The next free slice, name, MAC, IP and VLAN."""
        return Allocation(self._rows)

    def fleet(self) -> Fleet:
        """Every container and VM, in a fixed small number of queries."""
        return read_fleet(self._rows)
