"""The nodes of a host list out of the store, in a fixed number of queries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.install.reports import from_json
from core.outcome import Refused
from core.store.install_records import ReportKind
from core.store.partition_records import DiskPolicyRecord
from core.store.records import Partition, Scope
from core.store.repository.fleet import CONTAINER_APPLIANCE, URI_ATTRIBUTE
from partition_editor.decisions.facts import NodeFacts, Policy
from partition_editor.disks import MIB_SECTORS, Disk, Firmware
from partition_editor.fleet.node import FleetNode, facts_of, signature_of
from partition_editor.fleet.profiles import profile_of
from partition_editor.programs.variables import node_variables
from partition_editor.sources.node import disks_of_node
from partition_editor.sources.report import Reported, read_reported

if TYPE_CHECKING:
    from core.store.install_records import InstallReport
    from core.store.records import Disk as VmDisk
    from core.store.records import Node
    from core.store.repository import Repository
    from partition_editor.schemes.resolving import Resolver

NEVER = "it never reported its disks"


def read_nodes(repository: Repository, nodes: Sequence[Node], resolver: Resolver) -> list[FleetNode]:
    """The nodes with their disks, policies and schemes, in the order given."""
    partitions = repository.partitions.all()
    policies = repository.disk_policies.all()
    attributes = _Attributes(repository)
    addresses = {one.node: one.ip for one in reversed(repository.networks.all()) if one.ip}
    vms = {one.node: one for one in repository.vms.all()}
    vm_disks = repository.vms.disks()
    reports = repository.installs.last_reports()
    shared: dict[tuple[object, ...], tuple[tuple[Disk, ...], str]] = {}
    facts: dict[tuple[object, ...], NodeFacts] = {}
    found = []
    for node in nodes:
        rows = partitions.get(node.id, [])
        vm = vms.get(node.id)
        mine = vm_disks.get(vm.id, []) if vm is not None else []
        values = attributes.of(node)
        profile = profile_of(values)
        xen_release = profile.release if vm is not None and attributes.is_on_xen(vm.physnode or "") else ""
        reported = reported_of(reports.get(node.id))
        key = (tuple((row.device, row.mountpoint, row.sectorstart, row.partitionsize, row.fstype, row.partitionflags)
                     for row in rows), tuple((disk.device, disk.size) for disk in mine),
               None if reported is None else (reported.disks, reported.is_live), xen_release)  # fmt: skip
        if key not in shared:
            shared[key] = _disks(rows, mine, reported, xen_release)
        disks, unknown = shared[key]
        mine_too = _policies(policies.get(node.id, {}))
        if reported is not None and reported.uefi:
            profile = replace(profile, firmware=Firmware.UEFI)
        unseen = _unseen(disks, rows, reported)
        signature = (*signature_of(disks, rows, mine_too, profile, reported), unseen)
        if signature not in facts:
            facts[signature] = facts_of(disks, rows, mine_too, profile, reported)
        found.append(
            FleetNode(
                name=node.name,
                profile=profile,
                applied=resolver.applied(node),
                disks=disks,
                facts=facts[signature],
                variables=variables_of(node, addresses.get(node.id) or "", values),
                unknown=unknown,
                unsized=tuple(disk.name for disk in disks if disk.sectors <= MIB_SECTORS),
                unseen=unseen,
                signature=signature,
            )
        )
    return found


def _unseen(disks: Sequence[Disk], rows: Sequence[Partition], reported: Reported | None) -> tuple[str, ...]:
    """Disks that only a definition tells of."""
    saved = {row.device.removeprefix("/dev/") for row in rows}
    return tuple(
        disk.name for disk in disks
        if not disk.partitions and disk.name not in saved and (reported is None or reported.disk(disk.name) is None)
    )  # fmt: skip


_READ: dict[bytes, Reported] = {}
_MOST_READ = 4096


def reported_of(report: InstallReport | None) -> Reported | None:
    """A stored report, read; remembered, as reports never change."""
    if report is None:
        return None
    key = hashlib.sha256(f"{report.kind.value} {report.body}".encode()).digest()
    found = _READ.get(key)
    if found is None:
        found = read_reported(from_json(report.body).facts, is_live=report.kind is ReportKind.DISKS)
        while len(_READ) >= _MOST_READ:
            _READ.pop(next(iter(_READ)))
        _READ[key] = found
    return found


def _disks(
    rows: Sequence[Partition], vm_disks: Sequence[VmDisk], reported: Reported | None, xen_release: str
) -> tuple[tuple[Disk, ...], str]:
    answer = disks_of_node(rows, vm_disks, reported, xen_release)
    if isinstance(answer, Refused):
        return (), answer.reason
    return answer, "" if answer else NEVER


def _policies(records: Mapping[str, DiskPolicyRecord]) -> dict[str, Policy]:
    known = {one.value: one for one in Policy}
    return {disk: known[one.policy] for disk, one in records.items() if one.policy in known}


def variables_of(node: Node, address: str, values: Mapping[str, str]) -> dict[str, str]:
    """What Rocks would fill in for a node; `values` are its attributes."""
    return node_variables(
        name=node.name,
        membership=node.membership or "",
        appliance=node.appliance or "",
        address=address,
        rack="" if node.rack is None else str(node.rack),
        rank="" if node.rank is None else str(node.rank),
        arch=node.arch or "x86_64",
        release=values.get("rocks_version", "7.0"),
        attributes=values,
    )


class _Attributes:
    """Every node's attributes, read at once."""

    def __init__(self, repository: Repository) -> None:
        self._by_place: dict[tuple[Scope, str], dict[str, str]] = {}
        for one in repository.attributes.all():
            self._by_place.setdefault((one.scope, one.target.casefold()), {})[one.attr] = one.value

    def of(self, node: Node) -> dict[str, str]:
        """Global ones, the appliance's over them, the node's own over those."""
        values: dict[str, str] = {}
        for scope, target in ((Scope.GLOBAL, ""), (Scope.APPLIANCE, node.appliance or ""), (Scope.HOST, node.name)):
            values |= self._by_place.get((scope, target.casefold()), {})
        return values

    def is_on_xen(self, container: str) -> bool:
        """Whether a container's libvirt URI is Xen's."""
        places = ((Scope.HOST, container), (Scope.APPLIANCE, CONTAINER_APPLIANCE), (Scope.GLOBAL, ""))
        found = (self._by_place.get((scope, target.casefold()), {}).get(URI_ATTRIBUTE) for scope, target in places)
        return (next((uri for uri in found if uri), "")).startswith("xen")
