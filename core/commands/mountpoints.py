"""Where a container keeps images: what it reported of its partitions, else what it says when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from core.commands.diskspec import largest_partition
from core.errors import HypervisorError

if TYPE_CHECKING:
    from core.settings import ContainerSettings
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


def ask_mountpoints(
    containers: Sequence[ContainerRecord], settings: ContainerSettings
) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Ask containers with a libvirt URI for their largest file system, side by side.

    Returns:
        Mount points and reasons of failure, each by node id.
    """
    reachable = [one for one in containers if one.uri]
    found: dict[int, str] = {}
    failed: dict[int, str] = {}
    if not reachable:
        return found, failed
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(reachable))) as pool:
        answers = pool.map(lambda one: _ask(one, settings), reachable)
        for container, (mountpoint, reason) in zip(reachable, answers, strict=True):
            if mountpoint:
                found[container.node] = mountpoint
            else:
                failed[container.node] = reason
    return found, failed


def _ask(container: ContainerRecord, settings: ContainerSettings) -> tuple[str, str]:
    from core.hypervisor.connection import LibvirtHypervisor

    hypervisor = LibvirtHypervisor(container.name, container.uri, settings)
    try:
        hypervisor.open()
        largest = hypervisor.largest_file_system()
    except HypervisorError as error:
        return "", error.sentence
    finally:
        hypervisor.close()
    return (largest[0], "") if largest else ("", f"{container.name} names no file system that may hold images")
