"""From a raw line to a `Directive`, for one release. Results are kept: the same text is never read twice.

Reading never fails: whatever is wrong is a `Problem` in the directive. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from partition_editor.document.arguments import Arguments, match_arguments
from partition_editor.document.constraints import check_constraints
from partition_editor.document.directive import Directive, Given, Problem, Replacement, as_integer
from partition_editor.document.tokens import Token, tokenise
from partition_editor.findings import Severity
from partition_editor.options import CommandTable, OptionKind, canonical, commands, fedora_age, releases, scheme_names

POSITIONALS = {
    "part": (1,),
    "logvol": (1,),
    "mount": (1, 1),
    "raid": (1, None),
    "volgroup": (None, None),
    "snapshot": (1,),
    "nvdimm": (1,),
    "stratispool": (None, None),
    "stratisfs": (1,),
}
"""How many words each positional argument takes, in order; None for any number."""

OPEN_ENDED = frozenset({"raid", "volgroup", "btrfs", "stratispool"})
"""Commands that take any number of members."""

BYTE_ORDER_MARK = "\ufeff"
"""What some editors of other systems put in front of a text."""

UNIT = re.compile(r"\s*(\d+)(?:\.(\d+))?\s*([KMGT]?)(?:i?B)?\s*$", re.IGNORECASE)
FACTORS = {"K": 1, "": 1024, "M": 1024, "G": 1024**2, "T": 1024**3}
"""KiB in a unit; MiB when none is given."""


@lru_cache(maxsize=16384)
def read_directive(raw: str, release: str) -> Directive | None:
    """Read one line for one release.

    Args:
        raw: The line without its line end.
        release: As in `partition_editor.options.releases`.

    Returns:
        None for a blank line or a comment.

    Raises:
        PartitionError: The release is unknown.
    """
    cut = tokenise(raw)
    if not cut.tokens or raw.isspace():
        return None
    word, words = cut.tokens[0], cut.tokens[1:]
    if cut.open_quote is not None:
        broken = Problem("KS006", "a quote is not closed.", cut.open_quote, len(raw) - cut.open_quote)
        return Directive("", word, problems=(broken,))
    if not word.text or word.text.startswith("%"):
        return _section(word)
    command = canonical(word.text)
    table = commands(release).get(command)
    if table is None or (word.text != command and word.text not in commands(release)):
        return Directive("", word, arguments=words, problems=(_unknown_command(word, release),))
    if table.kind == "removed":
        text = f"{command} is no longer known to {release}."
        return Directive(command, word, arguments=words, problems=(_at(word, "KS001", text),), table=table)
    if table.kind == "deprecated":
        text = f"{command} is ignored by {release}."
        ignored = Problem("KS004", text, word.column, word.length, Severity.WARNING)
        return Directive(command, word, arguments=words, problems=(ignored,), table=table)
    return _read(command, word, words, table, release)


def _read(command: str, word: Token, words: tuple[Token, ...], table: CommandTable, release: str) -> Directive:
    found = match_arguments(table, words, release)
    problems = [*found.problems]
    arguments = _arguments(command, release, found, problems)
    for given in found.given:
        problems.extend(_check_value(given, command, table, release))
    problems.extend(_check_minor(found.given, command, release))
    for option in {one.name: one for one in table.options.values() if one.required}.values():
        if not any(given.option is option for given in found.given):
            problems.append(_at(word, "KS005", f"{command} needs {option.name}."))
    problems.extend(_looks_like_option(token, command, release) for token in arguments if token.text[:1] == "-")
    directive = Directive(command, word, tuple(found.given), tuple(arguments), (), table)
    problems.extend(check_constraints(directive, release))
    problems.sort(key=lambda one: (one.column, one.rule, one.message))
    return Directive(command, word, tuple(found.given), tuple(arguments), tuple(problems), table)


def _arguments(command: str, release: str, found: Arguments, problems: list[Problem]) -> list[Token]:
    """Hand the runs of words to the positional arguments as the installers' parser does."""
    everything = [token for group in found.groups for token in group]
    if command == "btrfs":
        return everything
    if command == "zerombr" and everything and fedora_age(release) < 9:
        text = f"{release} ignores what follows zerombr; later releases refuse it."
        span = everything[-1].end - everything[0].column
        problems.append(Problem("KS004", text, everything[0].column, span, Severity.WARNING))
        return everything
    wanted = list(POSITIONALS.get(command, ()))
    taken: list[Token] = []
    left: list[list[Token]] = []
    for group in found.groups:
        rest = list(group)
        while wanted and rest:
            count = wanted.pop(0)
            size = len(rest) if count is None else count
            taken += rest[:size]
            rest = rest[size:]
            if not rest and wanted and wanted[0] is None:
                wanted.pop(0)
        if rest:
            left.append(rest)
    if command in OPEN_ENDED and left:
        taken, left = _late_members(command, release, taken, left, problems)
    for group in left:
        problems.extend(_unexpected(token, found) for token in group)
    return taken


def _late_members(
    command: str, release: str, taken: list[Token], left: list[list[Token]], problems: list[Problem]
) -> tuple[list[Token], list[list[Token]]]:
    """Members behind an option count only when none stood before it."""
    late = [token for group in left for token in group]
    if command == "raid" and len(taken) > 1:
        for token in late:
            like_option = token.text.startswith("-")
            problems.append(_looks_like_option(token, command, release) if like_option else _dropped(token))
        return taken, []
    if command != "raid":
        problems.extend(_dropped(token) for token in taken[1:])
        taken = taken[:1]
    return taken + late, []


