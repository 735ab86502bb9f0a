"""Patterns for host names: SQL's ``%``, the shell's ``*`` ``?`` ``[…]``, and number ranges ``[0-3,5]``."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.commands.refusal import refuse

MOST_NUMBERS = 65_536
"""Longest range that is taken seriously."""

_NUMBERS = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})?(,[0-9]{1,9}(-[0-9]{1,9})?)*")


def like_matcher(pattern: str) -> Callable[[str], bool]:
    """SQL's LIKE as MySQL had it: ``%`` any text, ``_`` any character, case ignored."""
    parts = {"%": ".*", "_": "."}
    expression = "".join(parts.get(one) or re.escape(one) for one in pattern)
    return _matcher(expression)


def is_glob(word: str) -> bool:
    """The word is a pattern rather than a name."""
    return any(one in word for one in "*?[")


def glob_matcher(word: str) -> Callable[[str], bool]:
    """A shell pattern, with ``[…]`` also as a list of numbers and number ranges.

    Raises:
        Refusal: A bracket is not closed, or a range is empty, backwards or absurdly long.
    """
    expression = ""
    at = 0
    while at < len(word):
        letter = word[at]
        if letter == "[":
            end = word.find("]", at + 2)
            if end < 0:
                refuse(f'"{word}" has a [ without a ]')
            expression += _bracket(word, word[at + 1 : end])
            at = end
        else:
            expression += {"*": ".*", "?": "."}.get(letter) or re.escape(letter)
        at += 1
    return _matcher(expression)


def numbers_of(word: str, listed: str) -> list[str]:
    """The numbers of ``0-3,5``; a range that starts with a zero keeps its width (``08-10`` is 08 09 10).

    Raises:
        Refusal: A range is backwards or absurdly long.
    """
    found: list[str] = []
    for item in listed.split(","):
        low, _, high = item.partition("-")
        first, last = int(low), int(high or low)
        if last < first or last - first >= MOST_NUMBERS:
            refuse(f'"{word}" has an impossible range "{item}"')
        width = len(low) if low.startswith("0") else 0
        found += [str(number).zfill(width) for number in range(first, last + 1)]
    return found


def is_numbers(listed: str) -> bool:
    """The inside of the brackets is a list of numbers and ranges of them."""
    return _NUMBERS.fullmatch(listed) is not None


def _bracket(word: str, inside: str) -> str:
    if is_numbers(inside):
        return f"(?:{'|'.join(numbers_of(word, inside))})"
    negated = inside[0] in "!^"
    letters = inside[1:] if negated else inside
    safe = re.sub(r"([\\\]\[^&~|])", r"\\\1", letters)
    expression = f"[{'^' if negated else ''}{safe}]"
    try:
        re.compile(expression)
    except re.error:
        refuse(f'"{word}" has an impossible range "[{inside}]"')
    return expression


def _matcher(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression, re.IGNORECASE | re.DOTALL)
    return lambda name: compiled.fullmatch(name) is not None
