"""``release host partition``: let the next install format disks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import Status, refuse
from core.remote.ssh import RemoteShell
from core.settings import ContainerSettings
from partition_editor.decisions.facts import Policy
from partition_editor.fleet.node import FleetNode
from partition_editor.fleet.reading import read_nodes
from partition_editor.fleet.releasing import Connect, Release, contents, find_stamps, remove_stamps
from partition_editor.schemes.resolving import Resolver
from partition_editor.verbs._reinstall import Machines, look_at, must_be_possible, reinstall

if TYPE_CHECKING:
    from core.store.repository import Repository

ALL = "all"


def run(call: Invocation) -> Status:
    """Show what would be lost, ask, remove stamps and saved partitions, allow the disks once, mark for install."""
    names = call.text("disk")
    names = ALL if names is None else names
    stamps, again = call.flag("stamps", default=True), call.flag("reinstall")
    wait = call.flag("wait", default=True)
    with call.reading() as repository:
        nodes = require_hosts(repository, call.hosts, "must supply host")
        ids = {node.name: node.id for node in nodes}
        addresses = {one.node: one.ip for one in reversed(repository.networks.all()) if one.ip}
        fleet = read_nodes(repository, nodes, Resolver.of_store(repository))
    wanted = [_wanted(one, names) for one in fleet]
    settings = call.context.settings.containers
    machines = look_at(call, nodes) if stamps or again else Machines()

    def connect(node: str) -> RemoteShell:
        return node_shell(node, settings, addresses.get(ids[node]) or "")

    wanted = _found(wanted, machines, connect) if stamps else [replace(one, is_blind=True) for one in wanted]
    ready = [one for one in wanted if not one.trouble]
    lines = [line for one in wanted for line in one.lines]
    if again:
        lines += machines.notes((one.node for one in ready), wait=wait)
    if call.options.dry_run:
        call.write("".join(f"{line}\n" for line in lines))
        return Status.DONE
    if not ready:
        _tell(call, wanted, machines)
        return Status.REFUSED
    if again:
        must_be_possible(call, (one.node for one in ready), machines)
    call.confirm(lines, ready[0].node if len(ready) == 1 else f"release {len(ready)}")
    done = remove_stamps(wanted, connect) if stamps else wanted
    ready = [one for one in done if not one.trouble]
    if ready:
        call.change(lambda repository: _release(repository, ready, ids, call), " ".join(one.node for one in ready))
    _tell(call, done, machines)
    stuck = reinstall(call, [one.node for one in ready], machines, connect, wait=wait) if again else 0
    return Status.PARTLY if stuck or len(ready) < len(done) else Status.DONE


def _found(wanted: list[Release], machines: Machines, connect: Connect) -> list[Release]:
    """With the stamps of every node that can have one removed: nobody answers on a VM that is off."""
    ready = [one for one in wanted if not one.trouble and one.node not in machines.off]
    asked = {one.node: one for one in find_stamps(ready, connect)}
    return [asked.get(one.node) or replace(one, is_off=not one.trouble) for one in wanted]


def _tell(call: Invocation, releases: list[Release], machines: Machines) -> None:
    for one in releases:
        if one.trouble:
            call.fail(f"{one.node}: {one.trouble}")
    if any(one.trouble and one.node in machines.names for one in releases):
        call.note("VMs that Quarry installs need no stamps removed: stamps=no releases those that do not answer")


def node_shell(node: str, settings: ContainerSettings, address: str) -> RemoteShell:
    """Root's shell on a node, as Rocks' own tools use it; by its address where its name is not known here."""
    return RemoteShell(
        node,
        user="root",
        keyfile=settings.keyfile,
        known_hosts=settings.known_hosts,
        connect_timeout_s=settings.connect_timeout_s,
        address=address,
    )


def _wanted(node: FleetNode, names: str) -> Release:
    if node.unknown:
        return Release(node.name, (), trouble=f"its disks are not known: {node.unknown}")
    known = [disk.name for disk in node.disks]
    chosen = known if names == ALL else list(dict.fromkeys(one for one in names.split(",") if one))
    wrong = next((one for one in chosen if one not in known), None)
    if wrong is not None or not chosen:
        refuse(f'{node.name} has no disk "{wrong or names}"; it has {", ".join(known)}')
    kept = [disk for disk in chosen if node.facts.policy(disk) is Policy.PRESERVE]
    if kept and names != ALL:
        refuse(f"{node.name}: {', '.join(kept)} is to be preserved; change its policy first")
    free = tuple(disk for disk in chosen if disk not in kept)
    if not free:
        return Release(node.name, (), trouble="every disk is to be preserved; change a policy first")
    return Release(node.name, free, contents(node.disks, free))


def _release(repository: Repository, ready: list[Release], ids: dict[str, int], call: Invocation) -> None:
    for one in ready:
        node = ids[one.node]
        for disk in one.disks:
            repository.disk_policies.set(node, disk, Policy.ONCE.value, who=call.context.who)
        repository.partitions.forget_disks(node, one.disks)
        if call.flag("install", default=True):
            repository.boot.set_action(node, "install")


COMMAND = Command(
    words=("release", "host", "partition"),
    summary="Let the next install format disks: remove their stamps and saved partitions, allow them once.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("disk", "disks with commas between, or all (default); preserved ones stay"),
        Parameter("stamps", "look for stamps on the node over SSH and remove them (yes)", kind=Kind.BOOL),
        Parameter("install", "mark the host for install at its next boot (yes)", kind=Kind.BOOL),
        Parameter("reinstall", "start the install now (no)", kind=Kind.BOOL),
        Parameter("wait", "wait for VMs that are installed anew, and compare (yes); no leaves them to a job",
                  kind=Kind.BOOL),
    ),
    details=(
        "What is on the disks is named first and must be confirmed by typing. A host that cannot be reached is left "
        "out. What was saved of a host stays in its history. reinstall=yes shuts a VM down and installs it; what "
        "is on its disks then is compared with the plan. A physical host is told over SSH, as shoot-node did."
    ),
    examples=("release host partition compute-0-0 disk=sdb", "release host partition rack0 reinstall=yes"),
    changes=True,
    plans=True,
)  # fmt: skip