def _looks_like_option(token: Token, command: str, release: str) -> Problem:
    if token.text.startswith("--"):
        return Problem("KS002", f"{release} has no {token.text} for {command}.", token.column, token.length)
    text = f'"{token.text}" begins with "-" and would be taken for an option.'
    return Problem("KS012", text, token.column, token.length)


def _dropped(token: Token) -> Problem:
    text = f'"{token.text}" is lost: write all members next to each other.'
    return Problem("KS011", text, token.column, token.length, Severity.WARNING)


def _unexpected(token: Token, found: Arguments) -> Problem:
    """A word too many; the usual cause is a blank behind a comma."""
    for given in found.given:
        end = given.column + given.length
        after_comma = given.option.kind is OptionKind.LIST and (given.value or "").endswith(",")
        if after_comma and token.column >= end:
            fix = (Replacement(end, token.column - end, ""),)
            text = "remove the space after the comma."
            return Problem("KS009", text, token.column, token.length, fix_label="join the list", fix=fix)
    text = f'"{token.text}" is one word too many.'
    return Problem("KS012", text, token.column, token.length)


def _check_value(given: Given, command: str, table: CommandTable, release: str) -> Iterable[Problem]:
    kind, value = given.option.kind, given.value or ""
    column = given.value_column
    length = max(given.value_length, 1)
    if kind is OptionKind.INT and as_integer(value) is None:
        yield _not_a_number(given, command)
    elif kind is OptionKind.LEVEL and command == "raid" and value.upper() not in table.levels:
        known = ", ".join(sorted((one for one in table.levels if one.isdigit()), key=int))
        yield Problem("MD005", f'{release} has no RAID level "{value}"; it has {known}.', column, length)
    elif kind is OptionKind.LEVEL and command == "btrfs" and value.lower() not in table.levels:
        yield Problem("MD005", f'btrfs has no level "{value}".', column, length)
    elif kind is OptionKind.SCHEME and value.lower() not in scheme_names(release):
        names = ", ".join(scheme_names(release))
        yield Problem("KS003", f'{release} has no partitioning type "{value}"; it has {names}.', column, length)


def _check_minor(options: Sequence[Given], command: str, release: str) -> Iterable[Problem]:
    """Old releases number their arrays; of repeated ``--device`` options only the last is looked at."""
    devices = [one for one in options if one.option.name == "--device"]
    if command != "raid" or not devices or not numbers_arrays(release):
        return
    last = devices[-1]
    if as_integer((last.value or "").removeprefix("md")) is None:
        text = f'{release} numbers its arrays: --device="{last.value}" must be md0, md1, … or a number.'
        yield Problem("KS003", text, last.value_column, max(last.value_length, 1))


def numbers_arrays(release: str) -> bool:
    """RAID devices are minors (``md0``), not names: until Fedora 18 and RHEL 6."""
    return fedora_age(release) < 19


def _not_a_number(given: Given, command: str) -> Problem:
    value = given.value or ""
    name = given.option.name
    unit = "MiB" if name in ("--size", "--maxsize", "--reserved-space", "--metadatasize", "--cachesize") else ""
    guess = guess_number(value) if unit else None
    what = f"{name} needs a whole number{' of MiB' if unit else ''}"
    if guess is None:
        return Problem("KS003", f'{what}, not "{value}".', given.value_column, max(given.value_length, 1))
    spelling = f"{name}={guess}" if given.joined else f"{name} {guess}"
    return Problem(
        "KS003",
        f'{what}; "{value}" has a unit. Write {spelling}.',
        given.value_column,
        given.value_length,
        fix_label=f"write {spelling}",
        fix=(Replacement(given.value_column, given.value_length, str(guess)),),
    )


def guess_number(text: str) -> int | None:
    """The MiB that a size with a unit most likely means, rounded up; None when it is no size."""
    match = UNIT.match(text)
    if not match or len(text) > 40:
        return None
    whole, fraction, unit = match.groups()
    digits = fraction or ""
    kib = int(whole + digits) * FACTORS[unit.upper()]
    per_mib: int = 1024 * 10 ** len(digits)
    return -(-kib // per_mib)


def _unknown_command(word: Token, release: str) -> Problem:
    if word.text.startswith(BYTE_ORDER_MARK):
        text = "the text begins with a byte order mark, which the installer takes for a part of the first word."
        fix = (Replacement(word.column, 1, ""),)
        return Problem("KS001", text, word.column, 1, fix_label="take the mark out", fix=fix)
    name = canonical(word.text)
    knowing = [one for one in releases() if name in commands(one)]
    if knowing and name == word.text:
        return _at(word, "KS001", f"{release} has no {name} (known to {knowing[0]} … {knowing[-1]}).")
    close = next((one for one in (*commands(release), "rocks") if one == word.text.lower()), "")
    guess = f" Commands are written small: {close}." if close else ""
    return _at(word, "KS001", f'"{word.text}" is not a kickstart partitioning command.{guess}')


def _section(word: Token) -> Directive:
    if not word.text:
        return Directive("", word, problems=(_at(word, "KS001", "a line cannot begin with an empty word."),))
    return Directive(
        "", word, problems=(_at(word, "KS007", "sections and includes are not allowed in user_partition_info."),)
    )


def _at(word: Token, rule: str, message: str) -> Problem:
    return Problem(rule, message, word.column, max(word.length, 1))
