"""Sizes as people type them, turned into what a request can say. Mistakes are values. Pure; any thread.

``8000`` ``8G`` ``1.5T`` fix a size; ``25%`` is a share of the disk (or group); ``rest`` fills what is left;
``+2G`` and ``-2G`` change the present size; ``min 4G max 20G``, ``4G..20G`` and ``8G+`` grow between limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.outcome import Refused

NUMBER = re.compile(r"(\d+)(?:[.,](\d+))?\s*(?:([kmgtp])(?:i?b)?|b)?", re.IGNORECASE)
KIB_IN = {"k": 1, "m": 1024, "g": 1024**2, "t": 1024**3, "p": 1024**4}
REST = frozenset({"rest", "fill", "all", "max", "*", "100%free"})
LIMITS = re.compile(r"(?:min\s+(?P<low>.+?))?\s*(?:max\s+(?P<high>.+))?", re.IGNORECASE)
LARGEST_MIB = 1 << 44
"""16 EiB: nothing larger can be a partition."""


@dataclass(frozen=True, slots=True)
class Size:
    """What was meant.

    Attributes:
        size_mib: For ``--size``.
        percent: For a volume's ``--percent``, when a share of the group was meant.
        note: What the operator should know: rounded, capped. Usually empty.
    """

    size_mib: int | None = None
    grow: bool = False
    maxsize_mib: int | None = None
    percent: int | None = None
    note: str = ""


def parse_size(
    text: str, *, total_mib: int | None = None, now_mib: int | None = None, of_group: bool = False
) -> Size | Refused:
    """Read a typed size.

    Args:
        text: What was typed; a bare number is MiB.
        total_mib: Size of the disk, for percentages.
        now_mib: Present size, for ``+2G`` and as the base of ``rest``.
        of_group: A logical volume: a percentage stays one.
    """
    words = " ".join(text.split()).lower()
    if not words:
        return Refused("type a size: 8000, 8G, 25%, rest, +2G, min 4G max 20G.")
    if words in REST:
        return Size(now_mib or 1, grow=True)
    if words.endswith("%") and not words.startswith(("+", "-")):
        return _share(words, total_mib, of_group)
    if words[0] in "+-":
        return _change(words, now_mib)
    if words.endswith("+"):
        base = _amount(words[:-1])
        return base if isinstance(base, Refused) else Size(base[0], grow=True, note=base[1])
    if ".." in words:
        low, _, high = words.partition("..")
        if not low.strip() and not high.strip():
            return Refused("write the limits: 4G..20G.")
        return _between(low, high, now_mib)
    limits = LIMITS.fullmatch(words)
    if limits and (limits["low"] or limits["high"]):
        return _between(limits["low"] or "", limits["high"] or "", now_mib)
    amount = _amount(words)
    if isinstance(amount, Refused):
        return amount
    return Size(amount[0], note=amount[1])


def _amount(text: str) -> tuple[int, str] | Refused:
    """MiB, rounded up, and a note when that changed something."""
    match = NUMBER.fullmatch(text.strip())
    if not match or len(text) > 40:
        return Refused(f'"{text.strip()}" is no size: write 8000, 8G or 1.5T.')
    whole, fraction, unit = match.groups()
    digits = fraction or ""
    scaled = int(whole + digits) * KIB_IN[(unit or "m").lower()]
    divisor: int = 1024 * 10 ** len(digits)
    mib = -(-scaled // divisor)
    if mib == 0:
        return Refused("a size of 0 means nothing; at least 1 MiB.")
    if mib > LARGEST_MIB:
        return Refused(f'"{text.strip()}" is larger than any partition can be.')
    return mib, "" if scaled % divisor == 0 else f"Rounded size up to {mib} MiB"


def _share(words: str, total_mib: int | None, of_group: bool) -> Size | Refused:
    match = re.fullmatch(r"(\d{1,4})(?:[.,](\d{1,6}))?\s*%", words)
    if not match:
        return Refused(f'"{words}" is no percentage.')
    digits = match[2] or ""
    share, scale = int(match[1] + digits), 100 * 10 ** len(digits)
    if not 0 < share <= scale:
        return Refused("a percentage is more than 0 and at most 100.")
    if of_group and not int(digits or "0"):
        return Size(percent=int(match[1]))
    if total_mib is None:
        return Refused("a percentage needs a disk: choose the disk first.")
    mib = total_mib * share // scale
    return Size(mib) if mib else Refused(f"{words} of {total_mib} MiB is less than 1 MiB.")


def _change(words: str, now_mib: int | None) -> Size | Refused:
    if now_mib is None:
        return Refused(f'"{words}" changes a size, and there is none yet.')
    if words.endswith("%"):
        share = _share(words[1:].strip(), now_mib, of_group=False)
        if isinstance(share, Refused):
            return share
        amount, note = share.size_mib or 0, share.note
    else:
        found = _amount(words[1:])
        if isinstance(found, Refused):
            return found
        amount, note = found
    mib = now_mib + amount if words[0] == "+" else now_mib - amount
    if mib < 1:
        return Refused(f"only {now_mib} MiB are there to take from.")
    return Size(mib, note=note) if mib <= LARGEST_MIB else Refused("that is larger than any partition can be.")


def _between(low: str, high: str, now_mib: int | None) -> Size | Refused:
    least: tuple[int, str] | Refused = _amount(low) if low.strip() else (now_mib or 1, "")
    most: tuple[int, str] | Refused | None = _amount(high) if high.strip() else None
    if isinstance(least, Refused):
        return least
    if isinstance(most, Refused):
        return most
    if most is not None and most[0] < least[0]:
        return Refused(f"the smallest size ({least[0]} MiB) is larger than the largest ({most[0]} MiB).")
    note = least[1] or (most[1] if most else "")
    return Size(least[0], grow=True, maxsize_mib=most[0] if most else None, note=note)


def options_of(size: Size, command: str) -> dict[str, str | int | bool | None]:
    """The options a ``part`` or ``logvol`` line needs for a size, for `edits.set_options`."""
    options: dict[str, str | int | bool | None] = {
        "--size": size.size_mib,
        "--grow": True if size.grow else None,
        "--maxsize": size.maxsize_mib,
    }
    if command == "logvol":
        options["--percent"] = size.percent
    return options


def show_mib(mib: int) -> str:
    """A size for people: ``8000 MiB``, ``78.1 GiB``, ``2.00 TiB``."""
    if mib < 10 * 1024:
        return f"{mib} MiB"
    if mib < 10 * 1024 * 1024:
        return f"{mib / 1024:.1f} GiB"
    return f"{mib / 1024 / 1024:.2f} TiB"
