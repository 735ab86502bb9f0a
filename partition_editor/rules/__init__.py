"""Every rule a text is checked by, each under its id (`docs/partition-rules.md`).

`check` is pure and deterministic; any thread may call it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from partition_editor.disks import Disk, Profile
from partition_editor.document.lines import Document
from partition_editor.findings import Finding, Severity
from partition_editor.layout import Layout, PlanRefusal
from partition_editor.rules.boot import check_boot
from partition_editor.rules.lvm import check_lvm
from partition_editor.rules.mounts import check_mounts
from partition_editor.rules.raid import check_raid
from partition_editor.rules.results import check_results
from partition_editor.rules.rocks import check_rocks
from partition_editor.rules.safety import check_safety
from partition_editor.rules.subject import Subject
from partition_editor.rules.syntax import check_syntax
from partition_editor.rules.targets import check_targets

__all__ = ["check"]

GROUPS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    check_syntax,
    check_rocks,
    check_targets,
    check_mounts,
    check_boot,
    check_raid,
    check_lvm,
    check_results,
    check_safety,
)
"""In order: of two findings of one rule on one line the earlier group's stays."""

SAID_ONCE = frozenset({"PT019"})

ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check(
    document: Document,
    disks: Sequence[Disk],
    profile: Profile,
    answer: Layout | PlanRefusal | None = None,
    node: str = "",
) -> list[Finding]:
    """Every finding about a text on a node, by line; those about no line come last.

    Args:
        document: The text.
        disks: The node's disks; empty when they are not known (then nothing is said about them).
        profile: Release and firmware.
        answer: What `partition_editor.planner.plan` says of it; None leaves out everything that needs a layout.
        node: Its name, for messages.

    Raises:
        PartitionError: The profile's release is unknown.
    """
    subject = Subject(document, tuple(disks), profile, answer, node)
    found: list[Finding] = []
    static_rules: set[str] = set()
    seen: set[tuple[str, int | None, str]] = set()
    for group in GROUPS:
        for one in group(subject):
            line = one.span.line if one.span else None
            is_grave = one.severity is Severity.ERROR or one.rule in SAID_ONCE
            repeats = group is check_results and is_grave and one.rule in static_rules
            if repeats or (one.rule, line, one.message) in seen:
                continue
            seen.add((one.rule, line, one.message))
            found.append(one)
        static_rules = {one.rule for one in found}
    return sorted(found, key=_place)


def _place(one: Finding) -> tuple[bool, int, int, int, str, str, str]:
    line, column = (one.span.line, one.span.column) if one.span else (0, 0)
    return one.span is None, line, ORDER[one.severity], column, one.rule, one.device, one.message
