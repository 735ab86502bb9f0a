"""RK: what Rocks does with the text before the installer sees it. Source: Rocks 5.0 to 7.0's do_partition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from partition_editor.findings import Finding, Fix, Severity, Span, TextEdit
from partition_editor.requests import MountRequest
from partition_editor.rules.subject import Subject, finding

SCHEMES = ("manual", "force-default", "force-default-root-disk-only")
LONGEST_MOUNT_POINT = 15
ROCKS_OWN = re.compile(r"/state/partition\d+")
"""Mount points of Rocks' own default schemes, two characters too long by its own word."""


def check_rocks(subject: Subject) -> Iterator[Finding]:
    """Findings RK001 … RK008."""
    if not subject.is_kickstart:
        yield from _last_line(subject)
        yield from _schemes(subject)
        if not subject.directives:
            text = "no directives: Rocks falls back to its default scheme, or partitions nothing at all."
            yield finding("RK008", text)
    yield from _raid_last(subject)
    yield from _long_mount_points(subject)
    yield from _stamps(subject)


def _last_line(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    if document.ends_with_newline:
        return
    number = len(document)
    end = len(document.lines[-1].raw)
    text = f"line {number}: the last character of the last line would be cut off by Rocks: it has no newline."
    fix = Fix("add the newline", (TextEdit(Span(number, end), document.ending),))
    yield finding("RK001", text, Span(number, max(end - 1, 0), 1), fixes=(fix,))


def _schemes(subject: Subject) -> Iterator[Finding]:
    scheme = subject.spec.scheme
    for number, directive in subject.directives:
        line = subject.document.line(number)
        words = line.raw.split() if line else []
        if directive.word.text == "rocks" and len(words) != 2:
            text = f"line {number}: passed to the installer as a directive and refused there: write two words."
            yield finding("RK004", text, subject.line_span(number))
    if scheme is None:
        return
    others = [number for number, _ in subject.directives if number != scheme.line]
    if others:
        text = f'"rocks {scheme.word}" makes Rocks throw away the other {len(others)} lines.'
        edits = tuple(TextEdit(subject.line_span(one), None, whole_line=True) for one in others)
        fixes = (
            *subject.remove_fix("keep the directives", scheme.line),
            Fix("keep the scheme", edits),
        )
        yield finding("RK002", text, subject.line_span(scheme.line), fixes=fixes)
    if scheme.word not in SCHEMES:
        text = f'Rocks ignores the unknown scheme "{scheme.word}": nothing would be partitioned.'
        yield finding("RK003", text, subject.line_span(scheme.line))


def _raid_last(subject: Subject) -> Iterator[Finding]:
    rocks = subject.rocks
    if rocks is None:
        return
    raids = {one.mount for one in subject.spec.raids if one.mount.startswith("pv.")}
    for group in subject.spec.volgroups:
        for member in group.members:
            if member not in raids:
                continue
            span = subject.member_span(group.line, member)
            if rocks <= 6:
                text = f"Rocks prints raid lines last; {subject.release} reads line by line, so {group.name} would "
                yield finding("RK005", text + f"not find {member}.", span)
            else:
                text = f"Rocks prints raid lines last; {subject.release} sorts lines by kind, so {group.name} finds "
                yield finding("RK005", text + f"{member} all the same.", span, severity=Severity.INFO)


def _long_mount_points(subject: Subject) -> Iterator[Finding]:
    for one in subject.mounted:
        if len(one.mount) > LONGEST_MOUNT_POINT and not ROCKS_OWN.fullmatch(one.mount):
            text = f'"{_short(one.mount)}" is {len(one.mount)} characters; '
            text += f"Rocks documents a limit of {LONGEST_MOUNT_POINT} (disk labels)."
            yield finding("RK006", text, subject.argument_span(one.line, 1 if isinstance(one, MountRequest) else 0))


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _stamps(subject: Subject) -> Iterator[Finding]:
    for disk in subject.disks:
        if disk.stamped:
            node = subject.node or "the node"
            text = (
                f"{disk.name} carries .rocks-release: {node} would reconnect its disks and ignore this file; release "
                f"it first (rocks remove host partition {subject.node or 'NODE'}; rm /.rocks-release on every "
                "partition)."
            )
            yield finding("RK007", text, device=disk.name)
