"""Memberships and appliances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from core.errors import StoreConflict
from core.store import schema
from core.store.records import Appliance, Membership
from core.store.repository.base import Part

if TYPE_CHECKING:
    from core.store.repository.base import AnySelect

_m, _a = schema.memberships, schema.appliances


class Memberships(Part):
    """`memberships` and `appliances`: few rows, read whole."""

    def all(self) -> list[Membership]:
        """Every membership in order of id."""
        return self._rows.remembered("memberships", lambda: self._read(_select().order_by(_m.c.id)))

    def find(self, name: str) -> Membership | None:
        """The membership of this name, or None."""
        found = self._read(_select().where(_m.c.name == name))
        return found[0] if found else None

    def add(self, name: str, appliance: str) -> Membership:
        """Add a membership of an existing appliance. Raises StoreConflict when that appliance does not exist."""
        owner = self.find_appliance(appliance)
        if owner is None:
            raise StoreConflict(f'cannot add the membership "{name}"', f'there is no appliance "{appliance}"')
        number = self._rows.insert(_m, {"name": name, "appliance": owner.id})
        self._rows.forget("memberships")
        return Membership(number, name, owner.id, owner.name)

    def remove(self, membership_id: int) -> None:
        """Remove a membership. Raises StoreConflict while nodes have it."""
        self._rows.must_write()
        self._connection.execute(delete(_m).where(_m.c.id == membership_id))
        self._rows.forget("memberships")

    def appliances(self) -> list[Appliance]:
        """Every appliance in order of id."""
        rows = self._connection.execute(select(_a).order_by(_a.c.id))
        return [Appliance(row.id, row.name, row.shortname, row.graph, row.node) for row in rows]

    def find_appliance(self, name: str) -> Appliance | None:
        """The appliance of this name, or None."""
        row = self._connection.execute(select(_a).where(_a.c.name == name)).one_or_none()
        return Appliance(row.id, row.name, row.shortname, row.graph, row.node) if row else None

    def add_appliance(
        self, name: str, *, shortname: str | None = None, graph: str = "default", node: str | None = None
    ) -> Appliance:
        """Add an appliance."""
        number = self._rows.insert(_a, {"name": name, "shortname": shortname, "graph": graph, "node": node})
        return Appliance(number, name, shortname, graph, node)

    def update_appliance(
        self, appliance_id: int, *, shortname: str | None, graph: str | None, node: str | None
    ) -> None:
        """Change what an appliance is made of; its name stays."""
        self._rows.must_write()
        values = {"shortname": shortname, "graph": graph, "node": node}
        self._connection.execute(update(_a).where(_a.c.id == appliance_id).values(values))

    def remove_appliance(self, appliance_id: int) -> None:
        """Remove an appliance and its attributes. Raises StoreConflict while a membership has it."""
        self._rows.must_write()
        self._connection.execute(delete(_a).where(_a.c.id == appliance_id))

    def _read(self, statement: AnySelect) -> list[Membership]:
        return [Membership(*row) for row in self._connection.execute(statement)]


def _select() -> AnySelect:
    return select(_m.c.id, _m.c.name, _m.c.appliance, _a.c.name.label("appliance_name")).select_from(
        _m.outerjoin(_a, _m.c.appliance == _a.c.id)
    )
