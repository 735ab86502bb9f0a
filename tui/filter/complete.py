"""What could be typed next on the filter line."""

from __future__ import annotations

from collections.abc import Iterable

from tui.filter.fields import BY_NAME, FLAGS, FieldKind, find_field

_BREAKS = " ()!"


def complete(line: str, cursor: int, saved: Iterable[str] = ()) -> list[str]:
    """The words that could stand where the cursor is, each whole, best first.

    Args:
        line: The filter line.
        cursor: Cells before the cursor.
        saved: Names of saved filters.
    """
    word = word_at(line, cursor)
    if word.startswith("@"):
        return sorted(f"@{name}" for name in saved if name.startswith(word[1:]))
    name, sign, value = word.partition(":")
    if sign:
        field = find_field(name)
        return [f"{name}:{one}" for one in field.values if one.startswith(value.lower())] if field else []
    if not word:
        return []
    lower = word.lower()
    found = [flag for flag in FLAGS if flag.startswith(lower) and flag != lower]
    for known, field in BY_NAME.items():
        if known.startswith(lower):
            found.append(f"{known}>" if field.kind is FieldKind.NUMBER else f"{known}:")
    return found


def word_at(line: str, cursor: int) -> str:
    """The part of the word before the cursor."""
    start = cursor
    while start > 0 and line[start - 1] not in _BREAKS:
        start -= 1
    return line[start:cursor]
