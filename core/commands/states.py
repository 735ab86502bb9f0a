"""What containers say of their VMs, asked once by a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.hypervisor.model import ContainerName, LinkState
from core.inventory.snapshot import InventorySnapshot

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.store.repository import Repository

URI_ATTRIBUTE = "libvirt_uri"


def has_uri(repository: Repository) -> bool:
    """Any container could be asked at all."""
    return any(one.attr.casefold() == URI_ATTRIBUTE and one.value for one in repository.attributes.all())


def look(call: Invocation, containers: Sequence[str]) -> InventorySnapshot:
    """Ask these containers side by side, each for a bounded time; warn once of those that do not answer."""
    names = [ContainerName(name) for name in containers]
    with call.context.look(names) as looked:
        snapshot = looked.snapshot
    silent = [one for one in snapshot.containers if one.name in names and one.uri and one.link is not LinkState.UP]
    if silent:
        call.warn(
            "; ".join(f"{one.name} does not answer: {one.link_reason or 'no answer in time'}" for one in silent)
        )
    return snapshot


def states_of(call: Invocation, containers: Sequence[str]) -> Mapping[str, str]:
    """The state of each VM that runs or is defined on these containers, by name, in Rocks' words."""
    with call.reading() as repository:
        if not has_uri(repository):
            return {}
    snapshot = look(call, containers)
    answered = {one.name for one in snapshot.containers if one.link is LinkState.UP}
    return {
        name: vm.state.value for name, vm in snapshot.by_name().items() if vm.defined and vm.key.container in answered
    }
