"""``set host interface mac``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.interfaces import chosen_interfaces, running_note
from core.commands.invocation import Invocation
from core.commands.newvm import check_free_mac
from core.commands.refusal import refuse
from core.commands.values import check_mac

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Set the MAC address of one interface of hosts."""
    value = call.needed("mac", "must supply mac")

    def work(repository: Repository) -> list[str]:
        chosen = chosen_interfaces(call, repository)
        if len(chosen) > 1 and value.lower() != "none":
            refuse("must supply only one host: two interfaces cannot have one address")
        for _node, interface in chosen:
            address = check_mac(value)
            if address != interface.mac:
                check_free_mac(repository, address)
            repository.networks.update(interface.id, mac=address)
        return [node.name for node, _interface in chosen]

    names = call.change(work, " ".join(call.hosts))
    running_note(call, "MAC address of the interface", names)


COMMAND = Command(
    words=("set", "host", "interface", "mac"),
    summary="Set the MAC address of an interface.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("iface", "device name or MAC address", noun=Noun.INTERFACE),
        Argument("mac", "the address"),
    ),
    examples=("set host interface mac compute-0-0-0 eth0 00:16:3e:00:00:09",),
    changes=True,
)
