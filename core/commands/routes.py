"""What the three commands that add static routes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.attributes import owners
from core.commands.command import Argument, Noun
from core.commands.refusal import refuse
from core.commands.values import check_ip, check_network

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.store.records import Scope
    from core.store.repository import Repository


ROUTE = (
    Argument("address", "network, 0.0.0.0 for the default route"),
    Argument("netmask", "its mask"),
    Argument("gateway", "an address, or the name of a network to leave by", noun=Noun.NETWORK),
)
"""A route as it is typed, after what it is for."""


def add_route(call: Invocation, scope: Scope) -> None:
    """Add one route in a scope. Raises Refusal for a bad address or owner, or a route that is there."""
    address, netmask = check_network(
        call.needed("address", "must supply a network address"), call.needed("netmask", "must supply a netmask")
    )
    way = call.needed("gateway", "must supply a gateway or the name of a network")

    def work(repository: Repository) -> None:
        subnet = repository.subnets.find(way)
        gateway = None if subnet is not None else check_ip(way)
        for owner, name in owners(repository, scope, call.hosts):
            known = [one for one in repository.routes.all(scope) if one.target == name]
            if any((one.network, one.netmask) == (address, netmask) for one in known):
                refuse(f"a route to {address} netmask {netmask} exists{f' on {name}' if name else ''}")
            repository.routes.add(
                scope, owner, address, netmask, gateway=gateway, subnet_id=subnet.id if subnet else None
            )

    call.change(work, " ".join(call.hosts))
