"""``set host interface vlan``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.interfaces import chosen_interfaces, running_note
from core.commands.invocation import Invocation, whole_number
from core.commands.values import LEAST_VLAN, MOST_VLAN

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Set the VLAN of one interface of hosts."""
    value = call.needed("vlan", "must supply vlan")

    def work(repository: Repository) -> list[str]:
        chosen = chosen_interfaces(call, repository)
        for _node, interface in chosen:
            number = None if value.lower() == "none" else whole_number("vlan", value, LEAST_VLAN, MOST_VLAN)
            repository.networks.update(interface.id, vlanid=number)
        return [node.name for node, _interface in chosen]

    names = call.change(work, " ".join(call.hosts))
    running_note(call, "VLAN of the interface", names)


COMMAND = Command(
    words=("set", "host", "interface", "vlan"),
    summary="Set the VLAN of an interface.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("iface", "device name or MAC address", noun=Noun.INTERFACE),
        Argument("vlan", "2 to 4095, or none"),
    ),
    examples=("set host interface vlan compute-0-0-0 eth0 17",),
    changes=True,
)
