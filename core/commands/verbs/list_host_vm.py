"""``list host vm``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.dialect import dialect_of
from core.commands.diskspec import disk_word
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.states import has_uri, states_of
from core.commands.table import Cell, Row

if TYPE_CHECKING:
    from core.store.records import Disk, Vm
    from core.store.repository import Repository

BASE = ("vm-host", "slice", "mem", "cpus", "mac", "host")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns the table has beside the fixed ones."""

    virt_type: bool
    status: bool
    disks: bool

    @property
    def header(self) -> tuple[str, ...]:
        """All headers, in the order of Rocks 5.4.3."""
        more = (("virt-type",) if self.virt_type else ()) + (("status",) if self.status else ())
        return BASE + more + (("disk", "disksize") if self.disks else ())


@dataclass(frozen=True, slots=True)
class Found:
    """What the store says, read at one moment."""

    vms: list[Vm]
    macs: Mapping[int, list[str]]
    disks: Mapping[int, list[Disk]]
    columns: Columns
    later: bool


def run(call: Invocation) -> None:
    """Print VMs: one row each, and a further row for each further MAC address or disk."""
    with call.reading() as repository:
        found = _read(call, repository)
    status: Callable[[Vm], str | None] = lambda _vm: "nostate" if found.later else None  # noqa: E731
    if found.columns.status:
        states = states_of(call, sorted({vm.physnode for vm in found.vms if vm.physnode}))
        status = lambda vm: states.get(vm.name) or ("nostate" if found.later else None)  # noqa: E731
    rows: list[Row] = []
    for vm in found.vms:
        rows += _rows(vm, found, status(vm))
    call.table(found.columns.header, rows)


def _read(call: Invocation, repository: Repository) -> Found:
    vms = sorted(repository.vms.all(), key=lambda vm: vm.node)
    if call.hosts:
        by_node = {vm.node: vm for vm in vms}
        vms = [by_node[node.id] for node in expand_hosts(repository, call.hosts) if node.id in by_node]
    later = dialect_of(repository).is_later
    show_disks = call.flag("showdisks")
    columns = Columns(
        virt_type=later or any(vm.virt_type for vm in vms),
        status=call.flag("status", default=not later or has_uri(repository)),
        disks=show_disks,
    )
    return Found(
        vms=vms,
        macs=repository.networks.macs(),
        disks=repository.vms.disks([vm.id for vm in vms]) if show_disks else {},
        columns=columns,
        later=later,
    )


def _rows(vm: Vm, found: Found, status: str | None) -> list[Row]:
    macs: Sequence[str | None] = found.macs.get(vm.node) or [None]
    disks: Sequence[Disk | None] = found.disks.get(vm.id) or [None]
    columns = found.columns
    first: list[Cell] = [vm.name, vm.slice, vm.mem, vm.cpus, macs[0], vm.physnode]
    first += [vm.virt_type] * columns.virt_type + [status] * columns.status
    rows: list[Row] = [(*first, *_disk_cells(disks[0])) if columns.disks else first]
    for index in range(1, max(len(macs), len(disks) if columns.disks else 1)):
        mac = macs[index] if index < len(macs) else None
        # 5.4.3 left VIRT-TYPE out of these rows, so they end one cell early.
        row: list[Cell] = [vm.name, None, None, None, mac, None, *[None] * columns.status]
        if columns.disks:
            disk = disks[index] if index < len(disks) else None
            row += [*[None] * columns.virt_type, *_disk_cells(disk)]
        rows.append(row)
    return rows


def _disk_cells(disk: Disk | None) -> tuple[Cell, Cell]:
    return (disk_word(disk), disk.size) if disk else (None, None)


COMMAND = Command(
    words=("list", "host", "vm"),
    summary="List VMs with their slice, memory, addresses, host and state.",
    run=run,
    arguments=(Argument("host", "host list; none is every VM", many=True, required=False, noun=Noun.VM),),
    parameters=(
        Parameter("showdisks", "also print disks and their sizes in GB (no)", kind=Kind.BOOL),
        Parameter(
            "status",
            "ask the containers for the state (yes, when any has a libvirt URI or the store is Rocks 5.0's)",
            kind=Kind.BOOL,
        ),
    ),
    details=(
        "Containers without a libvirt_uri attribute are not asked. One that cannot be reached in time costs a "
        "warning, and its VMs have no state."
    ),
    examples=("list host vm", "list host vm rack0 showdisks=yes", "list host vm status=no output-format=json"),
    tabular=True,
)
