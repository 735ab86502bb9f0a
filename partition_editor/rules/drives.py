"""Fixes for a drive that is not there: another drive, on one line or wherever the text names it. Pure; any thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from partition_editor.disks import Disk
from partition_editor.document.drives import named_drives
from partition_editor.findings import Fix, Span, TextEdit
from partition_editor.rules.subject import Subject

MOST_CANDIDATES = 6
"""More drives than these are not offered one by one."""


def other_drives(subject: Subject, missing: str, line: int, usable: Sequence[Disk]) -> tuple[Fix, ...]:
    """A fix for each drive that could be meant: on this line, then on all lines that name the missing one.

    Args:
        subject: The text and the node.
        missing: The name that no drive has.
        line: A ``part`` line with ``--ondisk`` of that name.
        usable: The node's drives, those hidden from the installer left out.
    """
    here = [span for name, span in named_drives(subject.by_line[line], line, ("--ondisk",)) if name == missing]
    candidates = _by_likelihood(subject, usable)[:MOST_CANDIDATES]
    if not here:
        written = (subject.set_fix(f"write --ondisk={name}", line, {"--ondisk": name}) for name in candidates)
        return tuple(fix for fixes in written for fix in fixes)
    fixes = [Fix(f"write --ondisk={name}", _written(here, name)) for name in candidates]
    everywhere = subject.drive_places[missing]
    count = len({one.line for one in everywhere})
    if count > 1:
        fixes += [
            Fix(f"write {name} for {missing} on all {count} lines", _written(everywhere, name))
            for name in candidates
            if not any(one.line == span.line for one in subject.drive_places.get(name, ()) for span in everywhere)
        ]
    return tuple(fixes)


def _written(places: Sequence[Span], name: str) -> tuple[TextEdit, ...]:
    return tuple(TextEdit(one, name) for one in places)


def _by_likelihood(subject: Subject, usable: Sequence[Disk]) -> list[str]:
    """Drives that nothing is put on yet first, removable ones last, else in the node's order."""
    used = Counter(part.disk for part in subject.parts)
    return [one.name for one in sorted(usable, key=lambda disk: (disk.removable, used[disk.name]))]
