"""``remove host partition scheme``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from partition_editor.schemes.resolving import scope_of
from partition_editor.schemes.scheme import scope_text

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Take a scheme away; its versions stay."""
    if not call.hosts:
        refuse("must supply a host, rackN, an appliance, a host list or everything")

    def work(repository: Repository) -> None:
        scope, target = scope_of(call.hosts, repository)
        if not repository.schemes.remove(scope, target, who=call.context.who):
            refuse(f"there is no scheme attached to {scope_text(scope, target)}")

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "host", "partition", "scheme"),
    summary="Take away the partition scheme attached to a host, rack, appliance, host list or everything.",
    run=run,
    arguments=(
        Argument(
            "host", "just what it was attached to: compute-0-0, rack0, compute, everything", many=True, noun=Noun.HOST
        ),
    ),
    examples=("remove host partition scheme compute-0-0",),
    changes=True,
)
