"""Natural order of names: ``compute-0-2`` before ``compute-0-10``. Cheap to import, safe for any text."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = re.compile(r"([0-9]{1,18})")

NaturalKey = tuple[tuple[int, int, str], ...]


@lru_cache(maxsize=65_536)
def natural_key(name: str) -> NaturalKey:
    """A sort key that compares runs of ASCII digits as numbers and the rest case-insensitively."""
    parts = _DIGITS.split(name)
    key = tuple((0, int(part), "") if at % 2 else (1, 0, part.casefold()) for at, part in enumerate(parts) if part)
    return (*key, (2, 0, name))
