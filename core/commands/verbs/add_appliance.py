"""``add appliance``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.values import check_host_name, check_plain_name

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Add an appliance and, unless told otherwise, its membership."""
    name = call.needed("appliance", "must supply an appliance name")
    membership = call.text("membership") or name.replace("-", " ").title()
    check_plain_name("membership", membership)

    def work(repository: Repository) -> None:
        old = repository.memberships.find_appliance(name)
        if old is not None:
            if not call.flag("replace"):
                refuse(f'appliance "{name}" exists')
            repository.memberships.update_appliance(
                old.id,
                shortname=call.text("shortname") or None,
                graph=call.text("graph") or None,
                node=call.text("node") or None,
            )
            return
        check_host_name(repository, name)
        if repository.nodes.find(name) is not None:
            refuse(f'a node is named "{name}"; host lists could not tell the two apart')
        repository.memberships.add_appliance(
            name,
            shortname=call.text("shortname") or None,
            graph=call.text("graph") or "default",
            node=call.text("node") or None,
        )
        if call.flag("with-membership", default=True):
            if repository.memberships.find(membership) is not None:
                refuse(f'membership "{membership}" exists; give another with membership= or say with-membership=no')
            repository.memberships.add(membership, name)

    call.change(work, name)


COMMAND = Command(
    words=("add", "appliance"),
    summary="Add an appliance, and a membership of the same name.",
    run=run,
    arguments=(Argument("appliance", "its name, the first part of its nodes' names", noun=Noun.APPLIANCE),),
    parameters=(
        Parameter("membership", "name of its membership (the appliance's name in title case)"),
        Parameter("with-membership", "add that membership too (yes)", kind=Kind.BOOL),
        Parameter("shortname", "abbreviation"),
        Parameter("graph", "kickstart graph (default)"),
        Parameter("replace", "change it when it exists (no)", kind=Kind.BOOL),
        Parameter("node", "kickstart node file it begins with"),
    ),
    examples=("add appliance web shortname=we node=web membership='Web Server'",),
    changes=True,
)
