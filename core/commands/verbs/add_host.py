"""``add host``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.commands.attributes import check_attribute
from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation, whole_number
from core.commands.newvm import check_free_ip, check_free_mac
from core.commands.refusal import refuse
from core.commands.states import URI_ATTRIBUTE
from core.commands.values import MOST_CPUS, check_host_name, check_inside, check_ip, check_mac
from core.store.records import Scope

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository

PLACED = re.compile(r"(.+)-([0-9]{1,6})-([0-9]{1,6})")
MOST_RACK = 999_999


def run(call: Invocation) -> None:
    """Add a physical node."""
    name = call.needed("host", "must supply host")
    uri = call.text("uri")
    if uri:
        check_attribute(URI_ATTRIBUTE, uri)
    place = PLACED.fullmatch(name)
    rack = _place(call, "rack", place and place[2])
    rank = _place(call, "rank", place and place[3])
    checked = call.flag("check", default=True)
    cpus = call.integer("cpus", 1, MOST_CPUS) or 1

    def work(repository: Repository) -> None:
        if repository.nodes.find(name) is not None:
            refuse(f'node "{name}" is already in the database')
        if checked:
            check_host_name(repository, name)
        node = repository.nodes.add(
            name,
            membership=_membership(repository, call.text("membership"), place[1] if place else name),
            cpus=cpus,
            rack=rack,
            rank=rank,
            comment=call.text("comment") or None,
            os=call.text("os") or None,
            arch=call.text("arch") or None,
            runaction=unless_none(call.text("runaction"), "os"),
            installaction=unless_none(call.text("installaction"), "install"),
        )
        _add_interface(repository, call, node)
        if uri:
            repository.attributes.set(Scope.HOST, node.id, URI_ATTRIBUTE, uri)

    call.change(work, name)


def unless_none(text: str | None, usual: str) -> str | None:
    """A word that may be ``None``, as a dump writes what is not set; the usual one when it was not given."""
    if text is None:
        return usual
    return None if text.lower() == "none" else text


def _place(call: Invocation, name: str, by_name: str | None) -> int | None:
    text = call.text(name)
    if text is None:
        return int(by_name) if by_name else None
    return None if text.lower() == "none" else whole_number(name, text, 0, MOST_RACK)


def _membership(repository: Repository, name: str | None, appliance: str) -> str | None:
    if name and name.lower() == "none":
        return None
    if name:
        found = repository.memberships.find(name)
        return found.name if found else refuse(f'could not get membership id for membership "{name}"')
    fitting = [one.name for one in repository.memberships.all() if one.appliance == appliance]
    return fitting[0] if len(fitting) == 1 else refuse("must supply a membership")


def _add_interface(repository: Repository, call: Invocation, node: Node) -> None:
    mac, ip, name = call.text("mac"), call.text("ip"), call.text("subnet")
    if not mac and not ip:
        if name:
            refuse("subnet= needs ip= or mac=: ip=auto takes the next free address")
        return
    subnet = repository.subnets.find(name or "private") or refuse(
        f'could not get subnet id for subnet "{name or "private"}"'
    )
    address = None
    if ip:
        address = repository.allocation.next_ip(subnet) if ip.lower() == "auto" else check_ip(ip)
        check_inside(address, subnet.subnet, subnet.netmask, subnet.name)
        check_free_ip(repository, address)
    hardware = check_mac(mac) if mac else None
    if hardware:
        check_free_mac(repository, hardware)
    repository.networks.add(
        node.id, device="eth0", mac=hardware, ip=address, name=node.name, subnet_id=subnet.id if address else None
    )


COMMAND = Command(
    words=("add", "host"),
    summary="Add a physical node, such as a VM container.",
    run=run,
    arguments=(
        Argument("host", "its name; APPLIANCE-RACK-RANK tells membership, rack and rank too", noun=Noun.NOTHING),
        Argument("membership", "what it is (by its name, where that tells)", required=False, noun=Noun.MEMBERSHIP),
    ),
    parameters=(
        Parameter("arch", "processor architecture"),
        Parameter("check", "refuse names a host should not have (yes)", kind=Kind.BOOL),
        Parameter("comment", "a remark"),
        Parameter("cpus", "CPUs (1)", kind=Kind.INTEGER),
        Parameter("installaction", "boot action that installs it (install)"),
        Parameter("ip", "address of eth0, or auto for the highest free one (none)"),
        Parameter("mac", "MAC address of eth0 (none)"),
        Parameter("os", "operating system"),
        Parameter("rack", "rack number", kind=Kind.INTEGER),
        Parameter("rank", "place in the rack", kind=Kind.INTEGER),
        Parameter("runaction", "boot action that runs it (os)"),
        Parameter("subnet", "network of that address (private)", noun=Noun.NETWORK),
        Parameter("uri", "libvirt URI; makes the node a VM container"),
    ),
    examples=(
        "add host vm-container-0-0 cpus=8 ip=auto mac=00:0e:0c:01:00:02 uri=qemu+ssh://root@vm-container-0-0/system",
        "add host rocks membership=Frontend rack=0 rank=0",
    ),
    changes=True,
)
