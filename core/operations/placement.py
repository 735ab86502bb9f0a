"""Where the VMs of a container go when it is emptied: by memory, disk and CPUs over the other containers. Pure.

The largest VM first, each to the container that is relatively emptiest with it (worst fit), so that no container is
filled to the brim while another one idles. The same input gives the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.operations.words import bytes_text, memory_text


@dataclass(frozen=True, slots=True)
class Load:
    """What one VM takes along.

    Attributes:
        memory_kib: 0 for one that does not run.
        may_go: Containers that can take it at all; None for every one.
        why_not: Why none can, where none can.
    """

    name: str
    memory_kib: int
    disk_bytes: int
    vcpus: int
    may_go: frozenset[str] | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Space:
    """What one container has left, and in all."""

    name: str
    memory_kib: int
    memory_free_kib: int
    disk_free_bytes: int
    cpus: int
    vcpus_used: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """The answer.

    Attributes:
        places: VM → container.
        missing: VM → what is missing, and where it would come closest.
        immovable: VM → why no container can take it, however much room there is.
    """

    places: dict[str, str]
    missing: dict[str, str]
    immovable: dict[str, str]


def place(loads: Sequence[Load], spaces: Sequence[Space]) -> Placement:
    """Find a container for each VM."""
    left = {one.name: one for one in spaces}
    places: dict[str, str] = {}
    missing: dict[str, str] = {}
    immovable: dict[str, str] = {}
    for load in sorted(loads, key=lambda one: (-one.memory_kib, -one.disk_bytes, one.name)):
        able = [one for one in left.values() if load.may_go is None or one.name in load.may_go]
        if not able:
            immovable[load.name] = load.why_not or "can go to no container that answers"
            continue
        fitting = [
            one for one in able if one.memory_free_kib >= load.memory_kib and one.disk_free_bytes >= load.disk_bytes
        ]
        if not fitting:
            missing[load.name] = _missing(load, able)
            continue
        best = min(fitting, key=lambda one: (_fullness(one, load), one.name))
        places[load.name] = best.name
        left[best.name] = Space(
            best.name,
            best.memory_kib,
            best.memory_free_kib - load.memory_kib,
            best.disk_free_bytes - load.disk_bytes,
            best.cpus,
            best.vcpus_used + load.vcpus,
        )
    return Placement(places, missing, immovable)


def _fullness(space: Space, load: Load) -> float:
    """How full the fuller of memory and CPUs is with the VM; CPUs may be promised several times over."""
    memory = 1.0 - (space.memory_free_kib - load.memory_kib) / max(1, space.memory_kib)
    cpus = (space.vcpus_used + load.vcpus) / max(1, 4 * space.cpus)
    return max(memory, cpus)


def _missing(load: Load, able: Sequence[Space]) -> str:
    roomiest = max(able, key=lambda one: one.memory_free_kib)
    if roomiest.memory_free_kib < load.memory_kib:
        short = load.memory_kib - roomiest.memory_free_kib
        return f"short of {memory_text(short)} of memory even on {roomiest.name}"
    widest = max((one for one in able if one.memory_free_kib >= load.memory_kib), key=lambda one: one.disk_free_bytes)
    return f"short of {bytes_text(load.disk_bytes - widest.disk_free_bytes)} on disk even on {widest.name}"
