"""``list host attr``."""

from __future__ import annotations

from core.commands.attributes import shown
from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.store.records import Attribute, Node, Scope

SOURCES = {Scope.GLOBAL: "G", Scope.APPLIANCE: "A", Scope.HOST: "H"}


def run(call: Invocation) -> None:
    """Print what holds for each host and where it is set."""
    with call.reading() as repository:
        nodes = expand_hosts(repository, call.hosts)
        attributes = repository.attributes.all()
    wanted = call.text("attr")
    rows = []
    for node in nodes:
        for one in _holding(node, attributes):
            if wanted is None or one.attr.casefold() == wanted.casefold():
                rows.append((node.name, one.attr, shown(one.attr, one.value), SOURCES[one.scope]))
    call.table(("host", "attr", "value", "source"), rows, trim_owner=False)


def _holding(node: Node, attributes: list[Attribute]) -> list[Attribute]:
    """The attributes of one node, the nearest scope winning, by name."""
    holding: dict[str, Attribute] = {}
    for one in attributes:
        target = {Scope.GLOBAL: "", Scope.APPLIANCE: node.appliance, Scope.HOST: node.name}[one.scope]
        if one.target == target:
            holding[one.attr.casefold()] = one
    return [holding[name] for name in sorted(holding)]


COMMAND = Command(
    words=("list", "host", "attr"),
    summary="List the attributes that hold for hosts, with their source: G(lobal), A(ppliance) or H(ost).",
    run=run,
    arguments=(Argument("host", "host list; none is every node", many=True, required=False, noun=Noun.HOST),),
    parameters=(Parameter("attr", "only this attribute"),),
    examples=("list host attr vm-container-0-0", "list host attr vm-container attr=libvirt_uri"),
    tabular=True,
)
