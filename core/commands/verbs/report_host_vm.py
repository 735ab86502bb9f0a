"""``report host vm``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.mountpoints import recorded_mountpoints
from core.commands.refusal import refuse
from core.commands.xenconfig import INSTALL_ARGUMENTS, XenVm, configuration, heading, settings_only

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Print the Xen configuration of each host."""
    create, plain = call.flag("create"), call.flag("plain")
    with call.reading() as repository:
        texts = [
            _text(repository, node, create, plain)
            for node in require_hosts(repository, call.hosts, "must supply at least one host")
        ]
    call.write("".join(texts))


def _text(repository: Repository, node: Node, create: bool, plain: bool) -> str:
    vm = repository.vms.of_node(node.id)
    if vm is None and plain:
        refuse(f"host {node.name} is not a virtual host")
    if vm is None:
        return heading(node.name)
    container = repository.nodes.get(vm.physnode_id) if vm.physnode_id is not None else None
    mountpoint = recorded_mountpoints(repository, [container]).get(container.id) if container else None
    booting = repository.boot.pxe_actions().get(node.id) or repository.boot.action(node.id)
    it = XenVm(
        vm=vm,
        disks=repository.vms.disks([vm.id]).get(vm.id, []),
        macs=[one.mac for one in repository.networks.of_node(node.id) if one.mac],
        mountpoint=mountpoint or "",
        installs=create or booting not in ("os", "run"),
        arguments=_install_arguments(repository, node),
    )
    return settings_only(it) if plain else configuration(it)


def _install_arguments(repository: Repository, node: Node) -> str:
    """The node's own install arguments; 5.0 also took those of any action meant for every node."""
    rules = [rule for rule in repository.boot.pxe_rules() if rule.action.startswith("install")]
    own = [rule.args for rule in rules if rule.node == node.id] or [rule.args for rule in rules if rule.node == 0]
    return own[0] if own else INSTALL_ARGUMENTS


COMMAND = Command(
    words=("report", "host", "vm"),
    summary="Print the Xen domain configuration of VMs, as Rocks 5.0 made it.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.VM),),
    parameters=(
        Parameter("create", "the installer's, whatever the boot action says (no)", kind=Kind.BOOL),
        Parameter("plain", "settings without Python, as xl create and libvirt take them (no)", kind=Kind.BOOL),
    ),
    examples=(
        "report host vm compute-0-0-0",
        "report host vm compute-0-0-0 create=yes",
        "report host vm compute-0-0-0 plain=yes",
    ),
)
