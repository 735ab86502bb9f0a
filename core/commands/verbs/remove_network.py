"""``remove network``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.named import select_named
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Remove networks no interface is on."""
    if not call.hosts:
        refuse("must supply at least one network")

    def work(repository: Repository) -> None:
        used = {one.subnet for one in repository.networks.all()}
        for subnet in select_named("network", repository.subnets.all(), call.hosts, lambda one: one.name):
            if subnet.name in used:
                refuse(f'interfaces are on the network "{subnet.name}"; give them another one first')
            repository.subnets.remove(subnet.id)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "network"),
    summary="Remove networks no interface is on.",
    run=run,
    arguments=(Argument("network", "names or % patterns", many=True, noun=Noun.NETWORK),),
    examples=("remove network storage",),
    changes=True,
)
