"""The marked set: identities, never row numbers. A range being drawn is part of it until it ends."""

from __future__ import annotations

from collections.abc import Iterable, Set

from core.hypervisor.model import ContainerName
from core.inventory.snapshot import VmKey


class Marks:
    """Marked slices by container, so that a change of one container touches only its own."""

    def __init__(self) -> None:
        self._by_container: dict[ContainerName, set[VmKey]] = {}
        self._range: frozenset[VmKey] = frozenset()
        self._anchor: VmKey | None = None

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, VmKey):
            return False
        return key in self._by_container.get(key.container, ()) or key in self._range

    def __len__(self) -> int:
        return len(self.keys()) if self._range else sum(len(keys) for keys in self._by_container.values())

    def keys(self) -> Set[VmKey]:
        """All marked slices."""
        found: set[VmKey] = set(self._range)
        for keys in self._by_container.values():
            found |= keys
        return found

    @property
    def containers(self) -> int:
        """On how many containers marked slices are."""
        return len({key.container for key in self.keys()})

    @property
    def anchor(self) -> VmKey | None:
        """Where the range being drawn began; None when none is."""
        return self._anchor

    def toggle(self, key: VmKey) -> None:
        """Mark a slice, or take its mark away."""
        if key in self:
            self.discard((key,))
        else:
            self.add((key,))

    def add(self, keys: Iterable[VmKey]) -> None:
        """Mark slices."""
        for key in keys:
            self._by_container.setdefault(key.container, set()).add(key)

    def discard(self, keys: Iterable[VmKey]) -> None:
        """Take marks away."""
        gone = frozenset(keys)
        self._range -= gone
        for key in gone:
            marked = self._by_container.get(key.container)
            if marked is not None:
                marked.discard(key)
                if not marked:
                    del self._by_container[key.container]

    def clear(self) -> None:
        """Take all marks away and end the range."""
        self._by_container.clear()
        self._range = frozenset()
        self._anchor = None

    def begin_range(self, anchor: VmKey) -> None:
        """Begin drawing a range."""
        self._anchor = anchor
        self._range = frozenset((anchor,))

    def stretch_range(self, keys: Iterable[VmKey]) -> None:
        """What the range covers now."""
        self._range = frozenset(keys)

    def end_range(self) -> None:
        """Keep what the range covers."""
        self.add(self._range)
        self._range = frozenset()
        self._anchor = None

    def keep_only(self, container: ContainerName, present: Set[VmKey]) -> None:
        """Forget marks on slices a container no longer has: another one may get their place, not their mark."""
        marked = self._by_container.get(container)
        if marked is not None and not marked <= present:
            marked &= present
            if not marked:
                del self._by_container[container]
        if self._range:
            self._range = frozenset(key for key in self._range if key.container != container or key in present)
        if self._anchor is not None and self._anchor.container == container and self._anchor not in present:
            self.end_range()

    def keep_containers(self, present: Set[ContainerName]) -> None:
        """Forget marks on containers that are gone."""
        for name in [name for name in self._by_container if name not in present]:
            del self._by_container[name]
        self._range = frozenset(key for key in self._range if key.container in present)
