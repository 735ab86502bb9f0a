"""What a decision says: the directives, whether an operator is waited for, what is lost, and why. Pure values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from partition_editor.decisions.facts import NodeFacts


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one node.

    Attributes:
        lines: Directives for the installer, in order; trailing blanks as Rocks prints them.
        manual: The installer shows its partition screen.
        lost_disks: Disks with data somebody would miss that a ``clearpart`` hits, in discovery order.
        why: Disk → one sentence on what happens to it and why.
        by_scheme: The directives are the rule set's own rather than the operator's.
        reconnected: Disks whose partitions are used again.
    """

    lines: tuple[str, ...]
    manual: bool = False
    lost_disks: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)
    by_scheme: bool = False
    reconnected: tuple[str, ...] = ()


def scheme_word(text: str | None) -> str | None:
    """The word of the first line of exactly two words that begins with ``rocks``; the rest is lost then."""
    for line in (text or "").split("\n"):
        words = line.split()
        if len(words) == 2 and words[0] == "rocks":
            return words[1]
    return None


def lost_disks(lines: Sequence[str], facts: NodeFacts) -> tuple[str, ...]:
    """Disks with user data that the directives clear."""
    hit = cleared_disks(lines, facts.disk_order)
    return tuple(name for name in facts.disk_order if name in facts.user_data and name in hit)


def cleared_disks(lines: Sequence[str], disks: Sequence[str]) -> frozenset[str]:
    """Disks whose partitions a ``clearpart`` line removes; without ``--drives`` all of them."""
    hit: set[str] = set()
    for line in lines:
        words = line.split()
        if words[:1] != ["clearpart"] or "--none" in words:
            continue
        if not {"--all", "--linux"} & set(words) and not any(word.startswith("--list") for word in words):
            continue
        drives = drives_of(words)
        hit.update(disks if drives is None else drives)
    return frozenset(hit)


def drives_of(words: Sequence[str]) -> tuple[str, ...] | None:
    """The disks ``--drives`` names in a line's words, None without it."""
    found: list[str] | None = None
    for index, word in enumerate(words):
        if word.startswith("--drives="):
            found = word.partition("=")[2].split(",")
        elif word == "--drives" and index + 1 < len(words):
            found = words[index + 1].split(",")
    if found is None:
        return None
    return tuple(one.strip("\"'").removeprefix("/dev/") for one in found if one.strip("\"'"))
