"""Numbers in few cells, with short units.

Memory is binary (KiB in, ``M`` and ``G`` out) as libvirt and Rocks count it; disks and rates are decimal, as Rocks'
``disksize`` is. None becomes an empty text: what a driver cannot tell is not zero.
"""

from __future__ import annotations

_UNITS = ("", "K", "M", "G", "T", "P", "E")


def short_kib(kib: int | None) -> str:
    """Memory: ``512M``, ``1.0G``, ``12G``."""
    return "" if kib is None else _scaled(float(kib), 1024.0, 1, least=2)


def short_bytes(count: float | None) -> str:
    """Disk space: ``36G``, ``2.1G``."""
    return "" if count is None else _scaled(count, 1000.0, 0, least=2)


def short_rate(bytes_per_second: float | None) -> str:
    """Bytes per second in at most four cells: ``1.2M``, ``-`` for nothing."""
    if bytes_per_second is None:
        return ""
    return "-" if bytes_per_second < 0.5 else _scaled(bytes_per_second, 1000.0, 0, least=0)


def short_percent(percent: float | None) -> str:
    """``12%``."""
    return "" if percent is None else f"{percent:.0f}%"


def pair_kib(used_kib: int | None, total_kib: int | None) -> str:
    """Used and total memory with one unit: ``12/16G``."""
    return _pair(used_kib, total_kib, 1024.0, 1)


def pair_bytes(used: float | None, total: float | None) -> str:
    """Used and total disk space with one unit: ``88/400G``."""
    return _pair(used, total, 1000.0, 0)


def span_of(seconds: float) -> str:
    """A duration in its two largest units: ``3d 4h``, ``12m``, ``8 s``."""
    left = max(0, round(seconds))
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3_600)
    minutes, left = divmod(left, 60)
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    return f"{minutes}m" if minutes else f"{left} s"


def _scaled(value: float, base: float, power: int, *, least: int) -> str:
    while power < len(_UNITS) - 1 and (power < least or _rounds_to(value, base)):
        value /= base
        power += 1
    return f"{_digits(value, power)}{_UNITS[power]}"


def _rounds_to(value: float, base: float) -> bool:
    return value >= base - 0.5


def _digits(value: float, power: int) -> str:
    """One decimal to small numbers of large units, whole ones too: in a column 2.0M stands below 1.8M."""
    return f"{value:.1f}" if power >= 2 and 0.05 <= value < 9.95 else f"{value:.0f}"


def _pair(used: float | None, total: float | None, base: float, power: int) -> str:
    if total is None or total <= 0:
        return ""
    divisor = 1.0
    while power < len(_UNITS) - 1 and (power < 2 or _rounds_to(total / divisor, base)):
        divisor *= base
        power += 1
    parts = [_trimmed(value / divisor) for value in ([] if used is None else [used]) + [total]]
    return "/".join(parts) + _UNITS[power]


def _trimmed(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"
