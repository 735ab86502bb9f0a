"""Sizes and lists as the plans say them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

GIB_KIB = 1024 * 1024


def memory_text(kib: int) -> str:
    """Memory with its unit, as short as it can be exact enough: ``512 MiB``, ``1.5 GiB``, ``64 GiB``."""
    if kib < GIB_KIB:
        return f"{kib / 1024:.0f} MiB"
    gib = kib / GIB_KIB
    return f"{gib:.0f} GiB" if gib == int(gib) or gib >= 100 else f"{gib:.1f} GiB"


def bytes_text(count: int) -> str:
    """Bytes in decimal units, as disks are sold: ``36 GB``, ``2.1 GB``, ``800 MB``."""
    size, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.0f} {units[0]}" if size >= 10 or size == int(size) else f"{size:.1f} {units[0]}"


def time_text(seconds: float) -> str:
    """An estimate, no finer than it can be: ``4 s``, ``10 min``, ``3 h``."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.0f} h"


def counted(count: int, one: str, many: str = "") -> str:
    """``1 VM``, ``2 VMs``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def some_names(names: Sequence[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def no_container(name: str, known: Sequence[str]) -> str:
    """Why nothing can go to or come from a node without a libvirt URI, and what to do.

    Args:
        known: The containers there are.
    """
    there = f"there are {some_names(known, 8)}" if known else f"set host attr {one_line(name)} libvirt_uri URI"
    return f'"{one_line(name)}" is no VM container: {there}'


def one_line(text: str) -> str:
    """Foreign text on one line: control and format characters become ``?``."""
    return "".join("?" if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in text)
