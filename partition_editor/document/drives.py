"""Where a text names drives: ``--ondisk``, ``--drives`` and the like. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from partition_editor.document.directive import Directive
from partition_editor.findings import Span

DRIVE_OPTIONS = ("--ondisk", "--drives", "--only-use", "--boot-drive", "--driveorder")


def drive_places(directives: Iterable[tuple[int, Directive]]) -> dict[str, list[Span]]:
    """Drive name, without ``/dev/`` → every place of the text that names it."""
    found: dict[str, list[Span]] = {}
    for line, directive in directives:
        for name, span in named_drives(directive, line):
            found.setdefault(name, []).append(span)
    return found


def named_drives(
    directive: Directive, line: int, options: Sequence[str] = DRIVE_OPTIONS
) -> Iterable[tuple[str, Span]]:
    """Each drive that some options of a line name, with its place; a quoted value has no exact places."""
    for option in options:
        given = directive.find(option)
        if given is None or given.value is None or given.value_length != len(given.value):
            continue
        column = given.value_column
        for word in given.value.split(","):
            name = word.strip().removeprefix("/dev/")
            if name:
                yield name, Span(line, column + word.index(name), len(name))
            column += len(word) + 1
