"""``remove cluster``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.commands.clusters import Members, clusters_of
from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.lifecycle import conclude, planned
from core.commands.locking import refuse_locked
from core.commands.refusal import Status, refuse
from core.commands.table import visible
from core.inventory.survey import Look
from core.operations.capabilities import ACTIVE
from core.operations.plan import Plan, StepKind
from core.operations.run import run_plan
from core.operations.script import as_text

if TYPE_CHECKING:
    from core.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Doomed:
    """What is going to be removed.

    Attributes:
        vms: Names of the VMs on containers that can be asked.
        vlans: VLANs whose interfaces on physical hosts go too.
    """

    clusters: list[Members]
    vms: list[str]
    containers: set[str]
    vlans: set[int]

    @property
    def node_names(self) -> list[str]:
        """Every VM of the clusters."""
        return [node.name for one in self.clusters for node in (one.frontend, *one.clients)]


def run(call: Invocation) -> Status:
    """Stop, undefine and forget whole clusters."""
    if not call.hosts:
        refuse("must supply at least one frontend name")
    with call.reading() as repository:
        doomed = _doomed(call, repository)
    names = doomed.node_names
    with call.context.look(doomed.containers, doomed.containers) as look:
        stop = _stop_plan(call, doomed, look)
        if call.options.dry_run:
            _print_plan(call, doomed, stop)
            return Status.DONE
        lines = [f"Remove {len(names)} VMs: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}."]
        lines += as_text(stop) if stop else []
        call.confirm(lines, f"remove {len(names)}")
        if stop is not None:
            status = _run(call, stop, look)
            if status is not Status.DONE:
                return status
    if doomed.vms:
        # A second look: what was running is off now, and plans are made for the state there is.
        with call.context.look(doomed.containers, doomed.containers) as look:
            status = _run(call, _undefine_plan(call, doomed, look), look)
            if status is not Status.DONE:
                return status
    call.change(lambda repository: _forget(repository, doomed), " ".join(call.hosts))
    return Status.DONE


def _doomed(call: Invocation, repository: Repository) -> Doomed:
    known = {one.frontend.id: one for one in clusters_of(repository)}
    chosen = []
    for node in expand_hosts(repository, call.hosts):
        one = known.get(node.id) or refuse(f"host {node.name} is not a frontend")
        if not one.is_vm:
            refuse(f"host {node.name} is not a virtual frontend")
        chosen.append(one)
    if not chosen:
        refuse("must supply at least one frontend name")
    nodes = [node for one in chosen for node in (one.frontend, *one.clients)]
    refuse_locked(repository, nodes)
    vms = {vm.node: vm for vm in repository.vms.all()}
    uris = {one.node for one in repository.fleet().containers if one.uri}
    members = [vms[node.id] for node in nodes if node.id in vms]
    asked = [vm for vm in members if vm.physnode_id in uris]
    interfaces = repository.networks.of_nodes(one.frontend.id for one in chosen)
    vlans = {one.cluster.vlanid for one in chosen if one.cluster is not None}
    vlans |= {one.vlanid for found in interfaces.values() for one in found if one.vlanid}
    kept = {one.vlanid for one in repository.clusters.all() if one.frontend_id not in {c.frontend.id for c in chosen}}
    return Doomed(chosen, [vm.name for vm in asked], {vm.physnode for vm in asked if vm.physnode}, vlans - kept)


def _stop_plan(call: Invocation, doomed: Doomed, look: Look) -> Plan | None:
    seen = look.snapshot.by_name()
    active = [name for name in doomed.vms if name in seen and seen[name].state in ACTIVE]
    return planned(call, "stop", active, look, {}) if active else None


def _undefine_plan(call: Invocation, doomed: Doomed, look: Look) -> Plan:
    """The plan of a removal without the part that forgets rows: those go together at the end."""
    parameters = {name: "yes" for name in ("force", "images") if call.flag(name)} | {"cluster": "yes"}
    plan = planned(call, "remove", doomed.vms, look, parameters)
    if plan.refused:
        refuse("; ".join(f"{one.name} {one.reason}" for one in plan.refused))
    targets = tuple(
        replace(one, steps=tuple(step for step in one.steps if step.kind is not StepKind.FORGET))
        for one in plan.targets
    )
    return replace(plan, targets=tuple(one for one in targets if one.steps))


def _run(call: Invocation, plan: Plan, look: Look) -> Status:
    results = run_plan(plan, look.hypervisors, call.context.open_store(), call.context.who)
    return conclude(call, plan, results)


def _print_plan(call: Invocation, doomed: Doomed, stop: Plan | None) -> None:
    lines = as_text(stop) if stop else []
    lines += [f"{name}: undefine, remove its rows from the store" for name in doomed.node_names]
    call.write("".join(f"{visible(line)}\n" for line in lines))


def _forget(repository: Repository, doomed: Doomed) -> None:
    for one in doomed.clusters:
        if one.cluster is not None:
            repository.clusters.remove(one.cluster.id)
    guests = {vm.node: vm.id for vm in repository.vms.all()}
    for one in doomed.clusters:
        for node in (one.frontend, *one.clients):
            if node.id in guests:
                repository.vms.remove(guests[node.id])
            repository.nodes.remove(node.id)
    for interface in repository.networks.all():
        if interface.vlanid in doomed.vlans and interface.device == f"vlan{interface.vlanid}":
            repository.networks.remove(interface.id)


COMMAND = Command(
    words=("remove", "cluster"),
    summary="Remove virtual clusters: stop and undefine their VMs and forget them with their VLAN.",
    run=run,
    arguments=(Argument("cluster", "virtual frontends", many=True, noun=Noun.CLUSTER),),
    parameters=(
        Parameter("force", "also when a container cannot be asked (no)", kind=Kind.BOOL),
        Parameter("images", "delete the disk images too (no)", kind=Kind.BOOL),
    ),
    details="Rows go last and all at once, so that a removal cut short can be repeated.",
    examples=("remove cluster frontend-0-0-0", "remove cluster vf1 images=yes --yes"),
    changes=True,
    plans=True,
)
