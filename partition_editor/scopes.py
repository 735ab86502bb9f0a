"""A node among the schemes that could decide it. Pure values, cheap to import: every editor does."""

from __future__ import annotations

from dataclasses import dataclass

from partition_editor.disks import Disk, Profile


@dataclass(frozen=True, slots=True)
class ScopeText:
    """What is attached to one scope now.

    Attributes:
        words: The scope as ``set host partition scheme`` takes it: ``compute-0-0``, ``rack0``, ``everything``.
        shown: The scope in words: ``rack 0``.
        version: 0 where nothing is attached.
        kind: Of the scheme; empty where nothing is attached.
        text: Its directives; empty where there are none to edit, a program's for one.
        nodes: How many nodes it would reach: those that nothing more specific decides.
    """

    words: str
    shown: str
    version: int = 0
    kind: str = ""
    text: str = ""
    nodes: int = 1

    @property
    def is_editable(self) -> bool:
        """There are directives, or nothing that would be lost."""
        return not self.kind or bool(self.text)


@dataclass(frozen=True, slots=True)
class NodeCase:
    """A node and what decides its partitions.

    Attributes:
        scopes: Everything a text could be attached to, the most specific first.
        applied: The scope whose scheme applies; None where nothing is attached.
        peers: Names of all nodes to which the same applies, this one among them.
    """

    name: str
    disks: tuple[Disk, ...]
    profile: Profile
    scopes: tuple[ScopeText, ...] = ()
    applied: ScopeText | None = None
    peers: tuple[str, ...] = ()
