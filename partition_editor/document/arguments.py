"""Matching of one line's words with its command's options. Pure; any thread.

The installers' option parser fixes the behaviour, oddities included: a word is an option only by its first
characters, a value may be a negative number, and positional arguments are taken group by group, so that members
after an option are a second group.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from partition_editor.document.directive import Given, Problem, Replacement
from partition_editor.document.tokens import Token
from partition_editor.findings import Severity
from partition_editor.options import CommandTable, Option, OptionKind, option_history

NEGATIVE_NUMBER = re.compile(r"-\d+$|-\d*\.\d+$")


@dataclass(slots=True)
class Arguments:
    """What the words of a line came to."""

    given: list[Given] = field(default_factory=list)
    groups: list[list[Token]] = field(default_factory=list)
    """Runs of words that are no options, in order."""
    unknown: list[Token] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Match:
    option: Option | None
    written: str = ""
    attached: str | None = None
    """The text behind ``=``."""


def match_arguments(table: CommandTable, words: Sequence[Token], release: str) -> Arguments:
    """Sort a command's words into options with their values, and the rest."""
    found = Arguments()
    matches = _classify(table, words, release, found)
    run: list[Token] = []
    position = 0
    while position < len(words):
        match = matches[position]
        word = words[position]
        if match is None:
            if word.text != "--" or "--" in (one.text for one in words[:position]):
                run.append(word)
            position += 1
            continue
        if run:
            found.groups.append(run)
            run = []
        following = words[position + 1] if position + 1 < len(words) and matches[position + 1] is None else None
        position += 1
        if _take(match, word, following, release, found):
            position += 1
    if run:
        found.groups.append(run)
    return found


def _classify(table: CommandTable, words: Sequence[Token], release: str, found: Arguments) -> list[_Match | None]:
    """For every word its option, ``_Match(None)`` for something like an option, or None for an argument."""
    matches: list[_Match | None] = []
    only_arguments = False
    for word in words:
        if word.text == "--":
            only_arguments = True
        matches.append(None if only_arguments else _option_of(table, word, release, found))
    return matches


def _option_of(table: CommandTable, word: Token, release: str, found: Arguments) -> _Match | None:
    text = word.text
    if not text.startswith("-") or len(text) == 1:
        return None
    if text in table.options:
        return _Match(table.options[text], text)
    name, equals, value = text.partition("=")
    attached = value if equals else None
    if equals and name in table.options:
        return _Match(table.options[name], name, attached)
    candidates = table.completions(name) if name.startswith("--") else ()
    if len(candidates) == 1:
        option = table.options[candidates[0]]
        found.problems.append(
            Problem(
                "KS008",
                f"{name} is read as {candidates[0]}; write it out.",
                word.column,
                len(name),
                Severity.WARNING,
                f"write {candidates[0]}",
                (Replacement(word.column, len(name), candidates[0]),) if word.is_plain else (),
            )
        )
        return _Match(option, name, attached)
    if candidates:
        found.problems.append(
            Problem("KS002", f"{name} could be {' or '.join(candidates)}; write it out.", word.column, word.length)
        )
        return _Match(None)
    if NEGATIVE_NUMBER.match(text) or " " in text:
        return None
    found.unknown.append(word)
    found.problems.append(_unknown_option(table, name, word, release))
    return _Match(None)


def _unknown_option(table: CommandTable, name: str, word: Token, release: str) -> Problem:
    history = option_history(table.name, name)
    same_line = [one for one in history if one.startswith("RHEL") == release.startswith("RHEL")]
    remark = ""
    if same_line:
        number = _release_number(release)
        later = [one for one in same_line if _release_number(one) > number]
        remark = f" (known since {later[0]})" if later else f" (removed after {same_line[-1]})"
    return Problem("KS002", f"{release} has no {name} for {table.name}{remark}.", word.column, word.length)


def _release_number(release: str) -> int:
    return int(re.sub(r"\D", "", release))


def _take(match: _Match, word: Token, following: Token | None, release: str, found: Arguments) -> bool:
    """Record one option; True when the following word was its value."""
    option = match.option
    if option is None:
        return False
    if option.deprecated:
        text = f"{option.name} is ignored by {release}."
        found.problems.append(Problem("KS004", text, word.column, word.length, Severity.WARNING))
    if match.attached is not None:
        begin = word.column + len(match.written) + 1 if word.is_plain else word.column
        if option.kind is OptionKind.FLAG:
            text = f"{option.name} takes no value."
            mend = (Replacement(word.column, word.length, option.name),)
            found.problems.append(
                Problem("KS003", text, word.column, word.length, fix_label=f"write {option.name}", fix=mend)
            )
            return False
        length = word.end - begin
        found.given.append(
            Given(option, match.written, match.attached, True, word.column, word.length, begin, length)
        )
        return False
    if option.kind is OptionKind.FLAG or (option.kind is OptionKind.OPTIONAL and following is None):
        found.given.append(Given(option, match.written, None, False, word.column, word.length))
        return False
    if following is None:
        found.problems.append(Problem("KS003", f"{option.name} needs a value.", word.column, word.length))
        return False
    length = following.end - word.column
    found.given.append(
        Given(option, match.written, following.text, False, word.column, length, following.column, following.length)
    )
    return True
