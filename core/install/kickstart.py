"""A node's kickstart: facts from the store, put into the template of its appliance. Pure but for reading templates.

Templates are Jinja2 in its sandbox. They are looked for in the operator's folder first, by the attribute
``install_template``, then by the appliance's name, then ``default``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.install import consoles, quoting
from core.outcome import Refused

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from core.store.records import Interface, Node
    from core.store.repository import Repository

BUILT_IN = Path(__file__).parent / "templates"
POLL_S = 5
"""Seconds between two questions of a waiting node."""

BEAT_S = 15
"""Seconds between two signs of life of an installing node."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_CRYPTED = re.compile(r"\$[0-9a-z]{1,4}\$[A-Za-z0-9./$=,-]{10,200}|[A-Za-z0-9./]{13}")


@dataclass(frozen=True, slots=True)
class NodeNetwork:
    """How a node that installs itself talks to the frontend.

    Attributes:
        mac: Of the interface it boots from.
        ip: Its static address; empty for DHCP.
        gateway: Empty for none.
        nameservers: Comma-separated; empty for none.
        hostname: Fully qualified where the store has a domain.
    """

    mac: str
    ip: str
    netmask: str
    gateway: str
    nameservers: str
    hostname: str


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """What a kickstart is made of.

    Attributes:
        attributes: The node's resolved ones.
        url: Where the node reaches the service.
        token: Of its ticket.
        authority: PEM text of the certificate authority; empty on plain HTTP.
        repo: URL of the distribution, where no attribute names one.
        templates: The operator's folder; empty for none.
        machine: Kind of machine, as `core.install.consoles` tells it; empty for one with a serial port.
        poll_s, beat_s: Seconds between a waiting node's questions, and between signs of life.
    """

    node: Node
    network: NodeNetwork
    attributes: Mapping[str, str]
    url: str
    token: str
    authority: str = ""
    repo: str = ""
    templates: str = ""
    poll_s: int = POLL_S
    beat_s: int = BEAT_S
    machine: str = ""

    def attribute(self, name: str, default: str = "") -> str:
        """An attribute's value, names compared without regard to case."""
        return attribute_of(self.attributes, name, default)


def attribute_of(attributes: Mapping[str, str], name: str, default: str = "") -> str:
    """An attribute's value without surrounding blanks; the default when it is missing or empty."""
    wanted = name.casefold()
    return next((value.strip() for key, value in attributes.items() if key.casefold() == wanted), "") or default


def network_of(rows: Repository, node: Node, mac: str = "") -> NodeNetwork | Refused:
    """How a node boots: from the interface with this MAC, else its first one on `private`, else its first with a MAC.

    Addresses are the store's; without an IP address the node uses DHCP. Rocks' attributes fill the rest:
    ``Kickstart_PrivateGateway``, ``Kickstart_PrivateDNSServers``, ``Kickstart_PrivateDNSDomain``.
    """
    candidates = [one for one in rows.networks.of_node(node.id) if one.mac]
    if mac:
        candidates = [one for one in candidates if one.mac == mac]
    if not candidates:
        return Refused(f"{node.name} has no interface with a MAC address to boot from")
    chosen = min(candidates, key=lambda one: (one.subnet or "").casefold() != "private")
    attributes = rows.attributes.resolved(node.id)
    netmask = chosen.netmask or _subnet_mask(rows, chosen)
    if chosen.ip and not netmask:
        return Refused(f"{node.name} has the address {chosen.ip} and no network mask")
    subnet = next((one for one in rows.subnets.all() if one.id == chosen.subnet_id), None)
    zone = (subnet.dnszone if subnet else None) or attribute_of(attributes, "Kickstart_PrivateDNSDomain")
    return NodeNetwork(
        mac=chosen.mac or "",
        ip=chosen.ip or "",
        netmask=netmask,
        gateway=chosen.gateway or attribute_of(attributes, "Kickstart_PrivateGateway"),
        nameservers=attribute_of(attributes, "Kickstart_PrivateDNSServers").replace(" ", ","),
        hostname=f"{node.name}.{zone}" if zone and "." not in node.name else node.name,
    )


def render(order: Order) -> str | Refused:
    """The kickstart, or why there can be none: a template that is missing or wrong, a value that cannot be quoted."""
    from jinja2 import TemplateError, TemplatesNotFound

    names = [order.attribute("install_template"), order.node.appliance or "", "default"]
    wanted = next(name for name in names if name)
    if names[0] and _PLAIN.fullmatch(names[0]) is None:
        return Refused(f'attribute install_template: "{names[0][:60]}" is no template name')
    password = order.attribute("Kickstart_PrivateRootPW")
    if password and _CRYPTED.fullmatch(password) is None:
        return Refused("attribute Kickstart_PrivateRootPW is no crypt(3) hash")
    candidates = [f"{name}.ks.j2" for name in dict.fromkeys(names) if name and _PLAIN.fullmatch(name)]
    if names[0]:
        candidates = candidates[:1]
    if order.templates and not Path(order.templates).expanduser().is_dir():
        return Refused(f'templates under [install] in the settings: "{order.templates}" is no folder')
    try:
        template = _environment(order.templates).select_template(candidates)
        return template.render(_values(order, password))
    except TemplatesNotFound:
        folder = order.templates or "the folder that templates under [install] in the settings names"
        return Refused(f'attribute install_template: there is no "{wanted}.ks.j2" in {folder}')
    except (TemplateError, quoting.Unquotable, UnicodeDecodeError, OSError) as error:
        return Refused(f'kickstart template "{wanted}": {str(error) or type(error).__name__}')
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Whatever an operator's template does inside the sandbox.
        return Refused(f'kickstart template "{wanted}": {type(error).__name__}: {error}')


def _values(order: Order, password: str) -> dict[str, object]:
    network = order.network
    node = order.node
    return {
        "name": node.name,
        "hostname": network.hostname,
        "membership": node.membership or "",
        "appliance": node.appliance or "",
        "rack": node.rack,
        "rank": node.rank,
        "mac": network.mac,
        "ip": network.ip,
        "netmask": network.netmask,
        "gateway": network.gateway,
        "nameservers": network.nameservers,
        "url": order.url,
        "token": order.token,
        "authority": order.authority,
        "repo": order.attribute("install_repo", order.repo),
        "lang": order.attribute("Kickstart_Lang", "en_US.UTF-8"),
        "keyboard": order.attribute("Kickstart_Keyboard", "us"),
        "timezone": order.attribute("Kickstart_Timezone", "UTC"),
        "root_password": password,
        "ssh_keys": [line.strip() for line in order.attribute("install_ssh_keys").splitlines() if line.strip()],
        "packages": order.attribute("install_packages", "@core").replace(",", " ").split(),
        "boot_arguments": order.attribute("install_boot_arguments", consoles.of_installed(order.machine)),
        "attributes": dict(order.attributes),
        "poll_s": order.poll_s,
        "beat_s": order.beat_s,
    }


@cache
def _environment(folder: str) -> ImmutableSandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    folders = [Path(folder).expanduser()] if folder else []
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([*folders, BUILT_IN]),
        # Markup escapes nothing that a kickstart knows; `quoting.finalize` lets no unquoted value through.
        autoescape=False,
        undefined=StrictUndefined,
        finalize=quoting.finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "sh": quoting.sh,
        "ks": quoting.ks,
        "comment": quoting.comment,
        "package": quoting.package,
        "shlines": quoting.shlines,
    }
    return made


def _subnet_mask(rows: Repository, interface: Interface) -> str:
    return next((one.netmask for one in rows.subnets.all() if one.id == interface.subnet_id), "")
