"""Rows of `subnets`: what Rocks' commands call networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import delete, select

from core.store import schema
from core.store.records import Subnet
from core.store.repository.base import Part

if TYPE_CHECKING:
    from core.store.repository.base import AnyRow

_s = schema.subnets


class SubnetChanges(TypedDict, total=False):
    """Columns of `subnets` that may be changed."""

    name: str
    subnet: str
    netmask: str
    mtu: int | None
    dnszone: str | None
    servedns: bool


class Subnets(Part):
    """Networks with a name, an address and a mask."""

    def all(self) -> list[Subnet]:
        """Every subnet in order of id."""
        return [_subnet(row) for row in self._connection.execute(select(_s).order_by(_s.c.id))]

    def find(self, name: str) -> Subnet | None:
        """The subnet of this name, or None."""
        row = self._connection.execute(select(_s).where(_s.c.name == name)).one_or_none()
        return _subnet(row) if row else None

    def add(
        self,
        name: str,
        subnet: str,
        netmask: str,
        *,
        mtu: int | None = 1500,
        dnszone: str | None = None,
        servedns: bool = False,
    ) -> Subnet:
        """Add a subnet; address and mask are stored as given."""
        number = self._rows.insert(
            _s,
            {
                "name": name,
                "subnet": subnet,
                "netmask": netmask,
                "mtu": mtu,
                "dnszone": dnszone,
                "servedns": int(servedns),
            },
        )
        return Subnet(number, name, subnet, netmask, mtu, dnszone, servedns)

    def update(self, subnet_id: int, **changes: Unpack[SubnetChanges]) -> None:
        """Change columns of one subnet."""
        values: dict[str, object] = dict(changes)
        if "servedns" in changes:
            values["servedns"] = int(changes["servedns"])
        self._rows.change(_s, subnet_id, values)

    def remove(self, subnet_id: int) -> None:
        """Remove a subnet. Raises StoreConflict while interfaces or routes use it."""
        self._rows.must_write()
        self._connection.execute(delete(_s).where(_s.c.id == subnet_id))


def _subnet(row: AnyRow) -> Subnet:
    return Subnet(row.id, row.name, row.subnet, row.netmask, row.mtu, row.dnszone, bool(row.servedns))
