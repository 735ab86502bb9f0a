"""RHEL 5's volume groups: everything floored to extents, growth by repeated fractions. MiB throughout.

Source: anaconda 11.1's ``lvm`` and ``growLogicalVolumes``; its fractions are floating point, and so are these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

from partition_editor.planner.refusing import Stop
from partition_editor.requests import LogVolRequest, VolGroupRequest

DEFAULT_PE_KIB = 32768
_ROUNDS = 10


@dataclass(slots=True, eq=False)
class OldVolume:
    """A logical volume: its request, the size it starts with and its size now."""

    request: LogVolRequest
    start_mib: int
    size_mib: int


@dataclass(slots=True, eq=False)
class OldGroup:
    """A volume group of whole extents."""

    request: VolGroupRequest
    pe_kib: int
    size_mib: int
    devices: tuple[str, ...]
    volumes: list[OldVolume]

    @property
    def used_mib(self) -> int:
        """What the volumes take."""
        return sum(_floored(one.size_mib, self.pe_kib) for one in self.volumes)


def usable_mib(size_mib: float, pe_kib: int) -> int:
    """Return what a physical volume offers: whole extents, one less when under 1 MiB would be left for metadata."""
    kib = size_mib * 1024.0
    usable = int(floor(kib / pe_kib) * pe_kib)
    if kib - usable < 1024:
        usable -= pe_kib
    return max(usable, 0) // 1024


def _floored(size_mib: float, pe_kib: int) -> int:
    return int(floor(size_mib * 1024.0 / pe_kib) * pe_kib) // 1024


def make_groups(
    groups: Sequence[VolGroupRequest],
    volumes: Sequence[LogVolRequest],
    members: Mapping[str, tuple[str, float]],
) -> list[OldGroup]:
    """Return the groups with their volumes grown; `members` gives device and size of each physical volume.

    Raises:
        Stop: The volumes do not fit.
    """
    made = []
    for request in groups:
        pe = request.pesize_kib or DEFAULT_PE_KIB
        found = [members[name] for name in request.members if name in members]
        size = sum(usable_mib(mib, pe) for _, mib in found)
        group = OldGroup(request, pe, size, tuple(device for device, _ in found), [])
        for one in volumes:
            if one.vgname == request.name:
                asked = one.size_mib or 0
                if one.percent:
                    asked = _floored(size * one.percent / 100, pe)
                group.volumes.append(OldVolume(one, asked, asked))
        _grow(group)
        made.append(group)
    for group in made:
        if not group.request.useexisting and group.used_mib > group.size_mib:
            raise Stop(
                "Adding this partition would not leave enough disk space for already allocated logical volumes in "
                f"{group.request.name}.",
                group.request.line,
                short_mib=group.used_mib - group.size_mib,
            )
        for volume in group.volumes:
            volume.size_mib = _floored(volume.size_mib, group.pe_kib)
    return made


def _grow(group: OldGroup) -> None:
    growing = [one for one in group.volumes if one.request.grow]
    if not growing:
        return
    pe = group.pe_kib
    current = {id(one): _floored(one.size_mib, pe) for one in growing}
    limits = {id(one): _floored(one.request.maxsize_mib, pe) for one in growing if one.request.maxsize_mib}
    for _ in range(_ROUNDS + 1):
        changed = False
        completed: set[int] = set()
        for one in growing:
            total = sum(
                other.start_mib
                for other in growing
                if id(other) not in completed
                and (id(other) not in limits or _floored(other.size_mib, pe) < limits[id(other)])
            )
            if not total:
                break
            free = group.size_mib - group.used_mib
            size = _floored(free * (one.start_mib / total), pe) + current[id(one)]
            size = min(size, limits.get(id(one), size))
            one.size_mib = size
            changed = changed or size != current[id(one)]
            current[id(one)] = size
            completed.add(id(one))
        if not changed:
            break
