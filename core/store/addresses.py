"""MAC and IP texts: checking them, and one spelling for each so that unique rules can see equals."""

from __future__ import annotations

import ipaddress
import re

_MAC = re.compile(r"[0-9a-fA-F]{1,2}(?:[:-][0-9a-fA-F]{1,2})*", re.ASCII)
_ETHERNET, _INFINIBAND = 6, 20

MAC_BASE_ATTRIBUTE = "vm_mac_base_addr"
MAC_MASK_ATTRIBUTE = "vm_mac_base_addr_mask"
"""Global attributes: VM MACs are the base with the bits counted up that the mask leaves free."""


def normal_mac(text: str) -> str | None:
    """Return the MAC in lower case, zero padded, with colons; None when it is not one.

    Ethernet's 6 bytes or InfiniBand's 20. Rocks' attributes hold unpadded ones (``76:77:6e:0:00:00``).
    """
    if not _MAC.fullmatch(text):
        return None
    parts = re.split("[:-]", text)
    if len(parts) not in (_ETHERNET, _INFINIBAND):
        return None
    return ":".join(part.zfill(2).lower() for part in parts)


def mac_number(text: str) -> int | None:
    """Return an Ethernet MAC as a number, None for anything else."""
    normal = normal_mac(text)
    if normal is None or normal.count(":") != _ETHERNET - 1:
        return None
    return int(normal.replace(":", ""), 16)


def mac_text(number: int) -> str:
    """Return an Ethernet MAC from its number."""
    digits = f"{number:012x}"
    return ":".join(digits[start : start + 2] for start in range(0, 12, 2))


def mac_pool(public_ip: str) -> tuple[str, str]:
    """Base and mask of the VM MACs that Rocks (5.2 and later) derives from a frontend's public IPv4 address.

    The address without its first byte, reversed; the low two bits of the first byte move to the top of the
    fourth, and the locally-administered bit is set. The mask leaves 22 bits for VMs.

    Raises:
        ValueError: Not an IPv4 address.
    """
    _, low, middle, high = ipaddress.IPv4Address(public_ip).packed
    base = mac_text(int.from_bytes(bytes([(high & ~3) | 2, middle, low, (high & 3) << 6, 0, 0]), "big"))
    return base, "ff:ff:ff:c0:00:00"


def normal_ip(text: str) -> str | None:
    """Return the address in its usual spelling, None when it is not one."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None
