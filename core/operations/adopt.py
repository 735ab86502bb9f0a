"""Rows for a domain that the store does not know, made from what the domain has."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import QuarryError
from core.inventory.snapshot import VmKey
from core.operations.plan import JsonValue
from core.store.records import NewDisk

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository
    from core.store.store import Store

GB_BYTES = 10**9


@dataclass(frozen=True, slots=True)
class Found:
    """A domain as it is to be written down.

    Attributes:
        disks: (type, path, device, decimal gigabytes) each.
        link: The store has a VM of this name there that is not defined: only its UUID is set.
    """

    membership: str
    memory_mib: int
    vcpus: int
    virt_type: str
    link: bool
    disks: tuple[tuple[str, str, str, int], ...]
    macs: tuple[str, ...]


def found_domain(arguments: Mapping[str, JsonValue], sizes: Mapping[str, int]) -> Found:
    """From a step's arguments and the sizes of its images in bytes."""
    disks = []
    for disk in _items(arguments, "disks"):
        if isinstance(disk, list) and len(disk) == 3:
            kind, path, device = (str(one) for one in disk)
            if path:
                disks.append((kind, path, device, max(1, -(-sizes.get(path, 0) // GB_BYTES))))
    return Found(
        membership=str(arguments.get("membership") or "Compute"),
        memory_mib=_number(arguments, "memory_mib"),
        vcpus=_number(arguments, "vcpus"),
        virt_type=str(arguments.get("virt_type") or "hvm"),
        link=bool(arguments.get("link")),
        disks=tuple(disks),
        macs=tuple(str(mac) for mac in _items(arguments, "macs") if mac),
    )


def adopt(store: Store, key: VmKey, name: str, found: Found) -> str:
    """Write the rows, all or none.

    Returns:
        What the operator should know; empty when there is nothing.

    Raises:
        QuarryError: The name belongs to something else, or the store refused.
    """
    return store.transact(lambda rows: _write(rows, key, name, found))


def _write(rows: Repository, key: VmKey, name: str, found: Found) -> str:
    container = rows.nodes.find(key.container)
    if container is None:
        raise QuarryError(f"could not adopt {name}", f"{key.container} is no longer in the store")
    if found.link:
        vm = rows.vms.find(name)
        if vm is None or vm.physnode_id != container.id:
            raise QuarryError(f"could not adopt {name}", "the store's VM of this name is gone or was moved")
        rows.vms.update(vm.id, uuid=key.uuid)
        return f"the store's {name} is this domain now"
    node = rows.nodes.find(name)
    notes: list[str] = []
    if node is None:
        node = rows.nodes.add(
            name, membership=found.membership, cpus=found.vcpus, rack=container.rack, rank=container.rank
        )
        notes += _add_interfaces(rows, node, found.macs)
    else:
        _refuse_taken(rows, node, container)
        rows.nodes.update(node.id, cpus=found.vcpus)
        notes.append(f"the node {name} was there already and is this VM now")
    vm_id = rows.vms.add(
        node.id,
        container.id,
        rows.allocation.next_slice(container.id),
        mem=found.memory_mib,
        virt_type=found.virt_type,
        uuid=key.uuid,
    )
    rows.vms.set_disks(vm_id, [_disk(*disk) for disk in found.disks])
    return "; ".join(notes)


def _refuse_taken(rows: Repository, node: Node, container: Node) -> None:
    vm = rows.vms.of_node(node.id)
    what = ""
    if vm is not None:
        what = f"the store has a VM of this name on {vm.physnode}"
    elif node.id == container.id or rows.vms.on(node.id):
        what = "the store has a container of this name"
    if what:
        raise QuarryError(f"could not adopt {node.name}", what, "rename the domain on its container")


def _add_interfaces(rows: Repository, node: Node, macs: Sequence[str]) -> list[str]:
    notes = []
    for number, mac in enumerate(macs):
        if rows.networks.find_by_mac(mac) is not None:
            notes.append(f"its MAC {mac} belongs to another node and was left out")
        else:
            rows.networks.add(node.id, device=f"eth{number}", mac=mac, name=node.name if number == 0 else None)
    return notes


def _disk(kind: str, path: str, device: str, size_gb: int) -> NewDisk:
    return NewDisk(kind, posixpath.dirname(path), posixpath.basename(path), device, "w", size_gb)


def _items(arguments: Mapping[str, JsonValue], name: str) -> list[JsonValue]:
    value = arguments.get(name)
    return value if isinstance(value, list) else []


def _number(arguments: Mapping[str, JsonValue], name: str) -> int:
    value = arguments.get(name)
    return value if isinstance(value, int) else 1
