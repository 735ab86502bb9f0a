"""``remove host interface``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.interfaces import chosen_interfaces
from core.commands.invocation import Invocation

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Remove one interface of hosts."""

    def work(repository: Repository) -> None:
        for _node, interface in chosen_interfaces(call, repository):
            repository.networks.remove(interface.id)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "host", "interface"),
    summary="Remove a network interface of hosts.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("iface", "device name or MAC address", noun=Noun.INTERFACE),
    ),
    examples=("remove host interface compute-0-0-0 eth1",),
    changes=True,
)
