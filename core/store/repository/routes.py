"""Static routes of the three scopes."""

from __future__ import annotations

from sqlalchemy import Table, delete, literal, select

from core.store import schema
from core.store.records import Route, Scope
from core.store.repository.base import Part

_s = schema.subnets


class Routes(Part):
    """Rows of `global_routes`, `appliance_routes` and `node_routes`."""

    def all(self, scope: Scope) -> list[Route]:
        """Every route of one scope in order of id."""
        table = _table(scope)
        source = table.outerjoin(_s, table.c.subnet == _s.c.id)
        target = literal("").label("target")
        if scope is Scope.APPLIANCE:
            source = source.join(schema.appliances, table.c.appliance == schema.appliances.c.id)
            target = schema.appliances.c.name.label("target")
        elif scope is Scope.HOST:
            source = source.join(schema.nodes, table.c.node == schema.nodes.c.id)
            target = schema.nodes.c.name.label("target")
        statement = (
            select(table.c.id, target, table.c.network, table.c.netmask, table.c.gateway, _s.c.name)
            .select_from(source)
            .order_by(table.c.id)
        )
        return [Route(row[0], scope, *row[1:]) for row in self._connection.execute(statement)]

    def add(
        self,
        scope: Scope,
        owner_id: int | None,
        network: str,
        netmask: str,
        *,
        gateway: str | None = None,
        subnet_id: int | None = None,
    ) -> int:
        """Add a route; return its id. Raises StoreConflict when the owner already has one to that network."""
        values: dict[str, object] = {
            "network": network,
            "netmask": netmask,
            "gateway": gateway,
            "subnet": subnet_id,
        }
        if scope is Scope.APPLIANCE:
            values["appliance"] = owner_id
        elif scope is Scope.HOST:
            values["node"] = owner_id
        return self._rows.insert(_table(scope), values)

    def remove(self, scope: Scope, route_id: int) -> None:
        """Remove one route."""
        self._rows.must_write()
        table = _table(scope)
        self._connection.execute(delete(table).where(table.c.id == route_id))


def _table(scope: Scope) -> Table:
    return {
        Scope.GLOBAL: schema.global_routes,
        Scope.APPLIANCE: schema.appliance_routes,
        Scope.HOST: schema.node_routes,
    }[scope]
