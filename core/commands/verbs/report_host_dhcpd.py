"""``report host dhcpd``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.dhcp import dhcpd_text, dnsmasq_text
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse

FORMATS = {"dhcpd": dhcpd_text, "dnsmasq": dnsmasq_text}


def run(call: Invocation) -> None:
    """Print what the site's DHCP server must say of these hosts; of all when none is named."""
    from core.install.server import service_url

    wanted = call.text("format") or "dhcpd"
    if wanted not in FORMATS:
        refuse(f'"format" must be one of: {", ".join(FORMATS)}')
    url = service_url(call.context.open_store(), call.context.settings.install)
    with call.reading() as rows:
        everyone = rows.nodes.all()
        nodes = require_hosts(rows, call.hosts, "must supply at least one host") if call.hosts else everyone
        interfaces = rows.networks.of_nodes(node.id for node in nodes)
        used = {one.subnet for found in interfaces.values() for one in found}
        subnets = [one for one in rows.subnets.all() if one.name in used]
    call.write(FORMATS[wanted](nodes, interfaces, subnets, url))


COMMAND = Command(
    words=("report", "host", "dhcpd"),
    summary="Print what the site's DHCP server needs to know of hosts, and where machines boot from.",
    run=run,
    arguments=(Argument("host", "host list; all hosts without one", many=True, required=False, noun=Noun.HOST),),
    parameters=(Parameter("format", "dhcpd (ISC dhcpd's, the usual one) or dnsmasq", choices=("dhcpd", "dnsmasq")),),
    details=(
        "With the attribute install_boot=pxe a VM's firmware asks the site's DHCP server where to boot from, and the "
        "install service answers what: include what is printed in the server's configuration and restart it. "
        "Quarry runs no DHCP server and touches no file of one."
    ),
    examples=(
        "report host dhcpd",
        "report host dhcpd compute format=dnsmasq",
    ),
)
