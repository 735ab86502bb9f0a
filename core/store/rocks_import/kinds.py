"""Appliances, memberships and subnets: few rows, known by their names."""

from __future__ import annotations

from sqlalchemy import Table

from core.store import schema
from core.store.addresses import normal_ip
from core.store.rocks_import.dump import Row
from core.store.rocks_import.taker import Taker, as_int, clipped, text_or_none

_TRUE = ("1", "true", "yes", "on")


def take_appliances(taker: Taker) -> None:
    """`appliances`; ShortName went away with 5.4.3, OS came with 5.1."""
    for row in taker.source("appliances"):
        values = {
            "shortname": clipped(text_or_none(row.get("shortname")), 32),
            "graph": clipped(text_or_none(row.get("graph")), 64) or "default",
            "node": clipped(text_or_none(row.get("node")), 64),
        }
        _put_named(taker, schema.appliances, row, {name: text for name, text in values.items() if name in row})


def take_memberships(taker: Taker) -> None:
    """`memberships`, with the appliance they lead to."""
    appliances = taker.ids.get("appliances", {})
    for row in taker.source("memberships"):
        old = as_int(row.get("appliance"))
        appliance = appliances.get(old) if old is not None else None
        if old and appliance is None:
            label = f'"{row.get("name")}"'
            taker.change("memberships", label, f"appliance {old} does not exist; the membership has none now")
        values: dict[str, object] = {"appliance": appliance}
        for name in ("compute", "public"):
            if name in row:
                values[name] = clipped(text_or_none(row[name]), 8)
        _put_named(taker, schema.memberships, row, values)


def take_subnets(taker: Taker) -> None:
    """`subnets`; MTU, DNS zone and `servedns` came with 5.4."""
    for row in taker.source("subnets"):
        label = f'"{row.get("name")}"'
        address, mask = (normal_ip(row.get(name) or "") for name in ("subnet", "netmask"))
        if address is None or mask is None:
            taker.refuse("subnets", label, f"{row.get('subnet')}/{row.get('netmask')} is not an address and a mask")
            continue
        values: dict[str, object] = {"subnet": address, "netmask": mask}
        if "mtu" in row:
            values["mtu"] = taker.integer(row, "mtu", "subnets", label, otherwise=1500)
        if "dnszone" in row:
            values["dnszone"] = clipped(text_or_none(row["dnszone"]), 255)
        if "servedns" in row:
            values["servedns"] = int((row["servedns"] or "").lower() in _TRUE)
        _put_named(taker, schema.subnets, row, values)


def _put_named(taker: Taker, table: Table, row: Row, values: dict[str, object]) -> None:
    old = as_int(row.get("id"))
    name = text_or_none(row.get("name"))
    ids = taker.ids.setdefault(table.name, {})
    if name is None:
        taker.refuse(table.name, f"id {old}", "it has no name")
        return
    if name.casefold() in taker.names.setdefault(table.name, set()):
        taker.refuse(table.name, f'"{name}"', "an earlier row has the same name")
        return
    taker.names[table.name].add(name.casefold())
    number = taker.put(table, {"name": name[:64]}, values)
    if old is not None:
        ids[old] = number
