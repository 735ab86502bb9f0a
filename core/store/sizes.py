"""Sizes as parted printed them and Rocks stored them: ``66.4GB``, ``8390MB``, ``32.3kB``."""

from __future__ import annotations

import re
from decimal import Decimal

_SIZE = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*([kKmMgGtTpP]?)(i?)[bB]?\s*", re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def parse_size(text: str) -> int | None:
    """Return the size in bytes, or None when the text is not a size.

    parted's kB, MB, GB are powers of 1000; ``GiB`` is a power of 1024. A decimal comma (parted under some locales)
    counts as a point.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    number, prefix, binary = match.groups()
    factor = (1024 if binary else 1000) ** _POWERS[prefix.lower()]
    return int(Decimal(number.replace(",", ".")) * factor)
