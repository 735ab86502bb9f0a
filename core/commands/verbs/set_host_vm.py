"""``set host vm``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.commands.cdrom import set_cdrom
from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.dialect import dialect_of
from core.commands.diskspec import DEFAULT_SIZE_GB, MOST_GB, disks_fit, parse_disk
from core.commands.hostlist import expand_hosts, single_host
from core.commands.invocation import Invocation, whole_number
from core.commands.live import apply_live
from core.commands.locking import refuse_locked
from core.commands.newvm import check_slice
from core.commands.refusal import Refusal, refuse
from core.commands.values import LEAST_MEMORY_MIB, MOST_CPUS, MOST_MEMORY_MIB, MOST_SLICE
from core.store.records import NewDisk

if TYPE_CHECKING:
    from core.store.records import Node, Vm
    from core.store.repository import Repository

NOTHING = "none"
"""The word ``dump host vm`` writes for a value that is not set."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The words of the command, checked as far as they can be without the store."""

    mem_mib: int | None
    cpus: int | None
    slice_no: int | None
    sizes_gb: tuple[int, ...] | None


def run(call: Invocation) -> None:
    """Change one VM's rows, and what can be changed of the running VM."""
    changes = Changes(
        mem_mib=call.integer("mem", LEAST_MEMORY_MIB, MOST_MEMORY_MIB, '"mem" parameter must be an integer'),
        cpus=call.integer("cpus", 1, MOST_CPUS),
        slice_no=call.integer("slice", 0, MOST_SLICE),
        sizes_gb=_sizes(call.text("disksize")),
    )
    virt_type = call.text("virt-type")
    if virt_type is not None and virt_type.lower() not in ("para", "hvm", NOTHING):
        refuse("virt-type must be either 'hvm' or 'para'")

    def work(repository: Repository) -> str:
        node = single_host(repository, call.hosts, "must supply only one host")
        refuse_locked(repository, [node])
        physnode = _physnode(repository, call.text("physnode"), node)
        vm = repository.vms.of_node(node.id) or _make_vm(repository, node, physnode, changes)
        _move(repository, vm, physnode, changes.slice_no)
        if changes.mem_mib is not None:
            repository.vms.update(vm.id, mem=changes.mem_mib)
        if virt_type is not None:
            repository.vms.update(vm.id, virt_type=None if virt_type.lower() == NOTHING else virt_type.lower())
        if changes.cpus is not None:
            repository.nodes.update(node.id, cpus=changes.cpus)
        if call.text("uuid"):
            repository.vms.update(vm.id, uuid=_uuid(call.text("uuid") or ""))
        if call.text("cdrom"):
            set_cdrom(repository, vm, call.text("cdrom") or "")
        _set_disks(repository, vm, call.text("disk"), changes.sizes_gb)
        return node.name

    name = call.change(work, " ".join(call.hosts))
    waiting = [
        one for one in ("cdrom", "disk", "disksize", "physnode", "slice", "uuid", "virt-type") if call.text(one)
    ]
    apply_live(call, [name], mem_mib=changes.mem_mib, cpus=changes.cpus, later=waiting)


def _sizes(text: str | None) -> tuple[int, ...] | None:
    if text is None or not text.strip():
        return None
    return tuple(
        whole_number("disksize", one, 1, MOST_GB, '"disksize" values must be integers') for one in text.split()
    )


def _physnode(repository: Repository, word: str | None, node: Node) -> Node | None:
    if word is None or word.lower() == NOTHING:
        return None
    try:
        found = expand_hosts(repository, [word])
    except Refusal:
        refuse(f'physnode "{word}" does not exist')
    if len(found) > 1:
        refuse("too many physnodes. only supply one physnode")
    physnode = found[0] if found else refuse(f'physnode "{word}" does not exist')
    if physnode.id == node.id or repository.vms.of_node(physnode.id) is not None:
        refuse(f"{physnode.name} is a VM itself and cannot house one")
    return physnode


