"""What a filter is asked about, and what it may know beside that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from core.inventory.snapshot import ContainerView, VmKey, VmView


class Subject(NamedTuple):
    """One slice to be judged.

    Attributes:
        text: All that plain words are looked for in, in lower case: name, container, addresses, comment.
    """

    vm: VmView
    container: ContainerView
    text: str


@dataclass(frozen=True, slots=True)
class FilterContext:
    """What a filter may know beside the slice.

    Attributes:
        marked: Marked slices.
        jobs: What the last job of each slice came to ("failed", "done"), for ``job:failed``.
    """

    marked: Set[VmKey] = frozenset()
    jobs: Mapping[VmKey, str] = field(default_factory=dict)


Test = Callable[[Subject, FilterContext], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter.

    Attributes:
        source: The text it was made from.
        test: Whether a slice passes.
        uses_marks: The answer changes when marks change.
        uses_jobs: The answer changes with what jobs come to.
    """

    source: str
    test: Test
    uses_marks: bool = False
    uses_jobs: bool = False


def subject_of(vm: VmView, container: ContainerView) -> Subject:
    """A slice made ready for judging."""
    return Subject(vm, container, searched_text(vm, container))


def searched_text(vm: VmView, container: ContainerView) -> str:
    """Everything plain words are looked for in, one thing a line, in lower case."""
    parts = [vm.name, container.name]
    if vm.record is not None:
        for stored in vm.record.interfaces:
            parts.extend(part for part in (stored.ip, stored.mac) if part)
        parts.append(vm.record.comment)
    else:
        parts.extend(interface.mac for interface in vm.interfaces)
    return "\n".join(parts).lower()
