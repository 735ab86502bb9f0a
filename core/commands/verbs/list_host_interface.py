"""``list host interface``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.dialect import dialect_of
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.table import Row

if TYPE_CHECKING:
    from core.store.records import Interface

FIRST = ("host", "subnet", "iface", "mac", "ip", "netmask", "gateway", "module", "name")
LATER = ("host", "subnet", "iface", "mac", "ip", "netmask", "module", "name", "vlan", "options", "channel")


def run(call: Invocation) -> None:
    """Print the interfaces of nodes in the order they were added."""
    with call.reading() as repository:
        later = dialect_of(repository).is_later
        nodes = expand_hosts(repository, call.hosts)
        masks = {subnet.name: subnet.netmask for subnet in repository.subnets.all()}
        interfaces = repository.networks.of_nodes(node.id for node in nodes)
    rows = [_row(node.name, one, masks, later) for node in nodes for one in interfaces[node.id]]
    call.table(LATER if later else FIRST, rows)


def _row(host: str, one: Interface, masks: dict[str, str], later: bool) -> Row:
    netmask = masks.get(one.subnet or "") or one.netmask
    head = (host, one.subnet, one.device, one.mac, one.ip, netmask)
    if later:
        return (*head, one.module, one.name, one.vlanid, one.options, one.channel)
    return (*head, one.gateway, one.module, one.name)


COMMAND = Command(
    words=("list", "host", "interface"),
    summary="List the network interfaces of nodes.",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host interface compute-0-0-0",),
    tabular=True,
)
