"""Attributes: global, of an appliance, of a host. A host's beats its appliance's beats the global one."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, delete, select, update

from core.store import schema
from core.store.records import Attribute, Scope
from core.store.repository.base import Part

_g, _a, _h = schema.global_attributes, schema.appliance_attributes, schema.node_attributes


class Attributes(Part):
    """Named texts. Owners are ids: an appliance's, a node's, none for the global scope."""

    def all(self) -> list[Attribute]:
        """Every attribute: global ones, appliances', hosts', each in order of id."""
        found = [
            Attribute(Scope.GLOBAL, "", row.attr, row.value or "")
            for row in self._connection.execute(select(_g.c.attr, _g.c.value).order_by(_g.c.id))
        ]
        for scope, table, owner in ((Scope.APPLIANCE, _a, schema.appliances), (Scope.HOST, _h, schema.nodes)):
            link = table.c.appliance if scope is Scope.APPLIANCE else table.c.node
            statement = (
                select(owner.c.name, table.c.attr, table.c.value)
                .select_from(table.join(owner, link == owner.c.id))
                .order_by(table.c.id)
            )
            found += [Attribute(scope, *row[:2], row[2] or "") for row in self._connection.execute(statement)]
        return found

    def resolved(self, node_id: int) -> dict[str, str]:
        """What holds for one node, all scopes laid over each other."""
        appliance = self._connection.scalar(
            select(schema.memberships.c.appliance)
            .select_from(schema.nodes.join(schema.memberships, schema.nodes.c.membership == schema.memberships.c.id))
            .where(schema.nodes.c.id == node_id)
        )
        values = self._pairs(_g, None)
        if appliance is not None:
            values = overlay(values, self._pairs(_a, _a.c.appliance == appliance))
        return overlay(values, self._pairs(_h, _h.c.node == node_id))

    def find(self, scope: Scope, owner_id: int | None, attr: str) -> str | None:
        """The value set exactly there, or None."""
        table, where = _place(scope, owner_id)
        statement = select(table.c.value).where(table.c.attr == attr)
        if where is not None:
            statement = statement.where(where)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else row.value or ""

    def set(self, scope: Scope, owner_id: int | None, attr: str, value: str) -> None:
        """Set an attribute, replacing its value there."""
        self._rows.must_write()
        table, where = _place(scope, owner_id)
        if self.find(scope, owner_id, attr) is None:
            columns: dict[str, object] = {"attr": attr, "value": value}
            if scope is Scope.APPLIANCE:
                columns["appliance"] = owner_id
            elif scope is Scope.HOST:
                columns["node"] = owner_id
            self._rows.insert(table, columns)
        else:
            statement = update(table).where(table.c.attr == attr).values(value=value)
            self._connection.execute(statement if where is None else statement.where(where))
        self._rows.forget("attributes")

    def remove(self, scope: Scope, owner_id: int | None, attr: str) -> bool:
        """Remove an attribute set exactly there; False when it was not."""
        self._rows.must_write()
        table, where = _place(scope, owner_id)
        statement = delete(table).where(table.c.attr == attr)
        result = self._connection.execute(statement if where is None else statement.where(where))
        self._rows.forget("attributes")
        return result.rowcount > 0

    def _pairs(self, table: Table, where: ColumnElement[bool] | None) -> dict[str, str]:
        statement = select(table.c.attr, table.c.value)
        if where is not None:
            statement = statement.where(where)
        return {attr: value or "" for attr, value in self._connection.execute(statement)}


def overlay(values: dict[str, str], over: dict[str, str]) -> dict[str, str]:
    """Lay one scope's attributes over another's; names are compared without regard to case."""
    covered = {name.casefold() for name in over}
    return {name: value for name, value in values.items() if name.casefold() not in covered} | over


def _place(scope: Scope, owner_id: int | None) -> tuple[Table, ColumnElement[bool] | None]:
    if scope is Scope.GLOBAL:
        return _g, None
    if scope is Scope.APPLIANCE:
        return _a, _a.c.appliance == owner_id
    return _h, _h.c.node == owner_id
