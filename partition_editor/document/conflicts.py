"""What lines say against each other before anything is planned: commands that exclude each other, and repetitions.

Also the answer of an installer that stops while it reads. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from partition_editor.document.directive import Directive, Problem
from partition_editor.document.lines import Document
from partition_editor.document.parsing import numbers_arrays
from partition_editor.document.reading import normalise_mount_point, read_directives
from partition_editor.findings import Severity
from partition_editor.layout import PlanRefusal

Numbered = tuple[int, Directive]


def exclusive_commands(directives: Sequence[Numbered]) -> Iterator[tuple[int, str, int, str]]:
    """Lines whose command excludes one before: line, command, the line before, its command."""
    seen: dict[str, int] = {}
    for number, directive in directives:
        if directive.table is None:
            continue
        for other in directive.table.conflicts:
            if other in seen:
                yield number, directive.command, seen[other], other
                break
        seen.setdefault(directive.command, number)


def ignoredisk_clashes(directives: Sequence[Numbered]) -> Iterator[tuple[int, int]]:
    """``ignoredisk`` lines that add ``--only-use`` to an earlier ``--drives`` or the other way round."""
    first: dict[str, int] = {}
    for number, directive in directives:
        if directive.command != "ignoredisk":
            continue
        for option, other in (("--drives", "--only-use"), ("--only-use", "--drives")):
            if directive.words(option):
                if other in first:
                    yield number, first[other]
                first.setdefault(option, number)


def parser_warnings(document: Document, release: str) -> list[str]:
    """What the installer's parser remarks about repeated names, in its own words and order."""
    warnings: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for _, directive in read_directives(document, release):
        key, text = _repeated(directive, release)
        if key and key in seen and directive.is_valid:
            warnings.append(f"KickstartParseWarning: {text} has already been defined.")
        if directive.is_valid and key:
            seen.add(key)
    return warnings


def _repeated(directive: Directive, release: str) -> tuple[tuple[str, ...], str]:
    name = normalise_mount_point(directive.arguments[0].text) if directive.arguments else ""
    match directive.command:
        case "part" if name != "swap":
            return ("part", name), f"A partition with the mountpoint {name}"
        case "raid":
            device = directive.text("--device") or ""
            shown = device.removeprefix("md") if numbers_arrays(release) else device
            return ("raid", shown), f"A RAID device with the name {shown}"
        case "volgroup":
            return ("volgroup", name), f"A volgroup with the name {name}"
        case "logvol":
            volume, group = directive.text("--name") or "", directive.text("--vgname") or ""
            text = f"A logical volume with the name {volume} has already been defined in volume group {group}."
            return ("logvol", group, volume), text.removesuffix(".").replace(" has already been defined", "")
    return (), ""


def parse_refusal(document: Document, release: str) -> PlanRefusal | None:
    """What the installer would stop on while reading, or None. The first line counts, as it does there.

    Raises:
        PartitionError: The release is unknown.
    """
    directives = read_directives(document, release)
    errors: list[tuple[int, str]] = []
    for number, directive in directives:
        problem = first_error(directive)
        if problem is not None:
            errors.append((number, problem.message))
            break
    for number, command, _, other in exclusive_commands(directives):
        errors.append((number, f"{command} and {other} cannot be combined."))
    for number, _ in ignoredisk_clashes(directives):
        errors.append((number, "ignoredisk takes --drives or --only-use, not both."))
    if not errors:
        return None
    number, message = min(errors)
    return PlanRefusal("parse", f"line {number}: {message}", line=number)


def first_error(directive: Directive) -> Problem | None:
    """The first problem that makes the release refuse the line."""
    return next((one for one in directive.problems if one.severity is Severity.ERROR), None)
