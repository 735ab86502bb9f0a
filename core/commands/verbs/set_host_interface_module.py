"""``set host interface module``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.interfaces import chosen_interfaces
from core.commands.invocation import Invocation
from core.commands.values import check_plain_name

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Set the driver module of one interface of hosts."""
    value = call.needed("module", "must supply module")

    def work(repository: Repository) -> None:
        chosen = chosen_interfaces(call, repository)
        for _node, interface in chosen:
            module = None if value.lower() == "none" else check_plain_name("module", value)
            repository.networks.update(interface.id, module=module)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("set", "host", "interface", "module"),
    summary="Set the driver module of an interface.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("iface", "device name or MAC address", noun=Noun.INTERFACE),
        Argument("module", "the module, or none"),
    ),
    examples=("set host interface module compute-0-0-0 eth0 xennet",),
    changes=True,
)
