"""Natural order of names: ``compute-0-2`` before ``compute-0-10``. Cheap to import, safe for any text."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = re.compile(r"[0-9]{1,18}")

NaturalKey = tuple[str, str]


@lru_cache(maxsize=65_536)
def natural_key(name: str) -> NaturalKey:
    """A sort key that compares runs of ASCII digits as numbers and the rest case-insensitively.

    The numbers become text that sorts like them, their length before their digits: one key is kept for each of ten
    thousand names, and a text takes a fifth of the memory of a tuple for each part.
    """
    return _DIGITS.sub(_sortable, name.casefold()), name


def _sortable(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return f"0{len(digits):02}{digits}"
