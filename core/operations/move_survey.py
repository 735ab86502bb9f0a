"""What the plan of a move has to know beyond the snapshot, asked of both containers. May block."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import QuarryError
from core.hypervisor.model import ContainerName
from core.inventory.snapshot import InventorySnapshot, VmKey
from core.operations.capabilities import ACTIVE
from core.operations.carrier import Carrier, FileFacts, Ground
from core.operations.run import Hypervisors
from core.operations.targets import Target, find_targets

_ROCKS_FOLDER = re.compile(r"/((?:xen|kvm)/disks)/[^/]+$")


@dataclass(frozen=True, slots=True)
class VmFound:
    """What the source says of one VM.

    Attributes:
        files: By path, those of its files that are there.
        own: Files that go with it beside its disks; `needed`: those that must be on the target.
        free_bytes: On the source's largest file system.
        devices: Network devices of the source; None when it cannot tell.
        cpu: Why the target cannot give it its processor; empty when it can.
        problem: Why the source did not say; empty when it did.
    """

    files: Mapping[str, FileFacts] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    free_bytes: int = 0
    devices: frozenset[str] | None = None
    cpu: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the containers said.

    Attributes:
        ground: The target's; None when it did not answer, for `problem`.
        address: Of the target, as its neighbours reach it.
        promised_bytes: Of its free space, what other jobs are about to bring there.
    """

    vms: Mapping[VmKey, VmFound] = field(default_factory=dict)
    ground: Ground | None = None
    problem: str = ""
    address: str = ""
    promised_bytes: int = 0


def survey(
    targets: Sequence[VmKey | str],
    destination: str,
    snapshot: InventorySnapshot,
    hypervisors: Hypervisors,
    carrier: Carrier,
    promised_bytes: int = 0,
) -> Found:
    """Ask both sides. Never raises for what a container does."""
    there = snapshot.container(destination)
    if there is None or not there.uri:
        return Found(problem="it is no container")
    chosen, _ = find_targets(targets, snapshot)
    found = {
        one.vm.key: _survey_vm(one, destination, hypervisors, carrier)
        for one in chosen
        if one.vm.key.container != destination
    }
    wanted = {path for one in found.values() for path in (*one.files, *one.own, *one.needed)}
    wanted |= {path for one in chosen for path, _ in disks_of(one)}
    name = ContainerName(destination)
    try:
        ground = carrier.look(name, sorted(wanted))
        places = sorted({place_of(path, ground.mount) for path in wanted} - wanted)
        if places:
            ground = replace(ground, files={**ground.files, **carrier.look(name, places).files})
        address = carrier.address(name)
    except QuarryError as error:
        return Found(found, None, error.sentence)
    return Found(found, ground, "", address, promised_bytes)


def disks_of(target: Target) -> list[tuple[str, str]]:
    """Path and device of each disk that is a file or block device: as the domain has them, else as the store does."""
    vm = target.vm
    if vm.defined:
        kinds = ("file", "block")
        return [
            (one.source, one.target) for one in vm.disks if one.device == "disk" and one.kind in kinds and one.source
        ]
    return [(one.path, one.device) for one in vm.record.disks] if vm.record is not None else []


def place_of(path: str, mount: str) -> str:
    """Where a disk goes on a container: Rocks' ``xen/disks`` (or ``kvm/disks``) on its largest file system."""
    match = _ROCKS_FOLDER.search(path)
    return posixpath.join(mount or "/", match.group(1) if match else "xen/disks", posixpath.basename(path))


def _survey_vm(target: Target, destination: str, hypervisors: Hypervisors, carrier: Carrier) -> VmFound:
    vm = target.vm
    try:
        here = hypervisors.get(vm.key.container)
        there = hypervisors.get(ContainerName(destination))
        if here is None or there is None:
            return VmFound(problem=f"no connection to {vm.key.container if here is None else destination}")
        others = here.files_of(vm.key.uuid) if vm.defined else {}
        own, needed = tuple(others.get("own", ())), tuple(others.get("needed", ()))
        paths = [path for path, _ in disks_of(target)]
        if vm.record is not None and vm.record.saved_file:
            paths.append(vm.record.saved_file)
        ground = carrier.look(vm.key.container, [*paths, *own])
        cpu = there.cpu_reason(here.domain_xml(vm.key.uuid)) if vm.state in ACTIVE else ""
        return VmFound(ground.files, own, needed, ground.free_bytes, ground.devices, cpu)
    except QuarryError as error:
        return VmFound(problem=error.sentence)
