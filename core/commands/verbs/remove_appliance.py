"""``remove appliance``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.named import existing_words, select_named
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Remove appliances with their memberships, which no node may have."""
    if not call.hosts:
        refuse("must supply at least one appliance")

    def work(repository: Repository) -> None:
        words = existing_words(call, repository.memberships.appliances(), lambda one: one.name)
        if not words:
            return
        used = {node.appliance for node in repository.nodes.all()}
        memberships = repository.memberships.all()
        chosen = select_named("appliance", repository.memberships.appliances(), words, lambda one: one.name)
        for appliance in chosen:
            if appliance.name in used:
                refuse(f'nodes are of the appliance "{appliance.name}"; remove them first')
            for membership in memberships:
                if membership.appliance_id == appliance.id:
                    repository.memberships.remove(membership.id)
            repository.memberships.remove_appliance(appliance.id)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "appliance"),
    summary="Remove appliances, and their memberships, that no node has.",
    run=run,
    arguments=(Argument("appliance", "names or % patterns", many=True, noun=Noun.APPLIANCE),),
    parameters=(Parameter("missing", "ok: pass over names that do not exist", choices=("ok",)),),
    examples=("remove appliance web",),
    changes=True,
)
