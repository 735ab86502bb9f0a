"""Which addresses are taken, read once a transaction and kept current while it adds interfaces.

Sound because a writer is alone until it commits. 500 VMs added in one transaction ask 500 times.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from core.store import schema
from core.store.addresses import mac_number, normal_ip
from core.store.repository.base import Rows


@dataclass(slots=True)
class UsedAddresses:
    """The IPs in their usual spelling and the Ethernet MACs as numbers (InfiniBand's longer ones are no VM's).

    Attributes:
        highest_mac: Per pool (base, mask), the highest MAC seen so far.
    """

    ips: set[str] = field(default_factory=set)
    macs: set[int] = field(default_factory=set)
    highest_mac: dict[tuple[int, int], int | None] = field(default_factory=dict)

    def note(self, mac: object, ip: object) -> None:
        """An interface was added."""
        if isinstance(ip, str):
            self.ips.add(ip)
        if isinstance(mac, str) and (number := mac_number(mac)) is not None:
            self.macs.add(number)
            for (base, mask), highest in self.highest_mac.items():
                if number & mask == base & mask and (highest is None or number > highest):
                    self.highest_mac[base, mask] = number

    def highest(self, base: int, mask: int) -> int | None:
        """The highest MAC in use of a pool, None when it is untouched."""
        pool = (base, mask)
        if pool not in self.highest_mac:
            self.highest_mac[pool] = max((mac for mac in self.macs if mac & mask == base & mask), default=None)
        return self.highest_mac[pool]


_KEY = "addresses"


def used_addresses(rows: Rows) -> UsedAddresses:
    """What is taken now."""

    def read() -> UsedAddresses:
        used = UsedAddresses()
        table = schema.networks
        for mac, ip in rows.connection.execute(select(table.c.mac, table.c.ip)):
            used.note(mac, normal_ip(ip) or ip if ip else None)
        return used

    return rows.remembered(_KEY, read)


def note_interface(rows: Rows, mac: object, ip: object) -> None:
    """An interface was added: keep what is remembered true."""
    used = rows.peek(_KEY)
    if isinstance(used, UsedAddresses):
        used.note(mac, ip)


def forget_interfaces(rows: Rows) -> None:
    """Interfaces were changed or removed: read again when next asked."""
    rows.forget(_KEY, "ip:below")
