"""``list cluster``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.commands.clusters import Members, clusters_of
from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.states import states_of
from core.commands.table import Cell

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Print frontends, each followed by its clients."""
    status = call.flag("status")
    with call.reading() as repository:
        chosen = _chosen(call, repository)
        titles = {one.frontend.id: _title(repository, one) for one in chosen}
        physical = {vm.name: vm.physnode for vm in repository.vms.all() if vm.physnode}
    states: Mapping[str, str] = {}
    if status:
        names = [node.name for one in chosen if one.is_vm for node in (one.frontend, *one.clients)]
        states = states_of(call, sorted({physical[name] for name in names if name in physical}))
    rows: list[list[Cell]] = []
    for one in chosen:
        kind = "VM" if one.is_vm else "physical"
        for node, cells in [
            (one.frontend, (titles[one.frontend.id], None)),
            *((client, ("", client.name)) for client in one.clients),
        ]:
            state = (states.get(node.name) or "nostate") if one.is_vm else None
            rows.append([*cells, kind, *[state] * status])
    header = ("frontend", "client nodes", "type", *["status"] * status)
    call.table(header, rows, trim_owner=False)


def _chosen(call: Invocation, repository: Repository) -> list[Members]:
    known = {one.frontend.id: one for one in clusters_of(repository)}
    if not call.hosts:
        return list(known.values())
    return [
        known.get(node.id) or refuse(f"host {node.name} is not a frontend")
        for node in expand_hosts(repository, call.hosts)
    ]


def _title(repository: Repository, one: Members) -> str:
    """The name of the frontend's public interface, its own where there is not exactly one."""
    names = [
        interface.name
        for interface in repository.networks.of_node(one.frontend.id)
        if interface.subnet == "public" and interface.name
    ]
    return names[0] if len(names) == 1 else one.frontend.name


COMMAND = Command(
    words=("list", "cluster"),
    summary="List clusters: each frontend with its client nodes.",
    run=run,
    arguments=(Argument("cluster", "frontends; none is all", many=True, required=False, noun=Noun.CLUSTER),),
    parameters=(Parameter("status", "ask the containers for the states of VMs (no)", kind=Kind.BOOL),),
    examples=("list cluster", "list cluster frontend-0-0-0 status=yes"),
    tabular=True,
)
