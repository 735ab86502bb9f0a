"""``add host interface``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import single_host
from core.commands.invocation import Invocation
from core.commands.locking import refuse_locked
from core.commands.newvm import check_free_ip, check_free_mac
from core.commands.refusal import refuse
from core.commands.values import MOST_VLAN, check_inside, check_ip, check_mac

if TYPE_CHECKING:
    from core.store.repository import Repository
    from core.store.repository.networks import InterfaceChanges


def run(call: Invocation) -> None:
    """Add an interface to one host."""
    device = call.needed("iface", "must supply iface")
    mac, ip = call.text("mac"), call.text("ip")
    vlan = call.integer("vlan", 0, MOST_VLAN)
    checked = call.flag("check", default=True)

    def work(repository: Repository) -> None:
        node = single_host(repository, call.hosts, "must supply only one host")
        refuse_locked(repository, [node])
        if checked and any(one.device == device for one in repository.networks.of_node(node.id)):
            refuse(f'interface "{device}" exists on host "{node.name}"')
        columns: InterfaceChanges = {
            "device": None if device.lower() == "none" else device,
            "vlanid": vlan,
            "netmask": call.text("netmask") or None,
            "gateway": call.text("gateway") or None,
            "name": call.text("name") or None,
            "module": call.text("module") or None,
            "options": call.text("options") or None,
            "comment": call.text("comment") or None,
            "channel": call.text("channel") or None,
        }
        subnet = None
        if call.text("subnet"):
            name = call.text("subnet") or ""
            subnet = repository.subnets.find(name) or refuse(f'could not get subnet id for subnet "{name}"')
            columns["subnet_id"] = subnet.id
        if mac:
            columns["mac"] = check_mac(mac) if checked else mac
            check_free_mac(repository, columns["mac"] or "")
        if ip:
            columns["ip"] = check_ip(ip) if checked else ip
            if checked and subnet is not None:
                check_inside(columns["ip"] or "", subnet.subnet, subnet.netmask, subnet.name)
            check_free_ip(repository, columns["ip"] or "")
        repository.networks.add(node.id, **columns)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("add", "host", "interface"),
    summary="Add a network interface to a host.",
    run=run,
    arguments=(
        Argument("host", "one host", many=True, noun=Noun.HOST),
        Argument("iface", "its device name, eth1"),
    ),
    parameters=(
        Parameter(
            "check", "refuse addresses outside the network and a second device of this name (yes)", kind=Kind.BOOL
        ),
        Parameter("channel", "channel, for a serial management line"),
        Parameter("comment", "a remark"),
        Parameter("gateway", "gateway"),
        Parameter("ip", "address"),
        Parameter("mac", "MAC address"),
        Parameter("module", "driver module"),
        Parameter("name", "host name on that network"),
        Parameter("netmask", "netmask, when it has no network"),
        Parameter("options", "options of the module"),
        Parameter("subnet", "network", noun=Noun.NETWORK),
        Parameter("vlan", "VLAN", kind=Kind.INTEGER),
    ),
    examples=("add host interface rocks eth1 subnet=public ip=198.51.100.10 mac=00:0e:0c:00:00:02",),
    changes=True,
)
