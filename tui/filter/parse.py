"""From a filter line to a test, by recursive descent: or, and, not, one term."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui.filter.fields import ALIASES, BY_NAME, FLAGS, field_test, find_field, flag_test
from tui.filter.pattern import Pattern, PatternError
from tui.filter.subject import Filter, FilterContext, Subject, Test
from tui.filter.tokens import FilterError, Kind, Token, tokenize

_FIELD = re.compile(r"([A-Za-z][A-Za-z-]*)(>=|<=|!=|[:=<>])(.*)", re.DOTALL)

_DEEPEST = 50
"""Parentheses and ``not`` inside each other."""

_ENDS = (Kind.END, Kind.CLOSE, Kind.OR)


class _Wrong(Exception):
    """Carries a FilterError out of the recursion; never leaves this module."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.error = FilterError(message, position)


_MARKS, _JOBS = "marked", "job"
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Part:
    test: Test
    uses: frozenset[str] = _NOTHING


def parse_filter(text: str, saved: Mapping[str, str] | None = None) -> Filter | FilterError | None:
    """Read a filter line.

    Args:
        text: What was typed.
        saved: Saved filters by name, for ``@name``.

    Returns:
        The filter, what is wrong with it, or None when the line is empty: everything passes.
    """
    return _parse(text, saved or {}, ())


def _parse(text: str, saved: Mapping[str, str], inside: tuple[str, ...]) -> Filter | FilterError | None:
    tokens = tokenize(text)
    if isinstance(tokens, FilterError):
        return tokens
    if len(tokens) == 1:
        return None
    try:
        part = _Reader(tokens, saved, inside).whole()
    except _Wrong as wrong:
        return wrong.error
    return Filter(text, part.test, _MARKS in part.uses, _JOBS in part.uses)


class _Reader:
    """One pass over the tokens."""

    def __init__(self, tokens: list[Token], saved: Mapping[str, str], inside: tuple[str, ...]) -> None:
        self.tokens = tokens
        self.saved = saved
        self.inside = inside
        self.at = 0
        self.depth = 0

    def whole(self) -> _Part:
        part = self.either()
        left = self.peek()
        if left.kind is not Kind.END:
            raise _Wrong('")" without "("', left.start)
        return part

    def either(self) -> _Part:
        parts = [self.both()]
        while self.peek().kind is Kind.OR:
            self.at += 1
            parts.append(self.both())
        return _any(parts) if len(parts) > 1 else parts[0]

    def both(self) -> _Part:
        parts = [self.negated()]
        while self.peek().kind not in _ENDS:
            if self.peek().kind is Kind.AND:
                self.at += 1
            parts.append(self.negated())
        return _all(parts) if len(parts) > 1 else parts[0]

    def negated(self) -> _Part:
        token = self.peek()
        if token.kind is not Kind.NOT:
            return self.term()
        self.at += 1
        self.deeper(token)
        part = self.negated()
        self.depth -= 1
        test = part.test
        return _Part(lambda subject, context: not test(subject, context), part.uses)

    def term(self) -> _Part:
        token = self.peek()
        if token.kind is Kind.OPEN:
            return self.grouped(token)
        if token.kind is Kind.PATTERN:
            self.at += 1
            return _pattern_part(token)
        if token.kind is Kind.WORD:
            self.at += 1
            return self.word(token)
        before = self.tokens[self.at - 1].text if self.at else ""
        what = f'after "{before}"' if before else "here"
        raise _Wrong(f"something to look for is missing {what}", token.start)

    def grouped(self, opened: Token) -> _Part:
        self.at += 1
        self.deeper(opened)
        part = self.either()
        self.depth -= 1
        if self.peek().kind is not Kind.CLOSE:
            raise _Wrong('"(" is never closed', opened.start)
        self.at += 1
        return part

    def word(self, token: Token) -> _Part:
        if token.quoted:
            return _contains(token.text)
        if token.text.startswith("@"):
            return self.saved_filter(token)
        if token.text.lower() in FLAGS:
            name = token.text.lower()
            return _Part(flag_test(name), frozenset({name}))
        matched = _FIELD.fullmatch(token.text)
        if matched is None:
            return _contains(token.text)
        return _field_part(token, matched[1], matched[2], matched[3])

    def saved_filter(self, token: Token) -> _Part:
        name = token.text[1:]
        if name not in self.saved:
            near = difflib.get_close_matches(name, self.saved, n=1)
            known = f'did you mean "@{near[0]}"?' if near else _known_filters(self.saved)
            raise _Wrong(f'no saved filter "@{name}": {known}', token.start)
        if name in self.inside:
            raise _Wrong(f'the saved filter "@{name}" uses itself', token.start)
        made = _parse(self.saved[name], self.saved, (*self.inside, name))
        if isinstance(made, FilterError):
            raise _Wrong(f"in the saved filter @{name}: {made.message}", token.start)
        if made is None:
            return _Part(lambda _subject, _context: True)
        uses = {word for word, used in ((_MARKS, made.uses_marks), (_JOBS, made.uses_jobs)) if used}
        return _Part(made.test, frozenset(uses))

    def peek(self) -> Token:
        return self.tokens[self.at]

    def deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Wrong(f"more than {_DEEPEST} levels inside each other", token.start)


def _contains(text: str) -> _Part:
    wanted = text.lower()
    return _Part(lambda subject, _: wanted in subject.text)


def _pattern_part(token: Token) -> _Part:
    if not token.text:
        raise _Wrong('a pattern is missing after "~"', token.start)
    try:
        pattern = Pattern(token.text)
    except PatternError as error:
        raise _Wrong(f"in the pattern: {error}", token.start + 1 + error.position) from None
    return _Part(lambda subject, _: pattern.found_in(subject.vm.name))


def _field_part(token: Token, name: str, sign: str, value: str) -> _Part:
    field = find_field(name)
    if field is None:
        if sign in (":", "="):
            near = difflib.get_close_matches(name.lower(), [*BY_NAME, *ALIASES], n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(BY_NAME)}"
        else:
            hint = "only fields with numbers compare: mem, disk, cpu, net, vcpus, slice, rack, rank"
        raise _Wrong(f'no field "{name}": {hint}', token.start)
    test = field_test(field, sign, value)
    if isinstance(test, str):
        raise _Wrong(test, token.start + len(name) + len(sign))
    return _Part(test, frozenset({field.name}))


def _all(parts: list[_Part]) -> _Part:
    tests = [part.test for part in parts]

    def test(subject: Subject, context: FilterContext) -> bool:
        for one in tests:  # noqa: SIM110 - a generator here costs more than the tests themselves
            if not one(subject, context):
                return False
        return True

    return _Part(test, _NOTHING.union(*(part.uses for part in parts)))


def _any(parts: list[_Part]) -> _Part:
    tests = [part.test for part in parts]

    def test(subject: Subject, context: FilterContext) -> bool:
        for one in tests:  # noqa: SIM110
            if one(subject, context):
                return True
        return False

    return _Part(test, _NOTHING.union(*(part.uses for part in parts)))


def _known_filters(saved: Mapping[str, str]) -> str:
    return "there are " + ", ".join(f"@{name}" for name in saved) if saved else "none is in the settings file"
