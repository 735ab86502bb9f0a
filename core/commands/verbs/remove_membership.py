"""``remove membership``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.named import existing_words, select_named
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Remove memberships no node has."""
    if not call.hosts:
        refuse("must supply at least one membership")

    def work(repository: Repository) -> None:
        words = existing_words(call, repository.memberships.all(), lambda one: one.name)
        if not words:
            return
        used = {node.membership for node in repository.nodes.all()}
        for membership in select_named("membership", repository.memberships.all(), words, lambda one: one.name):
            if membership.name in used:
                refuse(f'nodes have the membership "{membership.name}"; remove them first')
            repository.memberships.remove(membership.id)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "membership"),
    summary="Remove memberships no node has.",
    run=run,
    arguments=(Argument("membership", "names or % patterns", many=True, noun=Noun.MEMBERSHIP),),
    parameters=(Parameter("missing", "ok: pass over names that do not exist", choices=("ok",)),),
    examples=("remove membership 'Web Server'",),
    changes=True,
)
