"""``report host xen bridge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation

if TYPE_CHECKING:
    from core.store.records import Interface
    from core.store.repository import Repository

FIRST_SUBNETS = ("private", "public")


def run(call: Invocation) -> None:
    """Print a script that makes one bridge for each interface with an address, the private one first."""
    with call.reading() as repository:
        nodes = require_hosts(repository, call.hosts, "must supply at least one host")
        texts = [_script(repository, node.id) for node in nodes]
    call.write("".join(texts))


def _script(repository: Repository, node_id: int) -> str:
    interfaces = [one for one in repository.networks.of_node(node_id) if one.device and one.ip and one.subnet]
    lines = ["#!/bin/bash", ""]
    for number, one in enumerate(sorted(interfaces, key=_order)):
        lines.append(f'/etc/xen/scripts/network-bridge "$@" netdev={one.device} vifnum={number}')
    return "\n".join(lines) + "\n"


def _order(interface: Interface) -> tuple[int, int]:
    subnet = interface.subnet or ""
    return (FIRST_SUBNETS.index(subnet) if subnet in FIRST_SUBNETS else len(FIRST_SUBNETS), interface.id)


COMMAND = Command(
    words=("report", "host", "xen", "bridge"),
    summary="Print the script that makes a Xen container's bridges.",
    run=run,
    arguments=(Argument("host", "host list of containers", many=True, noun=Noun.CONTAINER),),
    examples=("report host xen bridge vm-container-0-0",),
)
