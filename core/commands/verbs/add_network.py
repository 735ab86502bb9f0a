"""``add network``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.values import check_network, check_plain_name

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Add a network."""
    name = check_plain_name("network", call.needed("network", "must supply a network name"))
    subnet, netmask = check_network(
        call.needed("subnet", "must supply a subnet"), call.needed("netmask", "must supply a netmask")
    )
    mtu = call.integer("mtu", 68, 65_535)

    def work(repository: Repository) -> None:
        old = repository.subnets.find(name)
        if old is not None:
            if not call.flag("replace"):
                refuse(f'network "{name}" exists')
            repository.subnets.update(
                old.id,
                subnet=subnet,
                netmask=netmask,
                mtu=1500 if mtu is None else mtu,
                dnszone=call.text("dnszone") or None,
                servedns=call.flag("servedns"),
            )
            return
        repository.subnets.add(
            name,
            subnet,
            netmask,
            mtu=1500 if mtu is None else mtu,
            dnszone=call.text("dnszone") or None,
            servedns=call.flag("servedns"),
        )

    call.change(work, name)


COMMAND = Command(
    words=("add", "network"),
    summary="Add a network that interfaces can be on.",
    run=run,
    arguments=(
        Argument("network", "its name", noun=Noun.NETWORK),
        Argument("subnet", "its address, 10.2.0.0"),
        Argument("netmask", "its mask, 255.255.0.0"),
    ),
    parameters=(
        Parameter("mtu", "largest packet in bytes (1500)", kind=Kind.INTEGER),
        Parameter("dnszone", "the domain of its names"),
        Parameter("replace", "change it when it exists (no)", kind=Kind.BOOL),
        Parameter("servedns", "serve DNS for that domain (no)", kind=Kind.BOOL),
    ),
    examples=("add network storage 172.20.0.0 255.255.0.0 mtu=9000",),
    changes=True,
)
