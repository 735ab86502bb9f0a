"""``release host partition``: let the next install format disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.dispatch import execute
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import Status, refuse
from core.errors import RemoteError
from core.remote.ssh import RemoteShell
from core.settings import ContainerSettings
from partition_editor.decisions.facts import Policy
from partition_editor.fleet.node import FleetNode
from partition_editor.fleet.reading import read_nodes
from partition_editor.fleet.releasing import Release, contents, find_stamps, remove_stamps
from partition_editor.schemes.resolving import Resolver

if TYPE_CHECKING:
    from core.store.repository import Repository

ALL = "all"
REINSTALL = ["/boot/kickstart/cluster-kickstart"]
"""What Rocks' shoot-node starts on a node: it boots into the installer at once."""
REINSTALL_S = 30.0


def run(call: Invocation) -> Status:
    """Show what would be lost, ask, remove stamps and saved partitions, allow the disks once, mark for install."""
    names = call.text("disk") or ALL
    with call.reading() as repository:
        nodes = require_hosts(repository, call.hosts, "must supply host")
        ids = {node.name: node.id for node in nodes}
        virtual = {one.name for one in repository.vms.all()}
        fleet = read_nodes(repository, nodes, Resolver.of_store(repository))
    wanted = [_wanted(one, names) for one in fleet]
    settings = call.context.settings.containers

    def connect(node: str) -> RemoteShell:
        return node_shell(node, settings)

    if call.flag("stamps", default=True):
        wanted = find_stamps(wanted, connect)
    lines = [line for one in wanted for line in one.lines]
    if call.options.dry_run:
        call.write("".join(f"{line}\n" for line in lines))
        return Status.DONE
    ready = [one for one in wanted if not one.trouble]
    if not ready:
        for one in wanted:
            call.fail(f"{one.node}: {one.trouble}")
        return Status.REFUSED
    call.confirm(lines, ready[0].node if len(ready) == 1 else f"release {len(ready)}")
    done = remove_stamps(wanted, connect) if call.flag("stamps", default=True) else wanted
    ready = [one for one in done if not one.trouble]
    if ready:
        call.change(lambda repository: _release(repository, ready, ids, call), " ".join(one.node for one in ready))
    for one in done:
        if one.trouble:
            call.fail(f"{one.node}: {one.trouble}")
    stuck = _reinstall(call, [one.node for one in ready], virtual) if call.flag("reinstall") else 0
    return Status.PARTLY if stuck or len(ready) < len(done) else Status.DONE


def node_shell(node: str, settings: ContainerSettings) -> RemoteShell:
    """Root's shell on a physical node, as Rocks' own tools use it."""
    return RemoteShell(
        node,
        user="root",
        keyfile=settings.keyfile,
        known_hosts=settings.known_hosts,
        connect_timeout_s=settings.connect_timeout_s,
    )


def _wanted(node: FleetNode, names: str) -> Release:
    if node.unknown:
        refuse(f"{node.name}: its disks are not known: {node.unknown}")
    known = [disk.name for disk in node.disks]
    chosen = known if names == ALL else [one for one in names.split(",") if one]
    wrong = next((one for one in chosen if one not in known), None)
    if wrong is not None or not chosen:
        refuse(f'{node.name} has no disk "{wrong or names}"; it has {", ".join(known)}')
    kept = [disk for disk in chosen if node.facts.policy(disk) is Policy.PRESERVE]
    if kept and names != ALL:
        refuse(f"{node.name}: {', '.join(kept)} is to be preserved; change its policy first")
    free = tuple(disk for disk in chosen if disk not in kept)
    if not free:
        refuse(f"{node.name}: every disk is to be preserved; change a policy first")
    return Release(node.name, free, contents(node.disks, free))


def _release(repository: Repository, ready: list[Release], ids: dict[str, int], call: Invocation) -> None:
    for one in ready:
        node = ids[one.node]
        for disk in one.disks:
            repository.disk_policies.set(node, disk, Policy.ONCE.value, who=call.context.who)
        repository.partitions.forget_disks(node, one.disks)
        if call.flag("install", default=True):
            repository.boot.set_action(node, "install")


def _reinstall(call: Invocation, names: list[str], virtual: set[str]) -> int:
    """Start the installs; return how many could not be started."""
    failed = 0
    for name in names:
        if name in virtual:
            failed += execute(["create", "host", "vm", name, "--yes"], call.context) is not Status.DONE
            continue
        try:
            with node_shell(name, call.context.settings.containers) as shell:
                answer = shell.run(REINSTALL, REINSTALL_S)
            if answer.status:
                call.fail(f"{name}: {' '.join(REINSTALL)} ended with {answer.status}: {answer.stderr.strip()}")
                failed += 1
        except RemoteError as error:
            call.fail(f"{name}: {error.sentence}")
            failed += 1
    return failed


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
    ),
    details=(
        "What is on the disks is named first and must be confirmed by typing. A host that cannot be reached is left "
        "out. What was saved of a host stays in its history."
    ),
    examples=("release host partition compute-0-0 disk=sdb", "release host partition rack0 reinstall=yes"),
    changes=True,
    plans=True,
)
