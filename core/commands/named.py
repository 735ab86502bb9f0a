"""Words that name memberships, appliances, networks: exact names or ``%`` patterns, as in Rocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from core.commands.hostpattern import glob_matcher, is_glob, like_matcher
from core.commands.refusal import refuse
from core.commands.values import one_of

if TYPE_CHECKING:
    from core.commands.invocation import Invocation

T = TypeVar("T")


def select_named(kind: str, rows: Sequence[T], words: Sequence[str], name: Callable[[T], str]) -> list[T]:
    """The rows the words name, in the order of the words; every row when there are none.

    Args:
        kind: What the rows are, for the sentence.

    Raises:
        Refusal: A word names nothing: ``unknown membership "x"``.
    """
    if not words:
        return list(rows)
    chosen: list[T] = []
    for word in words:
        matches = glob_matcher(word) if is_glob(word) else like_matcher(word)
        found = [row for row in rows if matches(name(row))]
        if not found:
            refuse(f'unknown {kind} "{word}"')
        chosen += [row for row in found if row not in chosen]
    return chosen


def existing_words(call: Invocation, rows: Sequence[T], name: Callable[[T], str]) -> Sequence[str]:
    """The command's words; with ``missing=ok`` only those that name something.

    Raises:
        Refusal: `missing` has another value.
    """
    if call.text("missing") is None:
        return call.hosts
    one_of("missing", call.text("missing") or "", ("ok",))
    return [word for word in call.hosts if any(like_matcher(word)(name(row)) for row in rows)]
