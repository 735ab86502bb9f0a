"""Attributes and routes through Rocks' three ways of keeping them: app_globals, tables per scope, categories."""

from __future__ import annotations

from sqlalchemy import Table, select

from core.store import schema
from core.store.addresses import normal_ip
from core.store.rocks_import.dump import Row
from core.store.rocks_import.taker import Taker, as_int, text_or_none


def take_attributes(taker: Taker) -> None:
    """5.0 and 5.1: `app_globals`; 5.2 to 6: `*_attributes`; 7.0: `attributes` with `categories` and `catindex`."""
    for row in taker.source("app_globals"):
        _take_app_global(taker, row)
    for row in taker.source("global_attributes"):
        _put(taker, schema.global_attributes, {}, row.get("attr"), row.get("value"), "global_attributes")
    for row in taker.source("appliance_attributes"):
        owner = _appliance(taker, row.get("appliance"))
        _put_owned(taker, schema.appliance_attributes, "appliance", owner, row, row.get("appliance"))
    for row in taker.source("node_attributes"):
        owner = taker.ids.get("nodes", {}).get(as_int(row.get("node")) or 0)
        _put_owned(taker, schema.node_attributes, "node", owner, row, row.get("node"))
    for row in taker.source("os_attributes"):
        taker.refuse(
            "os_attributes", f"{row.get('os')} {row.get('attr')}", "there is no scope of operating systems here"
        )
    _take_categories(taker)


def _take_app_global(taker: Taker, row: Row) -> None:
    service, component = text_or_none(row.get("service")), text_or_none(row.get("component"))
    if service is None or component is None:
        taker.refuse("app_globals", f"id {row.get('id')}", "it has no service or component")
        return
    # Rocks 5.2 gave these rows the same names when it turned them into attributes.
    name, membership = f"{service}_{component}", as_int(row.get("membership")) or 0
    if not membership:
        _put(taker, schema.global_attributes, {}, name, row.get("value"), "app_globals")
        return
    found = taker.ids.get("memberships", {}).get(membership)
    table = schema.memberships
    owner = taker.connection.scalar(select(table.c.appliance).where(table.c.id == found)) if found else None
    if owner is None:
        taker.refuse("app_globals", name, f"its membership {membership} does not exist")
    else:
        _put(taker, schema.appliance_attributes, {"appliance": owner}, name, row.get("value"), "app_globals")


def _take_categories(taker: Taker) -> None:
    categories = {row.get("id"): (row.get("name") or "").lower() for row in taker.source("categories")}
    owners = {row.get("id"): row.get("name") or "" for row in taker.source("catindex")}
    for row in taker.source("attributes"):
        category = categories.get(row.get("category"), "")
        owner_name = owners.get(row.get("catindex"), "")
        if category == "global":
            _put(taker, schema.global_attributes, {}, row.get("attr"), row.get("value"), "attributes")
        elif category == "appliance":
            owner = _appliance(taker, owner_name)
            _put_owned(taker, schema.appliance_attributes, "appliance", owner, row, owner_name)
        elif category == "host":
            table = schema.nodes
            owner = taker.connection.scalar(select(table.c.id).where(table.c.name == owner_name))
            _put_owned(taker, schema.node_attributes, "node", owner, row, owner_name)
        else:
            label = f"{category or 'category ' + str(row.get('category'))} {owner_name} {row.get('attr')}"
            taker.refuse("attributes", label, "there is no such scope here")


def _put_owned(taker: Taker, table: Table, column: str, owner: int | None, row: Row, given: str | None) -> None:
    if owner is None:
        taker.refuse(table.name, f"{row.get('attr')}", f"its {column} {given} does not exist")
    else:
        _put(taker, table, {column: owner}, row.get("attr"), row.get("value"), table.name)


def _put(
    taker: Taker, table: Table, owner: dict[str, object], attr: str | None, value: str | None, origin: str
) -> None:
    if attr is None or not attr.strip():
        taker.refuse(origin, f"value {value!r}", "the attribute has no name")
        return
    taker.put(table, {**owner, "attr": attr.strip()[:128]}, {"value": value or ""})


def _appliance(taker: Taker, given: str | None) -> int | None:
    """An appliance by Rocks' id or, in later releases, by name."""
    number = as_int(given)
    if number is not None:
        return taker.ids.get("appliances", {}).get(number)
    table = schema.appliances
    return taker.connection.scalar(select(table.c.id).where(table.c.name == (given or "")))


def take_routes(taker: Taker) -> None:
    """`global_routes`, `appliance_routes`, `node_routes` (5.4 and later)."""
    for row in taker.source("global_routes"):
        _put_route(taker, schema.global_routes, {}, row)
    for row in taker.source("appliance_routes"):
        owner = _appliance(taker, row.get("appliance"))
        _put_owned_route(taker, schema.appliance_routes, "appliance", owner, row)
    for row in taker.source("node_routes"):
        owner = taker.ids.get("nodes", {}).get(as_int(row.get("node")) or 0)
        _put_owned_route(taker, schema.node_routes, "node", owner, row)


def _put_owned_route(taker: Taker, table: Table, column: str, owner: int | None, row: Row) -> None:
    if owner is None:
        taker.refuse(table.name, f"{row.get('network')}", f"its {column} {row.get(column)} does not exist")
    else:
        _put_route(taker, table, {column: owner}, row)


def _put_route(taker: Taker, table: Table, owner: dict[str, object], row: Row) -> None:
    network, netmask = (normal_ip(row.get(name) or "") for name in ("network", "netmask"))
    if network is None or netmask is None:
        taker.refuse(table.name, f"{row.get('network')}/{row.get('netmask')}", "it is not an address and a mask")
        return
    subnet = as_int(row.get("subnet"))
    values: dict[str, object] = {
        "gateway": normal_ip(row.get("gateway") or ""),
        "subnet": taker.ids.get("subnets", {}).get(subnet) if subnet is not None else None,
    }
    taker.put(table, {**owner, "network": network, "netmask": netmask}, values)
