"""What the commands on one interface of a host share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.hostlist import require_hosts
from core.commands.locking import refuse_locked
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.store.records import Interface, Node
    from core.store.repository import Repository


def interface_of(repository: Repository, node: Node, word: str) -> Interface:
    """A node's interface by device name or MAC address.

    Raises:
        Refusal: The node has none like it.
    """
    found = repository.networks.of_node(node.id)
    key = word.casefold()
    match = next((one for one in found if key in ((one.device or "").casefold(), (one.mac or "").casefold())), None)
    known = ", ".join(one.device for one in found if one.device)
    return match or refuse(
        f'no interface "{word}" exists on host "{node.name}"' + (f" (it has {known})" if known else "")
    )


def chosen_interfaces(call: Invocation, repository: Repository) -> list[tuple[Node, Interface]]:
    """The hosts of the command, each with its interface named by ``iface``.

    Raises:
        Refusal: No host, no interface, or an unknown one.
    """
    nodes = require_hosts(repository, call.hosts, "must supply host")
    word = call.needed("iface", "must supply iface")
    refuse_locked(repository, nodes)
    return [(node, interface_of(repository, node, word)) for node in nodes]


def running_note(call: Invocation, what: str, names: list[str]) -> None:
    """Say that running VMs keep the old value until their next start."""
    from core.commands.live import apply_live

    apply_live(call, names, later=[what])
