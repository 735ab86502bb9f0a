"""``list host route``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.store.records import Scope

SOURCES = {Scope.GLOBAL: "G", Scope.APPLIANCE: "A", Scope.HOST: "H"}


def run(call: Invocation) -> None:
    """Print the routes that hold for each host and where they are set."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        routes = [one for scope in SOURCES for one in repository.routes.all(scope)]
    rows = []
    for node in nodes:
        targets = {Scope.GLOBAL: "", Scope.APPLIANCE: node.appliance, Scope.HOST: node.name}
        holding = {(one.network, one.netmask): one for one in routes if one.target == targets[one.scope]}
        for one in holding.values():
            rows.append((node.name, one.network, one.netmask, one.gateway or one.subnet, SOURCES[one.scope]))
    call.table(("host", "network", "netmask", "gateway", "source"), rows)


COMMAND = Command(
    words=("list", "host", "route"),
    summary="List the static routes of hosts, with their source: G(lobal), A(ppliance) or H(ost).",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    examples=("list host route frontend-0-0-0",),
    tabular=True,
)
