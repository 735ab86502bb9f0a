"""What a virtual machine calls the disks that its definition names. Pure; any thread.

A definition names a place (the first IDE disk); the driver in the guest names the device. Linux's xen-blkfront calls
Xen's disks ``xvda`` whatever the place since it is in the upstream kernel, libata calls an emulated IDE disk ``sda``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from partition_editor.disks import Disk

_PLACE = re.compile(r"(?P<kind>xvd|vd|sd|hd)(?P<letters>[a-z]{1,2})")
_KINDS = ("xvd", "sd", "vd", "hd")
_XEN_SINCE = {"hd": 6, "sd": 7}
"""Releases of RHEL from which on a place has ``xvd``'s letter. RHEL 5 kept both kinds, RHEL 6 counts sda as xvde."""


def as_on_xen(disks: Sequence[Disk], release: str) -> tuple[Disk, ...]:
    """The disks of a definition as a guest of Xen will call them that never said it."""
    number = int(release[4:]) if re.fullmatch(r"RHEL\d+", release) else max(_XEN_SINCE.values())
    found = []
    for disk in disks:
        place = _PLACE.fullmatch(disk.name)
        since = _XEN_SINCE.get(place["kind"]) if place is not None else None
        renamed = place is not None and since is not None and number >= since
        found.append(replace(disk, name=f"xvd{place['letters']}") if renamed and place is not None else disk)
    return _unless_doubled(tuple(disks), found)


def as_told(disks: Sequence[Disk], told: Collection[str]) -> tuple[Disk, ...]:
    """The disks of a definition by the names that the node itself uses, where it told no disk of the same name."""
    found = []
    for disk in disks:
        place = _PLACE.fullmatch(disk.name)
        others = [f"{kind}{place['letters']}" for kind in _KINDS] if place is not None else []
        name = next((one for one in others if one in told), None)
        found.append(disk if disk.name in told or name is None else replace(disk, name=name))
    return _unless_doubled(tuple(disks), found)


def _unless_doubled(before: tuple[Disk, ...], after: Sequence[Disk]) -> tuple[Disk, ...]:
    """Two places cannot be one device: then nothing is known."""
    return tuple(after) if len({disk.name for disk in after}) == len(after) else before
