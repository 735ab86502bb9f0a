"""Host lists: what the words of ``{host}...`` stand for.

Per word, first that fits (Rocks 5.0's order): a ``%`` pattern, ``rackN``, an appliance (in its own case), a node's
name (in any case), a shell pattern or range, then an interface's name, a fully qualified name, an IP or MAC address,
and ``localhost`` for the frontend.
Results are united and in natural order; no words at all are every node in the order it was added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.commands.hostpattern import glob_matcher, is_glob, is_numbers, like_matcher, numbers_of
from core.commands.refusal import refuse
from core.inventory.order import natural_key

if TYPE_CHECKING:
    from core.store.records import Appliance, Interface, Node, Subnet
    from core.store.repository import Repository

RACK = re.compile(r"rack([0-9]{1,9})")
RACKS = re.compile(r"rack\[([0-9,-]+)\]")
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
FRONTEND = "frontend"
"""The appliance of frontends, physical and virtual."""


@dataclass(slots=True)
class HostList:
    """Resolves words against the nodes of one store at one moment.

    Attributes:
        nodes: Every node in the order it was added.
        interfaces: Asked only when a word is no name.
    """

    nodes: Sequence[Node]
    appliances: Sequence[Appliance]
    interfaces: Callable[[], Iterable[Interface]]
    subnets: Callable[[], Iterable[Subnet]]
    _by_name: dict[str, Node] = field(default_factory=dict)
    _addresses: dict[str, int] | None = None

    def __post_init__(self) -> None:
        """Index the names."""
        self._by_name = {node.name.casefold(): node for node in self.nodes}

    def expand(self, words: Sequence[str]) -> list[Node]:
        """The nodes the words stand for.

        Raises:
            Refusal: A word stands for nothing that could be a host.
        """
        if not words:
            return list(self.nodes)
        found: dict[int, Node] = {}
        for word in words:
            found.update((node.id, node) for node in self._one(word))
        return sorted(found.values(), key=lambda node: natural_key(node.name))

    def _one(self, word: str) -> list[Node]:
        if word.split(" ")[0].lower() == "select":
            refuse("SQL is not taken as a host list; use names, rackN, an appliance, or patterns with % or *")
        if "%" in word:
            return self._matching(like_matcher(word))
        racks = self._racks(word)
        if racks:
            return [node for node in self.nodes if node.rack in racks and node.appliance != FRONTEND]
        group = next((one for one in self.appliances if one.name == word), None)
        if group is not None:
            return [node for node in self.nodes if node.appliance == group.name]
        node = self._by_name.get(word.casefold())
        if node is None and is_glob(word):
            return self._matching(glob_matcher(word)) or refuse(f'no host is named like "{word}"')
        return [node or self._by_address(word)]

    def _matching(self, matches: Callable[[str], bool]) -> list[Node]:
        return [node for node in self.nodes if matches(node.name)]

    def _racks(self, word: str) -> set[int]:
        """Racks a word names, which must lie between the lowest and the highest one there is."""
        single = RACK.fullmatch(word)
        several = RACKS.fullmatch(word)
        if single is not None:
            wanted = {int(single[1])}
        elif several is not None and is_numbers(several[1]):
            wanted = {int(number) for number in numbers_of(word, several[1])}
        else:
            return set()
        known = [node.rack for node in self.nodes if node.rack is not None]
        if not known or not all(min(known) <= rack <= max(known) for rack in wanted):
            return set() if word.casefold() in self._by_name else refuse(f'cannot resolve host "{word}"')
        return wanted

    def _by_address(self, word: str) -> Node:
        if self._addresses is None:
            self._addresses = self._read_addresses()
        key = word.casefold()
        found = self._addresses.get(key)
        node = next((one for one in self.nodes if one.id == found), None)
        if node is None and key in LOCAL:
            node = next((one for one in self.nodes if one.appliance == FRONTEND), None)
        return node or refuse(f'cannot resolve host "{word}"')

    def _read_addresses(self) -> dict[str, int]:
        zones = {subnet.name: subnet.dnszone for subnet in self.subnets() if subnet.dnszone}
        found: dict[str, int] = {}
        for one in self.interfaces():
            zone = zones.get(one.subnet or "")
            qualified = f"{one.name}.{zone}" if one.name and zone else None
            for text in (one.ip, one.mac, one.name, qualified):
                if text:
                    found.setdefault(text.casefold(), one.node)
        return found


def host_list(repository: Repository) -> HostList:
    """The resolver for what a transaction sees."""
    return HostList(
        nodes=repository.nodes.all(),
        appliances=repository.memberships.appliances(),
        interfaces=repository.networks.all,
        subnets=repository.subnets.all,
    )


def expand_hosts(repository: Repository, words: Sequence[str]) -> list[Node]:
    """The nodes of a host list that may be empty: no words are every node.

    Raises:
        Refusal: A word stands for nothing.
    """
    return host_list(repository).expand(words)


def require_hosts(repository: Repository, words: Sequence[str], sentence: str) -> list[Node]:
    """The nodes of a host list that must name something; never every node because nothing was said.

    Args:
        sentence: Rocks' words for an empty list.

    Raises:
        Refusal: No words, an empty group, or a word that stands for nothing.
    """
    if not words:
        refuse(sentence)
    return expand_hosts(repository, words) or refuse(sentence)


def single_host(repository: Repository, words: Sequence[str], sentence: str) -> Node:
    """The one node of a host list.

    Args:
        sentence: What to say when it is none or several.

    Raises:
        Refusal: None, several, or unknown.
    """
    nodes = require_hosts(repository, words, sentence)
    if len(nodes) != 1:
        refuse(sentence)
    return nodes[0]
