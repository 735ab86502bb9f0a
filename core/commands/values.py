"""Checks of what operators type: names, addresses, masks. Each says what is wrong and what would be right."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository

HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+ -]{0,62}")
RACK_NAME = re.compile(r"rack[0-9]+", re.IGNORECASE)
MAC = re.compile(r"[0-9A-Fa-f]{1,2}([:-][0-9A-Fa-f]{1,2}){5}")
MOST_SLICE = 65_535
LEAST_MEMORY_MIB = 1
MOST_MEMORY_MIB = 16_777_216
MOST_CPUS = 4_096
LEAST_VLAN, MOST_VLAN = 2, 4_095


def check_host_name(repository: Repository, name: str) -> str:
    """A name a node may have (Rocks 7.0's rules, and only characters that are safe in DNS, XML and a shell).

    Raises:
        Refusal: It may not, and why.
    """
    if "." in name:
        refuse(f"Hostname {name} can not contains any dot.")
    if RACK_NAME.fullmatch(name):
        refuse(f"Hostname {name} can not be in the form of rack<number>.")
    if HOST_NAME.fullmatch(name) is None:
        refuse(f'"{name}" cannot be a host name: 1 to 63 letters, digits, "-" and "_", not "-" or "_" at an end')
    if any(one.name.casefold() == name.casefold() for one in repository.memberships.appliances()):
        refuse(f"Hostname {name} can not be equal to an appliance name.")
    return name


def check_plain_name(kind: str, name: str) -> str:
    """A name of a membership, an appliance or a network.

    Raises:
        Refusal: It has other characters than letters, digits, blanks and ``_ . + -``.
    """
    if PLAIN_NAME.fullmatch(name) is None:
        refuse(f'"{name}" cannot be the name of a {kind}: 1 to 63 letters, digits, blanks and "_.+-"')
    return name


def check_ip(text: str) -> str:
    """An IPv4 or IPv6 address in its usual spelling.

    Raises:
        Refusal: It is none.
    """
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        refuse(f'"{text}" is not an IP address')


def check_mac(text: str) -> str:
    """A unicast MAC address, lower case, zero padded, with colons.

    Raises:
        Refusal: It is none, or a multicast one.
    """
    if MAC.fullmatch(text) is None:
        refuse(f'"{text}" is not a MAC address (six hexadecimal bytes, as in 00:16:3e:00:00:01)')
    first, *rest = (int(part, 16) for part in re.split("[:-]", text))
    if first & 1:
        refuse(f'"{text}" is a multicast MAC address; the first byte of an interface\'s must be even')
    return ":".join(f"{byte:02x}" for byte in (first, *rest))


def check_network(address: str, netmask: str) -> tuple[str, str]:
    """A network's address and dotted mask.

    Raises:
        Refusal: They are none, or the address has bits outside the mask.
    """
    try:
        network = ipaddress.IPv4Network(f"{address}/{netmask}")
    except ValueError as error:
        refuse(f'"{address}" with netmask "{netmask}" is not a network: {error}')
    return str(network.network_address), str(network.netmask)


def check_inside(ip: str, network: str, netmask: str, name: str) -> None:
    """Refuse an address that is not one for hosts of this network.

    Raises:
        Refusal: Outside, or the network's own or broadcast address.
    """
    subnet = ipaddress.ip_network(f"{network}/{netmask}", strict=False)
    address = ipaddress.ip_address(ip)
    if address not in subnet:
        refuse(f'the address {ip} is not in the network "{name}" ({subnet})')
    if subnet.num_addresses > 2 and address in (subnet.network_address, subnet.broadcast_address):
        refuse(f'the address {ip} is the network\'s own or broadcast address of "{name}" ({subnet})')


def one_of(name: str, text: str, choices: Iterable[str]) -> str:
    """One of some words in any case, as the word is listed.

    Raises:
        Refusal: Another word.
    """
    listed = list(choices)
    found = next((one for one in listed if one.casefold() == text.casefold()), None)
    return found or refuse(f'"{name}" must be one of {", ".join(listed)}, not "{text}"')
