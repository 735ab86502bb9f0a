"""A preview straight from a store and a host list: what the screen asks for. Blocking; worker threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.hostlist import expand_hosts
from core.commands.refusal import Refusal
from core.outcome import Refused
from partition_editor.fleet.preview import FleetPreview, Report, preview
from partition_editor.fleet.reading import read_nodes
from partition_editor.schemes.resolving import Resolver

if TYPE_CHECKING:
    from core.store.store import Store


def preview_store(store: Store, hosts: str, *, release: bool, report: Report | None = None) -> FleetPreview | Refused:
    """What the hosts would get and lose; no words are every node but frontends.

    Args:
        report: Told, in this thread, how many programs of how many have run.

    Raises:
        StoreError: The store cannot be read.
    """
    with store.reading() as repository:
        try:
            nodes = expand_hosts(repository, hosts.split())
        except Refusal as refusal:
            return refusal.refused
        if not hosts.split():
            nodes = [node for node in nodes if node.appliance != "frontend"]
        found = read_nodes(repository, nodes, Resolver.of_store(repository))
    return preview(found, release=release, report=report)
