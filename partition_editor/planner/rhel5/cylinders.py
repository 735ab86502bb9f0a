"""The cylinder grid of RHEL 5: 255 heads of 63 sectors, whatever the disk really is.

Source: libparted's nearest solution on a cylinder-aligned label. Sectors of 512 bytes.
"""

from __future__ import annotations

TRACK = 63
CYLINDER = 255 * TRACK
"""16,065 sectors, 7.844 MiB."""


def snap(first: int, last: int, size: int, *, logical: bool) -> tuple[int, int] | None:
    """Return first and last sector of a partition of about `size` sectors in the free region ``[first, last]``.

    It starts at the next cylinder boundary (a track behind it on cylinder 0 and for logical partitions) and ends at
    the cylinder end nearest to what was asked, having one cylinder at least. None when the region has none whole.
    """
    boundary = (
        first // CYLINDER if first % CYLINDER <= TRACK and (logical or first <= TRACK) else -(-first // CYLINDER)
    )
    start = boundary * CYLINDER
    if logical or boundary == 0:
        start += TRACK
    wanted_end = min(first + size - 1, last)
    cylinders = (wanted_end + 1 + CYLINDER // 2) // CYLINDER
    cylinders = min(max(cylinders, boundary + 1), (last + 1) // CYLINDER)
    return (start, cylinders * CYLINDER - 1) if cylinders > boundary else None


def cylinder_of(sector: int) -> int:
    """Return the 1-based cylinder a sector lies on, as the installer shows it."""
    return sector // CYLINDER + 1


def whole_cylinders(sectors: int) -> int:
    """Round sectors down to whole cylinders, in sectors."""
    return sectors // CYLINDER * CYLINDER
