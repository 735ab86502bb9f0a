"""``dump host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.dumping import vm_line
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation


def run(call: Invocation) -> None:
    """Print one command line a VM."""
    with call.reading() as repository:
        vms = {vm.node: vm for vm in repository.vms.all()}
        chosen = [vms[node.id] for node in expand_hosts(repository, call.hosts) if node.id in vms]
        disks = repository.vms.disks([vm.id for vm in chosen])
    call.write("".join(vm_line(vm, disks.get(vm.id, [])) for vm in chosen))


COMMAND = Command(
    words=("dump", "host", "vm"),
    summary="Print the commands that give VMs their disks, memory, host and slice again.",
    run=run,
    arguments=(Argument("host", "host list; none is every VM", many=True, required=False, noun=Noun.VM),),
    details="Names, CPUs and interfaces are not in it: dump prints everything.",
    examples=("dump host vm compute-0-0-0",),
)
