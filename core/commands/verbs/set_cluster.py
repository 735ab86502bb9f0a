"""``set cluster``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts, single_host
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.values import LEAST_VLAN, MOST_VLAN

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Record which VMs make a cluster."""
    vlan = call.integer("vlan", LEAST_VLAN, MOST_VLAN)

    def work(repository: Repository) -> None:
        frontend = single_host(repository, call.hosts, "must supply only one frontend")
        vms = {vm.node: vm for vm in repository.vms.all()}
        if frontend.id not in vms:
            refuse(f"host {frontend.name} is not a virtual frontend")
        old = next((one for one in repository.clusters.all() if one.frontend_id == frontend.id), None)
        number = vlan if vlan is not None else old.vlanid if old else refuse("must supply the cluster's vlan")
        other = next((one for one in repository.clusters.all() if one.vlanid == number and one != old), None)
        if other is not None:
            refuse(f"VLAN {number} belongs to the cluster of {other.frontend}")
        words = (call.text("members") or "").split()
        members = expand_hosts(repository, words) if words else []
        for node in members:
            if node.id not in vms:
                refuse(f"{node.name} is not a VM")
        kept = [one for one in old.members if one != frontend.id] if old and not words else []
        name = call.text("name") or (old.name if old else frontend.name)
        if old is not None:
            repository.clusters.remove(old.id)
        cluster = repository.clusters.add(name, frontend.id, number)
        for node_id in kept or [node.id for node in members if node.id != frontend.id]:
            repository.clusters.remove_member(node_id)
            repository.clusters.add_member(cluster, node_id)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("set", "cluster"),
    summary="Record that VMs which exist make a virtual cluster, or change which do.",
    run=run,
    arguments=(Argument("frontend", "its frontend VM", many=True, noun=Noun.CLUSTER),),
    parameters=(
        Parameter("members", "host list of its other VMs", noun=Noun.VM),
        Parameter("name", "name of the cluster (the frontend's)"),
        Parameter("vlan", "its VLAN", kind=Kind.INTEGER),
    ),
    examples=("set cluster frontend-0-0-0 vlan=17 members='hosted-vm-0-0-0 hosted-vm-0-1-0'",),
    changes=True,
)