def _make_vm(repository: Repository, node: Node, physnode: Node | None, changes: Changes) -> Vm:
    """A node that is no VM yet becomes one: this is how a dump is replayed."""
    if physnode is None:
        refuse(f"{node.name} is not a VM; physnode= makes it one")
    slice_no = repository.allocation.next_slice(physnode.id) if changes.slice_no is None else changes.slice_no
    check_slice(repository, physnode, slice_no)
    repository.vms.add(node.id, physnode.id, slice_no)
    return repository.vms.of_node(node.id) or refuse(f"{node.name} could not be made a VM")


def _move(repository: Repository, vm: Vm, physnode: Node | None, slice_no: int | None) -> None:
    target = physnode or (repository.nodes.get(vm.physnode_id) if vm.physnode_id is not None else None)
    wanted = vm.slice if slice_no is None else slice_no
    if target is None or (target.id == vm.physnode_id and wanted == vm.slice):
        return
    other = next((one for one in repository.vms.on(target.id) if one.slice == wanted and one.id != vm.id), None)
    if other is not None:
        refuse(
            f"slice {wanted} of {target.name} is {other.name}; give slice=, the next free one is "
            f"{repository.allocation.next_slice(target.id)}"
        )
    repository.vms.update(vm.id, physnode_id=target.id, slice=wanted)


def _set_disks(repository: Repository, vm: Vm, words: str | None, sizes: Sequence[int] | None) -> None:
    if words is None or not words.strip():
        if sizes is not None:
            _resize(repository, vm, sizes)
        return
    specs = words.split()
    if sizes is not None and len(sizes) > len(specs):
        refuse(f"too many disksize vm has only {len(specs)} disks")
    whole_phy = dialect_of(repository).is_later
    filled = [*(sizes or ()), *[DEFAULT_SIZE_GB] * len(specs)]
    disks: list[NewDisk] = []
    for spec, size in zip(specs, filled, strict=False):
        disk = parse_disk(spec, size, whole_phy=whole_phy)
        disks.append(disk or refuse(f'invalid disk specification: "{spec}"'))
    disks_fit(disks)
    repository.vms.set_disks(vm.id, disks)


def _resize(repository: Repository, vm: Vm, sizes: Sequence[int]) -> None:
    disks = repository.vms.disks([vm.id]).get(vm.id, [])
    if len(sizes) > len(disks):
        refuse(f"too many disksize vm has only {len(disks)} disks")
    for disk, size in zip(disks, sizes, strict=False):
        repository.vms.update_disk(disk.id, size=size)


def _uuid(text: str) -> str:
    from uuid import UUID

    try:
        return str(UUID(text))
    except ValueError:
        refuse(f'"{text}" is not a UUID')


COMMAND = Command(
    words=("set", "host", "vm"),
    summary="Change a VM: its disks, memory, CPUs, host, slice or kind.",
    run=run,
    arguments=(Argument("host", "one VM", many=True, noun=Noun.VM),),
    parameters=(
        Parameter("cdrom", "absolute path of an ISO image or /dev/cdrom on the container, or none"),
        Parameter("cpus", "virtual CPUs", kind=Kind.INTEGER),
        Parameter("disk", "all its disks, parted by blanks: 'file:/a/x.hda,hda,w phy:/dev/vg/y,hdb,w'"),
        Parameter("disksize", "sizes in GB in the same order; alone it changes the sizes of the disks there are"),
        Parameter("mem", "memory in MiB", kind=Kind.INTEGER),
        Parameter("physnode", "the physical host it is on; disks are not moved", noun=Noun.CONTAINER),
        Parameter("slice", "its number there", kind=Kind.INTEGER),
        Parameter("uuid", "its UUID"),
        Parameter(
            "virt-type", "para, hvm, or None for what the hypervisor does best", choices=("para", "hvm", "None")
        ),
    ),
    details=(
        "A running VM gets new memory and CPUs at once where its hypervisor can; everything else waits for the next "
        "start, which a line on stderr says. An image file is made at the first start and not resized afterwards."
    ),
    examples=(
        "set host vm compute-0-0-0 mem=4096",
        "set host vm compute-0-0-0 disk='phy:/dev/vg/a,hda,w' disksize=100",
    ),
    changes=True,
)
