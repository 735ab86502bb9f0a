"""``set host interface ip``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.interfaces import chosen_interfaces
from core.commands.invocation import Invocation
from core.commands.newvm import check_free_ip
from core.commands.refusal import refuse
from core.commands.values import check_inside, check_ip

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Set the IP address of one interface of hosts."""
    value = call.needed("ip", "must supply ip")

    def work(repository: Repository) -> None:
        chosen = chosen_interfaces(call, repository)
        if len(chosen) > 1 and value.lower() != "none":
            refuse("must supply only one host: two interfaces cannot have one address")
        for _node, interface in chosen:
            address = None if value.lower() == "none" else check_ip(value)
            if address is not None and address != interface.ip:
                subnet = repository.subnets.find(interface.subnet or "")
                if subnet is not None:
                    check_inside(address, subnet.subnet, subnet.netmask, subnet.name)
                check_free_ip(repository, address)
            repository.networks.update(interface.id, ip=address)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("set", "host", "interface", "ip"),
    summary="Set the IP address of an interface.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("iface", "device name or MAC address", noun=Noun.INTERFACE),
        Argument("ip", "the address, or none"),
    ),
    examples=("set host interface ip compute-0-0-0 eth0 10.1.2.3",),
    changes=True,
)
