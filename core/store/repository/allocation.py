"""The next free slice, name, MAC, IP and VLAN. Meant for write transactions: only there do answers stay true."""

from __future__ import annotations

import ipaddress

from sqlalchemy import func, select

from core.errors import StoreConflict
from core.store import schema
from core.store.addresses import MAC_BASE_ATTRIBUTE, MAC_MASK_ATTRIBUTE, mac_number, mac_text
from core.store.records import Node, Subnet
from core.store.repository.base import Part
from core.store.repository.used import used_addresses

# Xen's vendor prefix; Rocks 5.0 counts its low 24 bits up from 1.
_XEN_BASE = 0x00163E000000
_XEN_MASK = 0xFFFFFF000000
_ALL_BITS = 0xFFFFFFFFFFFF
FIRST_VLAN, LAST_VLAN = 2, 4095


class Allocation(Part):
    """What is free now. Two answers in a row are the same until the first one is stored."""

    def next_slice(self, physnode_id: int) -> int:
        """One more than the highest slice of the container, 0 on an empty one; gaps are not used again (Rocks)."""
        table = schema.vm_nodes
        highest = self._connection.scalar(select(func.max(table.c.slice)).where(table.c.physnode == physnode_id))
        return 0 if highest is None else int(highest) + 1

    def next_vm_name(self, appliance: str, physnode: Node) -> tuple[str, int]:
        """The name and slice of the next VM of an appliance on a container.

        ``<appliance>-<rack>-<rank>-<slice>`` with the container's rack and rank; the slice is counted up until the
        name is free too.
        """
        slice_no = self.next_slice(physnode.id)
        table = schema.nodes
        while True:
            name = f"{appliance}-{physnode.rack or 0}-{physnode.rank or 0}-{slice_no}"
            if self._connection.scalar(select(table.c.id).where(table.c.name == name)) is None:
                return name, slice_no
            slice_no += 1

    def next_mac(self) -> str:
        """The next MAC for a VM.

        With the global attributes `vm_mac_base_addr` and `vm_mac_base_addr_mask` (Rocks 5.2+): the base itself, then
        one more than the highest in use under the mask. Without them (Rocks 5.0): the same with 00:16:3e:00:00:01.

        Raises:
            StoreConflict: The pool is used up or the attributes are not MACs.
        """
        return self.next_macs(1)[0]

    def next_macs(self, count: int) -> list[str]:
        """The next `count` MACs, consecutive ones. Raises as `next_mac`."""
        base, mask = self._mac_pool()
        highest = used_addresses(self._rows).highest(base, mask)
        first = base if highest is None else highest + 1
        last = first + count - 1
        end = (base & mask) | (~mask & _ALL_BITS)
        if last > end or first & mask != base & mask:
            raise StoreConflict(
                "cannot give out another MAC address",
                f"the pool from {mac_text(base & mask)} to {mac_text(end)} is used up to {mac_text(highest or base)}",
                f"give mac= yourself or set the attributes {MAC_BASE_ATTRIBUTE} and {MAC_MASK_ATTRIBUTE}",
            )
        return [mac_text(number) for number in range(first, last + 1)]

    def next_ip(self, subnet: Subnet) -> str:
        """The highest free address of a subnet, from broadcast - 1 down to network + 1.

        Raises:
            StoreConflict: The subnet is full or its address and mask make no sense.
        """
        try:
            network = ipaddress.IPv4Network(f"{subnet.subnet}/{subnet.netmask}", strict=False)
        except ValueError as error:
            raise StoreConflict(f'cannot give out an address of network "{subnet.name}"', str(error)) from error
        taken = used_addresses(self._rows).ips
        lowest = int(network.network_address) + 1
        # Only downwards, so where the last search stopped the next may begin, while nothing is removed.
        key = f"ip:below:{network}"
        start = self._rows.remembered(key, lambda: int(network.broadcast_address) - 1)
        for number in range(start, lowest - 1, -1):
            address = str(ipaddress.IPv4Address(number))
            if address not in taken:
                self._rows.replace(key, number)
                return address
        raise StoreConflict(
            f'cannot give out an address of network "{subnet.name}"',
            f"all of {network} are in use",
            "give ip= yourself",
        )

    def next_vlan(self) -> int:
        """The lowest VLAN from 2 to 4095 that no interface and no cluster uses. Raises StoreConflict when none is."""
        interfaces = schema.networks.c.vlanid
        taken = set(self._connection.scalars(select(interfaces).where(interfaces.is_not(None)).distinct()))
        taken |= set(self._connection.scalars(select(schema.clusters.c.vlanid)))
        for vlan in range(FIRST_VLAN, LAST_VLAN + 1):
            if vlan not in taken:
                return vlan
        raise StoreConflict("could not find a free Vlan ID", f"{FIRST_VLAN} to {LAST_VLAN} are all in use")

    def _mac_pool(self) -> tuple[int, int]:
        return self._rows.remembered("attributes:mac", self._read_mac_pool)

    def _read_mac_pool(self) -> tuple[int, int]:
        table = schema.global_attributes
        rows = self._connection.execute(
            select(table.c.attr, table.c.value).where(table.c.attr.in_([MAC_BASE_ATTRIBUTE, MAC_MASK_ATTRIBUTE]))
        )
        found = {attr.lower(): value or "" for attr, value in rows}
        if MAC_BASE_ATTRIBUTE not in found:
            return _XEN_BASE | 1, _XEN_MASK
        if MAC_MASK_ATTRIBUTE not in found:
            raise StoreConflict("cannot give out a MAC address", "no VM MAC base address mask is defined")
        numbers = {name: mac_number(text) for name, text in found.items()}
        base, mask = numbers[MAC_BASE_ATTRIBUTE], numbers[MAC_MASK_ATTRIBUTE]
        if base is None or mask is None:
            wrong = MAC_BASE_ATTRIBUTE if base is None else MAC_MASK_ATTRIBUTE
            raise StoreConflict("cannot give out a MAC address", f'{wrong} is "{found[wrong]}", which is not a MAC')
        return base, mask
