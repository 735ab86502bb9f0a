"""``set host interface subnet``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.interfaces import chosen_interfaces, running_note
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.values import check_inside

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Set the network of one interface of hosts."""
    value = call.needed("subnet", "must supply subnet")

    def work(repository: Repository) -> list[str]:
        chosen = chosen_interfaces(call, repository)
        for _node, interface in chosen:
            if value.lower() == "none":
                repository.networks.update(interface.id, subnet_id=None)
                continue
            subnet = repository.subnets.find(value) or refuse(f'could not get subnet id for subnet "{value}"')
            if interface.ip:
                check_inside(interface.ip, subnet.subnet, subnet.netmask, subnet.name)
            repository.networks.update(interface.id, subnet_id=subnet.id)
        return [node.name for node, _interface in chosen]

    names = call.change(work, " ".join(call.hosts))
    running_note(call, "network of the interface", names)


COMMAND = Command(
    words=("set", "host", "interface", "subnet"),
    summary="Set the network of an interface.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("iface", "device name or MAC address", noun=Noun.INTERFACE),
        Argument("subnet", "a network, or none", noun=Noun.NETWORK),
    ),
    examples=("set host interface subnet compute-0-0-0 eth0 public",),
    changes=True,
)
