"""``add membership``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.values import check_plain_name

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Add a membership of an appliance."""
    name = check_plain_name("membership", call.needed("membership", "must supply a membership"))
    appliance = call.needed("appliance", "must supply an appliance")

    def work(repository: Repository) -> None:
        if repository.memberships.find_appliance(appliance) is None:
            refuse(f'unknown appliance "{appliance}"')
        old = repository.memberships.find(name)
        if old is not None and old.appliance == appliance and call.flag("replace"):
            return
        if old is not None and not call.flag("replace"):
            refuse(f'membership "{name}" exists')
        if old is not None:
            if any(node.membership == old.name for node in repository.nodes.all()):
                refuse(f'nodes have the membership "{name}" of the appliance "{old.appliance}"')
            repository.memberships.remove(old.id)
        repository.memberships.add(name, appliance)

    call.change(work, name)


COMMAND = Command(
    words=("add", "membership"),
    summary="Add a membership of an appliance.",
    run=run,
    arguments=(
        Argument("membership", "its name", noun=Noun.MEMBERSHIP),
        Argument("appliance", "an appliance", noun=Noun.APPLIANCE),
    ),
    parameters=(Parameter("replace", "change it when it exists and no node has it (no)", kind=Kind.BOOL),),
    examples=("add membership 'Hosted VM' hosted-vm",),
    changes=True,
)
