"""Which scheme applies to a node, and why: the most specific scope that has one.

A node's own beats a host-list expression (of several the newest), that a rack's, that an appliance's, that the one
for everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.commands.hostlist import HostList, host_list
from core.commands.refusal import Refusal
from core.outcome import Refused
from core.store.partition_records import SchemeRecord, SchemeScope
from core.store.repository.schemes import REMOVED
from partition_editor.schemes.scheme import Kind, Scheme, read_scheme, scope_text

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.repository import Repository

ORDER = list(SchemeScope)


@dataclass(frozen=True, slots=True)
class Applied:
    """The scheme of one node.

    Attributes:
        scheme: None where nothing is attached (Rocks' default then), or what is attached cannot be used.
        why: "attached to appliance compute, version 3", with what it beats.
        trouble: Why the attached scheme cannot be used; empty when it can.
    """

    scheme: Scheme | None
    why: str
    trouble: str = ""

    @property
    def kind(self) -> Kind:
        """Of what applies."""
        return self.scheme.kind if self.scheme is not None else Kind.DEFAULT


class Resolver:
    """Answers for every node of a store at one moment."""

    def __init__(self, schemes: Iterable[SchemeRecord], hosts: HostList) -> None:
        self._read: dict[int, Scheme | Refused] = {}
        self._by_place: dict[tuple[SchemeScope, str], SchemeRecord] = {}
        self._lists: list[tuple[SchemeRecord, frozenset[str]]] = []
        for one in sorted(schemes, key=lambda record: record.id):
            self._read[one.id] = read_scheme(one)
            if one.scope is SchemeScope.HOSTS:
                self._lists.append((one, _named(hosts, one.target)))
            else:
                self._by_place[one.scope, one.target.casefold()] = one

    @classmethod
    def of_store(cls, repository: Repository, instead: Mapping[int, SchemeRecord] | None = None) -> Resolver:
        """For what is in force, with other versions `instead` of some (by the id of the one in force)."""
        current = [(instead or {}).get(one.id, one) for one in repository.schemes.current()]
        return cls((one for one in current if one.kind != REMOVED), host_list(repository))

    def applied(self, node: Node) -> Applied:
        """What applies to a node and why."""
        found = self.all_of(node)
        if not found:
            return Applied(None, "nothing is attached: Rocks' default scheme")
        first = found[0]
        why = f"attached to {scope_text(first.scope, first.target)}, version {first.version}"
        if len(found) > 1:
            why += f"; before {', '.join(scope_text(one.scope, one.target) for one in found[1:])}"
        scheme = self._read[first.id]
        if isinstance(scheme, Refused):
            return Applied(None, why, scheme.reason)
        return Applied(scheme, why)

    def all_of(self, node: Node) -> list[SchemeRecord]:
        """Everything attached to a node, the most specific first."""
        rack = "" if node.rack is None else str(node.rack)
        places = [(SchemeScope.HOST, node.name), (SchemeScope.RACK, rack),
                  (SchemeScope.APPLIANCE, node.appliance or ""), (SchemeScope.ALL, "")]  # fmt: skip
        found = [self._by_place[scope, target.casefold()] for scope, target in places
                 if (scope, target.casefold()) in self._by_place]  # fmt: skip
        found += [one for one, names in reversed(self._lists) if node.name in names]
        return sorted(found, key=lambda one: ORDER.index(one.scope))


def _named(hosts: HostList, expression: str) -> frozenset[str]:
    """The nodes an expression stands for in the store as it is; none once it stands for nothing any more."""
    try:
        return frozenset(node.name for node in hosts.expand(expression.split()))
    except Refusal:
        return frozenset()


def scope_of(words: tuple[str, ...], repository: Repository) -> tuple[SchemeScope, str]:
    """The scope that an operator's words name.

    ``everything``, ``*`` or ``%``; ``rack0``; an appliance; one node; anything else stays a host-list expression.

    Raises:
        Refusal: The words stand for no node.
    """
    if len(words) == 1:
        word = words[0]
        if word in ("everything", "*", "%"):
            return SchemeScope.ALL, ""
        if word.casefold().startswith("rack") and word[4:].isdigit() and repository.nodes.find(word) is None:
            return SchemeScope.RACK, str(int(word[4:]))
        if any(one.name == word for one in repository.memberships.appliances()):
            return SchemeScope.APPLIANCE, word
        node = repository.nodes.find(word)
        if node is not None:
            return SchemeScope.HOST, node.name
    host_list(repository).expand(words)
    return SchemeScope.HOSTS, " ".join(words)
