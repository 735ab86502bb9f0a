"""What the nine attribute commands share: scopes, owners, and the check of the attributes Quarry itself reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.commands.hostlist import require_hosts
from core.commands.named import select_named
from core.commands.refusal import refuse
from core.commands.states import URI_ATTRIBUTE
from core.commands.values import check_mac
from core.outcome import Refused
from core.store.addresses import MAC_BASE_ATTRIBUTE, MAC_MASK_ATTRIBUTE, mac_pool
from core.store.records import Scope

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.store.repository import Repository

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
MACS = frozenset({MAC_BASE_ATTRIBUTE, MAC_MASK_ATTRIBUTE})


def check_attribute(attr: str, value: str) -> None:
    """Refuse a name no template could use, and a bad value of an attribute with a meaning here.

    Raises:
        Refusal: It is one.
    """
    if NAME.fullmatch(attr) is None:
        refuse(f'"{attr}" cannot be an attribute: a letter, then letters, digits and "_.-"')
    if attr.casefold() == URI_ATTRIBUTE:
        from core.hypervisor.uri import check_uri

        verdict = check_uri(value.replace("{host}", "host"))
        if isinstance(verdict, Refused):
            refuse(verdict.reason)
    if attr.casefold() in MACS and not re.fullmatch(r"ff(:.*)", value, re.IGNORECASE):
        check_mac(value)


def owners(repository: Repository, scope: Scope, words: Sequence[str]) -> list[tuple[int | None, str]]:
    """Ids and names of what the attribute is set on.

    Raises:
        Refusal: Nothing named, or something unknown.
    """
    if scope is Scope.GLOBAL:
        return [(None, "")]
    if scope is Scope.HOST:
        return [(node.id, node.name) for node in require_hosts(repository, words, "must supply host")]
    if not words:
        refuse("must supply an appliance")
    found = select_named("appliance", repository.memberships.appliances(), words, lambda one: one.name)
    return [(one.id, one.name) for one in found]


def set_attribute(call: Invocation, scope: Scope) -> None:
    """``set [appliance|host] attr``. Raises Refusal for a bad name or value, or an unknown owner."""
    attr = call.needed("attr", "missing attribute name")
    value = call.text("value")
    if value is None:
        refuse("missing value of attribute")
    values = _mac_pool(attr, value) or {attr: value}
    for name, text in values.items():
        check_attribute(name, text)

    def work(repository: Repository) -> None:
        for owner, _name in owners(repository, scope, call.hosts):
            for name, text in values.items():
                repository.attributes.set(scope, owner, name, text)

    call.change(work, " ".join(call.hosts))


def _mac_pool(attr: str, value: str) -> dict[str, str]:
    """Both attributes of a MAC pool whose base is given as a frontend's public address; empty for anything else."""
    if attr.casefold() != MAC_BASE_ATTRIBUTE:
        return {}
    try:
        base, mask = mac_pool(value)
    except ValueError:
        return {}
    return {MAC_BASE_ATTRIBUTE: base, MAC_MASK_ATTRIBUTE: mask}


def remove_attribute(call: Invocation, scope: Scope) -> None:
    """``remove [appliance|host] attr``. Raises Refusal where it is not set."""
    attr = call.needed("attr", "missing attribute name")

    def work(repository: Repository) -> None:
        place = owners(repository, scope, call.hosts)
        removed = [repository.attributes.remove(scope, owner, attr) for owner, _name in place]
        if not any(removed):
            refuse(f'attribute "{attr}" is not set there')

    call.change(work, " ".join(call.hosts))


def shown(attr: str, value: str) -> str:
    """A value as it may be printed: a URI without its password."""
    if attr.casefold() != URI_ATTRIBUTE:
        return value
    from core.hypervisor.uri import public_uri

    return public_uri(value)
