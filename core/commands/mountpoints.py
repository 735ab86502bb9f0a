"""Where a container keeps images: what it reported of its partitions, else what it says when asked."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from core.commands.diskspec import largest_partition
from core.errors import HypervisorError

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.inventory.survey import Look
    from core.store.records import ContainerRecord, Node
    from core.store.repository import Repository

AT_ONCE = 32


def recorded_mountpoints(repository: Repository, nodes: Sequence[Node]) -> dict[int, str | None]:
    """The largest file system of each node by the `partitions` rows; None where there are none."""
    partitions = repository.partitions.all() if len(nodes) > 1 else {}
    return {
        node.id: largest_partition(
            partitions.get(node.id, []) if partitions else repository.partitions.of_node(node.id)
        )
        for node in nodes
    }


def ask_mountpoints(call: Invocation, containers: Sequence[ContainerRecord]) -> dict[int, str]:
    """Ask containers with a libvirt URI for their largest file system, side by side; warn of those that fail.

    Returns:
        Mount points by node id.
    """
    asked = [one for one in containers if one.uri]
    if not asked:
        return {}
    names = [one.name for one in asked]
    with call.context.look(names, names) as look, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda one: _ask(look, one), asked))
    found: dict[int, str] = {}
    for container, (mountpoint, reason) in zip(asked, answers, strict=True):
        if mountpoint:
            found[container.node] = mountpoint
        else:
            call.warn(reason)
    return found


def _ask(look: Look, container: ContainerRecord) -> tuple[str, str]:
    hypervisor = look.hypervisors.get(container.name)
    if hypervisor is None:
        view = look.snapshot.container(container.name)
        return "", f"{container.name} does not answer: {view.link_reason if view else 'it is not known'}"
    try:
        largest = hypervisor.largest_file_system()
    except HypervisorError as error:
        return "", error.sentence
    return (largest[0], "") if largest else ("", f"{container.name} names no file system that may hold images")
