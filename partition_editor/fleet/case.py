"""One node as its editor opens it: drives, profile, the schemes around it, the nodes it shares one with. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.outcome import Refused
from core.store.partition_records import SchemeRecord, SchemeScope
from partition_editor.fleet.reading import NEVER, read_nodes
from partition_editor.schemes.resolving import ORDER, Resolver
from partition_editor.schemes.scheme import EVERYTHING, Kind, read_scheme, scope_text
from partition_editor.scopes import NodeCase, ScopeText

if TYPE_CHECKING:
    from core.store.records import Node
    from core.store.store import Store


def node_case(store: Store, name: str) -> NodeCase | Refused:
    """Everything the editor needs to know of a node; refused when it is not in the store.

    Raises:
        StoreError: The store cannot be read.
    """
    with store.reading() as repository:
        node = repository.nodes.find(name)
        if node is None:
            return Refused(f"{name} is not in the store.")
        resolver = Resolver.of_store(repository)
        found = read_nodes(repository, [node], resolver)[0]
        if found.unknown not in ("", NEVER):
            return Refused(f"{name}: {found.unknown}")
        surroundings = _Surroundings(node, repository.nodes.all(), resolver)
        return NodeCase(
            node.name, found.disks, found.profile, surroundings.scopes(), surroundings.applied(), surroundings.peers()
        )


class _Surroundings:
    """A node among all nodes, at one moment."""

    def __init__(self, node: Node, nodes: Sequence[Node], resolver: Resolver) -> None:
        self._node = node
        self._nodes = nodes
        self._attached = resolver.all_of(node)
        self._first = {one.id: next(iter(resolver.all_of(one)), None) for one in nodes}

    def scopes(self) -> tuple[ScopeText, ...]:
        """The node's own, the host lists it is in, its rack's, its appliance's, everything's."""
        node = self._node
        places = [(SchemeScope.HOST, node.name)]
        places += [(one.scope, one.target) for one in self._attached if one.scope is SchemeScope.HOSTS]
        places += [(SchemeScope.RACK, str(node.rack))] if node.rack is not None else []
        places += [(SchemeScope.APPLIANCE, node.appliance)] if node.appliance else []
        return tuple(self._scope(*place) for place in [*places, (SchemeScope.ALL, "")])

    def applied(self) -> ScopeText | None:
        """The most specific that something is attached to."""
        return next((one for one in self.scopes() if one.version), None)

    def peers(self) -> tuple[str, ...]:
        """Nodes with the same scheme; where nothing is attached, those of the appliance that have nothing either."""
        mine = self._first.get(self._node.id)
        return tuple(
            one.name
            for one in self._nodes
            if (first := self._first[one.id]) == mine and (first is not None or one.appliance == self._node.appliance)
        )

    def _scope(self, scope: SchemeScope, target: str) -> ScopeText:
        words = scope_words(scope, target)
        reached = sum(self._reaches(scope, target, one) for one in self._nodes)
        for record in self._attached:
            if (record.scope, record.target.casefold()) == (scope, target.casefold()):
                text = _text(record)
                return ScopeText(words, scope_text(scope, target), record.version, record.kind, text, reached)
        return ScopeText(words, scope_text(scope, target), nodes=reached)

    def _reaches(self, scope: SchemeScope, target: str, node: Node) -> bool:
        """A scheme of this scope would apply to a node: it is in it, and nothing more specific decides."""
        first = self._first[node.id]
        if scope is SchemeScope.HOSTS:
            return first is not None and (first.scope, first.target) == (scope, target)
        if first is not None and ORDER.index(first.scope) < ORDER.index(scope):
            return False
        inside = {
            SchemeScope.HOST: node.name == target,
            SchemeScope.RACK: node.rack is not None and str(node.rack) == target,
            SchemeScope.APPLIANCE: node.appliance == target,
            SchemeScope.ALL: node.appliance != "frontend",
        }
        return inside[scope]


def scope_words(scope: SchemeScope, target: str) -> str:
    """A scope as ``set host partition scheme`` takes it."""
    return {SchemeScope.RACK: f"rack{target}", SchemeScope.ALL: EVERYTHING}.get(scope, target)


def _text(record: SchemeRecord) -> str:
    """Directives to begin from; a program, a node file or "ask" have none."""
    scheme = read_scheme(record)
    if isinstance(scheme, Refused) or scheme.kind is Kind.ASK:
        return ""
    return scheme.fixed_text or ""
