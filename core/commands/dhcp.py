"""What a site's DHCP server must say of the nodes in the store, for ISC dhcpd and for dnsmasq. Pure.

Machines that boot from the network are iPXE when they ask: those are sent to the install service, which sends
whoever has no install on to its disk. ``${mac}`` is iPXE's own and stands in both files as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from core.inventory.order import natural_key

if TYPE_CHECKING:
    from core.store.records import Interface, Node, Subnet

Interfaces = Mapping[int, Sequence["Interface"]]
"""By node."""

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_BOOT_SCRIPT = "{}/pxe/${{mac}}"
_IPXE = 175
"""The option by which iPXE tells that it is iPXE (ipxe.org)."""


def dhcpd_text(nodes: Sequence[Node], interfaces: Interfaces, subnets: Sequence[Subnet], service_url: str) -> str:
    """For ISC dhcpd (dhcpd.conf(5)).

    Args:
        service_url: Of the install service; empty leaves out how machines boot.
    """
    lines = []
    if service_url:
        script = _BOOT_SCRIPT.format(service_url)
        lines += ['if exists user-class and option user-class = "iPXE" {', f'    filename "{script}";', "}"]
    for subnet in subnets:
        lines.append(f"subnet {subnet.subnet} netmask {subnet.netmask} {{")
        for node, one, name in _addressed(nodes, interfaces, subnet):
            label = re.sub(r"[^A-Za-z0-9_-]", "-", f"{node.name}-{one.device}")
            lines += [f"    host {label} {{", f"        hardware ethernet {one.mac};"]
            lines += [f'        option host-name "{name}";'] if name else []
            lines += [f"        fixed-address {one.ip};", "    }"]
        lines.append("}")
    return "\n".join(lines) + "\n"


def dnsmasq_text(nodes: Sequence[Node], interfaces: Interfaces, subnets: Sequence[Subnet], service_url: str) -> str:
    """For dnsmasq (dnsmasq(8)); `service_url` as for `dhcpd_text`."""
    lines = []
    if service_url:
        script = _BOOT_SCRIPT.format(service_url)
        lines += [f"dhcp-match=set:ipxe,{_IPXE}", f"dhcp-boot=tag:ipxe,{script}"]
    for subnet in subnets:
        lines.append(f"dhcp-range={subnet.subnet},static,{subnet.netmask}")
        for _, one, name in _addressed(nodes, interfaces, subnet):
            lines.append(",".join(filter(None, (f"dhcp-host={one.mac}", name, one.ip))))
    return "\n".join(lines) + "\n"


def _addressed(
    nodes: Sequence[Node], interfaces: Interfaces, subnet: Subnet
) -> Iterator[tuple[Node, Interface, str]]:
    """Interfaces on a subnet that DHCP can tell their IPv4 address, with the name they get, by node's name."""
    for node in sorted(nodes, key=lambda node: natural_key(node.name)):
        for one in interfaces.get(node.id, ()):
            if one.subnet == subnet.name and one.mac and one.ip and ":" not in one.ip:
                name = one.name or node.name
                yield node, one, name if _NAME.fullmatch(name) else ""
