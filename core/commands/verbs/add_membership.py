"""``add membership``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
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
        if repository.memberships.find(name) is not None:
            refuse(f'membership "{name}" exists')
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
    examples=("add membership 'Hosted VM' hosted-vm",),
    changes=True,
)
