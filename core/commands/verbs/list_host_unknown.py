"""``list host unknown``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.states import look


def run(call: Invocation) -> None:
    """Print the domains of containers that the store does not know."""
    with call.reading() as repository:
        nodes = {node.name for node in expand_hosts(repository, call.hosts)}
        asked = [one.name for one in repository.fleet().containers if one.uri and one.name in nodes]
    rows = []
    for container in look(call, asked).containers if asked else ():
        for vm in container.vms:
            if vm.record is None and container.name in nodes:
                rows.append((container.name, vm.name, vm.key.uuid, vm.state.value))
    call.table(("host", "domain", "uuid", "status"), rows, trim_owner=False)


COMMAND = Command(
    words=("list", "host", "unknown"),
    summary="List domains that containers have and the store does not; adopt host vm adds them.",
    run=run,
    arguments=(
        Argument("host", "host list of containers; none is all", many=True, required=False, noun=Noun.CONTAINER),
    ),
    examples=("list host unknown", "list host unknown vm-container-0-0"),
    tabular=True,
)
