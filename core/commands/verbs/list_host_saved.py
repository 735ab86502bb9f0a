"""``list host saved``."""

from __future__ import annotations

from datetime import UTC, datetime

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.table import Row
from core.errors import QuarryError
from core.inventory.records import StoreFleet
from core.inventory.snapshot import VmRecord
from core.operations.carrier import Carrier
from core.operations.saved_survey import compared
from core.operations.words import bytes_text


def run(call: Invocation) -> None:
    """List the memory that was saved to files: where, when, how large, and whether its disks have changed since."""
    wanted: set[str] | None = None
    if call.hosts:
        with call.reading() as rows:
            wanted = {node.name for node in require_hosts(rows, call.hosts, "must supply host")}
    saved = [
        vm
        for vm in StoreFleet(call.context.open_store()).fleet().vms
        if vm.saved_file and (wanted is None or vm.name in wanted)
    ]
    files = call.context.files() if saved else None
    rows_of = [_row(vm, files) for vm in sorted(saved, key=lambda one: one.name) if files is not None]
    call.table(("host", "container", "file", "size", "saved", "note"), rows_of, trim_owner=False)


def _row(vm: VmRecord, files: Carrier) -> Row:
    head = (vm.name, str(vm.container), vm.saved_file)
    try:
        found = files.look(vm.container, [vm.saved_file, *(disk.path for disk in vm.disks)]).files
    except QuarryError as error:
        return (*head, "", "", f"{vm.container} cannot be asked: {error.why or error.what}")
    memory = found.get(vm.saved_file)
    if memory is None:
        return (*head, "", "", "the file is not there: start host vm discard=yes boots it")
    changed = compared(vm.saved_file, memory, list(found.values())).changed
    note = f"{changed[0]} was written since: restoring would destroy it" if changed else ""
    at = datetime.fromtimestamp(memory.written_at_s, UTC)
    return (*head, bytes_text(memory.allocated_bytes), f"{at:%Y-%m-%d %H:%M:%S}", note)


COMMAND = Command(
    words=("list", "host", "saved"),
    summary="List the memory of VMs that was saved to files: where, when, how large, and whether it still fits.",
    run=run,
    arguments=(Argument("host", "host list (all)", many=True, required=False, noun=Noun.VM),),
    examples=("list host saved", "list host saved rack0"),
    tabular=True,
)
