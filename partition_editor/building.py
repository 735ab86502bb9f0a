"""New lines for a text: partitions, arrays, groups, volumes, disks cloned. The steps behind the editor's dialogs.

Every function answers the next document, or why there is none. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.outcome import Refused
from partition_editor.document import edits
from partition_editor.document.edits import Value
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_directives
from partition_editor.document.tokens import quote

ORDER = (
    "ignoredisk",
    "zerombr",
    "clearpart",
    "bootloader",
    "reqpart",
    "autopart",
    "part",
    "raid",
    "volgroup",
    "logvol",
)
"""RHEL 5 and 6 read line by line, so what is used must stand above what uses it."""


@dataclass(frozen=True, slots=True)
class Added:
    """A document with new lines. `line` is the first of them."""

    document: Document
    line: int


def directive_text(command: str, arguments: Sequence[str], options: Mapping[str, Value]) -> str:
    """A line from its parts, options in the order given; None and False leave an option out."""
    words = [command]
    behind: list[str] = []
    if command in ("raid", "volgroup", "btrfs"):
        words.append(quote(arguments[0]))
        behind = [quote(one) for one in arguments[1:]]
    else:
        words += [quote(one) for one in arguments]
    for option, value in options.items():
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words.append(f"{option}={quote(str(value))}")
    return " ".join(words + behind)


def place_for(document: Document, command: str, release: str) -> int:
    """The line in front of which a new directive belongs: behind the last of its kind or of what it may use."""
    rank = ORDER.index(command) if command in ORDER else len(ORDER)
    last = 0
    for number, directive in read_directives(document, release):
        known = ORDER.index(directive.command) if directive.command in ORDER else -1
        if known == rank or (0 <= known < rank):
            last = number
    return last + 1


def add(
    document: Document, command: str, arguments: Sequence[str], options: Mapping[str, Value], release: str
) -> Added | Refused:
    """Add a directive where it belongs, unless the release would refuse it."""
    place = place_for(document, command, release)
    result = edits.add_directive(document, place, directive_text(command, arguments, options), release)
    return result if isinstance(result, Refused) else Added(result, place)


def next_member(document: Document, prefix: str, release: str) -> str:
    """A name no member has yet: ``raid.01``, ``pv.02``; `prefix` is ``raid`` or ``pv``."""
    return next_members(document, prefix, 1, release)[0]


def next_members(document: Document, prefix: str, count: int, release: str) -> list[str]:
    """Several unused member names."""
    taken = {token.text for _, one in read_directives(document, release) for token in one.arguments}
    names: list[str] = []
    number = 1
    while len(names) < count:
        name = f"{prefix}.{number:02d}"
        if name not in taken:
            names.append(name)
        number += 1
    return names


def next_array(document: Document, release: str) -> str:
    """An array name no ``raid`` line has yet: ``md0``, ``md1`` …"""
    taken = {
        (one.text("--device") or "").removeprefix("md")
        for _, one in read_directives(document, release)
        if one.command == "raid"
    }
    number = 0
    while str(number) in taken:
        number += 1
    return f"md{number}"


def clone_disk(document: Document, source: str, target: str, release: str) -> Added | Refused:
    """Repeat the members of one disk on another, under names of their own (RHEL 5's "clone drive").

    Mount points can exist once only, so partitions that are mounted themselves are refused.
    """
    lines = [
        (number, directive)
        for number, directive in read_directives(document, release)
        if directive.command == "part" and directive.text("--ondisk") in (source, f"/dev/{source}")
    ]
    if not lines:
        return Refused(f"there is nothing on {source} to clone.")
    mounted = next((one.arguments[0].text for _, one in lines if one.arguments[0].text.startswith("/")), None)
    if mounted is not None:
        return Refused(f"{mounted} is on {source} and cannot be there twice: clone disks of RAID members.")
    result, first = document, 0
    for number, directive in lines:
        old = directive.arguments[0].text
        member = re.match(r"(raid|pv)\.", old)
        new = next_member(result, member[1], release) if member else old
        line = document.line(number)
        copy = Document((line,)) if line is not None else Document()
        changed = edits.set_options(copy, 1, {"--ondisk": target}, release)
        if not isinstance(changed, Refused):
            changed = edits.set_argument(changed, 1, 0, new, release)
        if isinstance(changed, Refused):
            return changed
        place = place_for(result, "part", release)
        result = edits.insert_lines(result, place, [changed.lines[0].raw])
        first = first or place
    return Added(result, first)
