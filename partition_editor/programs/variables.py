"""Rocks' variables in a program's text: ``<var name="X"/>`` and, from 5.2 on, ``&x;``. Pure; any thread.

They are filled in before anybody reads the program, so quotes around them never matter: the slides' own
``'<var name='Node_Membership' />'`` is fine. An unknown variable is empty, as in Rocks.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

VAR = re.compile(r"<var\s+(?P<inside>[^<>]*?)/?>(?:\s*</var>)?")
ATTRIBUTE = re.compile(r"""(?P<key>[A-Za-z_]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
ENTITY = re.compile(r"&(?P<name>[A-Za-z_][A-Za-z0-9_.-]*);")
LITERAL = "\ue000"
"""Behind a ``<`` or ``&`` that is only text (it stood in CDATA): what follows is not filled in."""

XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables filled in.

    Attributes:
        unknown: Names of variables that have no value here.
    """

    text: str
    unknown: tuple[str, ...] = ()


def fill_variables(text: str, values: Mapping[str, str]) -> Filled:
    """Fill in a program's variables; ``<var name= val=/>`` sets one for what follows and leaves nothing behind."""
    known = {**values}
    unknown: list[str] = []

    def value_of(name: str) -> str:
        if name not in known and name not in unknown:
            unknown.append(name)
        return known.get(name, "")

    def tag(match: re.Match[str]) -> str:
        words = {one["key"]: one["double"] if one["double"] is not None else one["single"]
                 for one in ATTRIBUTE.finditer(match["inside"])}  # fmt: skip
        name = words.get("name", "")
        if "ref" in words:
            known[name] = value_of(words["ref"])
            return ""
        if "val" in words:
            known[name] = html.unescape(words["val"])
            return ""
        return value_of(name)

    def entity(match: re.Match[str]) -> str:
        if match["name"] in XML_ENTITIES:
            return match[0]
        return values.get(match["name"], match[0])

    return Filled(ENTITY.sub(entity, VAR.sub(tag, text)).replace(LITERAL, ""), tuple(unknown))


def node_variables(
    *,
    name: str,
    membership: str,
    appliance: str,
    address: str = "",
    rack: str = "",
    rank: str = "",
    arch: str = "x86_64",
    release: str = "7.0",
    attributes: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """What Rocks would fill in for a node; a dotted attribute comes under its last part too."""
    values = {
        "Node_Hostname": name,
        "Node_Membership": membership,
        "Node_Address": address,
        "Node_Root": appliance,
        "Node_Architecture": arch,
        "Node_OS": "linux",
        "Node_Distribution": "rocks-dist",
        "Node_DistName": "rocks-dist",
        "Info_RocksVersion": release,
        "Info_RocksRelease": "",
        "ROCKS_VARS_HOSTNAME": name,
        "hostname": name,
        "membership": membership,
        "appliance": appliance,
        "rack": rack,
        "rank": rank,
        "os": "linux",
        "arch": arch,
    }
    for key, value in (attributes or {}).items():
        values.setdefault(key, value)
        if "." in key:
            values.setdefault(key.rpartition(".")[2], value)
    return values
