"""What decides a node's partitioning, as the install service asks for it. The answer comes from elsewhere.

`partition_editor` stands above this room, so whoever composes the program injects a `PartitionSource`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.store.records import Node, Partition


@dataclass(frozen=True, slots=True)
class PartitionQuestion:
    """A node that wants to know how to partition.

    Attributes:
        facts: Its disks, in the shape that `partition_editor.decisions.facts.read_facts` takes; ``lsblk`` beside it
            holds the text of ``lsblk --json -b`` when the node has that.
        saved: The rows that the store has of it.
        attributes: Its resolved attributes.
    """

    node: Node
    facts: Mapping[str, object]
    saved: tuple[Partition, ...]
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """`user_partition_info` as it shall be. ``rocks manual`` shows the installer's own screen."""

    text: str
    notes: tuple[str, ...] = ()
    """What the history should say of it, such as disks that are kept."""


@dataclass(frozen=True, slots=True)
class AskOperator:
    """The node waits. `why` is empty when that is its scheme, else what went wrong with it."""

    why: str = ""


Answer = Told | AskOperator


class PartitionSource(Protocol):
    """Decides. Called in a worker thread, outside any transaction; may take as long as a program runs."""

    def answer(self, question: PartitionQuestion) -> Answer:
        """What the node shall do. Never raises for what an operator wrote: that is `AskOperator` with the reason."""
