"""``remove network``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.named import existing_words, select_named
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Remove networks no interface is on."""
    if not call.hosts:
        refuse("must supply at least one network")

    def work(repository: Repository) -> None:
        words = existing_words(call, repository.subnets.all(), lambda one: one.name)
        if not words:
            return
        used = {one.subnet for one in repository.networks.all()}
        for subnet in select_named("network", repository.subnets.all(), words, lambda one: one.name):
            if subnet.name in used:
                refuse(f'interfaces are on the network "{subnet.name}"; give them another one first')
            repository.subnets.remove(subnet.id)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "network"),
    summary="Remove networks no interface is on.",
    run=run,
    arguments=(Argument("network", "names or % patterns", many=True, noun=Noun.NETWORK),),
    parameters=(Parameter("missing", "ok: pass over names that do not exist", choices=("ok",)),),
    examples=("remove network storage",),
    changes=True,
)
