"""``remove host``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.clusters import refuse_frontends
from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.lifecycle import act_on
from core.commands.locking import refuse_locked
from core.commands.refusal import Status, refuse

if TYPE_CHECKING:
    from core.store.records import Node, Vm
    from core.store.repository import Repository

EMPTY = "must supply at least one host"


def run(call: Invocation) -> Status:
    """Remove nodes with everything about them."""
    with call.reading() as repository:
        nodes, guests = _checked(call, repository)
        uris = {one.node for one in repository.fleet().containers if one.uri} if guests else set()
    asked = [vm for vm in guests if vm.physnode_id in uris]
    rest = [node for node in nodes if node.id not in {vm.node for vm in asked}]
    if call.options.dry_run:
        call.write("".join(f"{node.name}: remove its rows from the store\n" for node in rest))
    elif rest:
        names = ", ".join(node.name for node in rest[:10]) + (", ..." if len(rest) > 10 else "")
        phrase = rest[0].name if len(rest) == 1 else f"remove {len(rest)}"
        call.confirm([f"Remove {names} from the store with interfaces, partitions and attributes."], phrase)
    status = Status.DONE
    if asked:
        parameters = {"node": "yes"} | {name: "yes" for name in ("force", "images") if call.flag(name)}
        status = act_on(call, "remove", asked, parameters)
    if rest and status is Status.DONE and not call.options.dry_run:
        call.change(lambda repository: _remove(repository, [node.id for node in rest]), " ".join(call.hosts))
    return status


def _checked(call: Invocation, repository: Repository) -> tuple[list[Node], list[Vm]]:
    """The nodes and those of them that are VMs; VMs come before the containers they are on."""
    nodes = require_hosts(repository, call.hosts, EMPTY)
    refuse_locked(repository, nodes)
    going = {node.id for node in nodes}
    vms = repository.vms.all()
    names = {node.id: node.name for node in nodes}
    for vm in vms:
        if vm.physnode_id in going and vm.node not in going:
            refuse(f"{names[vm.physnode_id]} houses {vm.name}; remove or move its VMs first")
    refuse_frontends(repository, nodes)
    return nodes, [vm for vm in vms if vm.node in going]


def _remove(repository: Repository, node_ids: list[int]) -> None:
    guests = {vm.node: vm.id for vm in repository.vms.all()}
    for node_id in sorted(node_ids, key=lambda one: one not in guests):
        if node_id in guests:
            repository.vms.remove(guests[node_id])
        repository.nodes.remove(node_id)


COMMAND = Command(
    words=("remove", "host"),
    summary="Remove nodes, physical or virtual, with their interfaces, partitions, attributes and VM rows.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("force", "also VMs whose container cannot be asked (no)", kind=Kind.BOOL),
        Parameter("images", "delete the disk images of VMs too (no)", kind=Kind.BOOL),
    ),
    examples=("remove host compute-0-0-0", "remove host vm-container-1-0"),
    changes=True,
    plans=True,
)
