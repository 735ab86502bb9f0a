"""A preview compared: with another version's, or with what is on the disks today. Pure; any thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from partition_editor.disks import MIB_SECTORS
from partition_editor.fleet.preview import FleetPreview, NodePreview
from partition_editor.layout import Layout


@dataclass(frozen=True, slots=True)
class Change:
    """One node that would get something else."""

    node: str
    sentence: str


def compare(before: FleetPreview, after: FleetPreview) -> tuple[Change, ...]:
    """The nodes whose result differs, in order."""
    earlier = {one.node.name: one for one in before.nodes}
    found = []
    for one in after.nodes:
        other = earlier.get(one.node.name)
        if other is None:
            continue
        differences = list(_differences(other, one))
        if differences:
            found.append(Change(one.node.name, "; ".join(differences)))
    return tuple(found)


def against_today(preview: FleetPreview) -> tuple[Change, ...]:
    """What the install would change on each node whose disks are known, in order."""
    found = []
    for one in preview.nodes:
        answer = one.outcome.answer
        if one.is_unknown or not isinstance(answer, Layout):
            continue
        differences = list(_since_today(one, answer))
        if differences:
            found.append(Change(one.node.name, "; ".join(differences)))
    return tuple(found)


def grouped(changes: Iterable[Change]) -> list[tuple[str, tuple[str, ...]]]:
    """Each sentence with the nodes it is about, the most nodes first."""
    found: dict[str, list[str]] = {}
    for one in changes:
        found.setdefault(one.sentence, []).append(one.node)
    return sorted(((text, tuple(names)) for text, names in found.items()), key=lambda one: -len(one[1]))


def _since_today(one: NodePreview, layout: Layout) -> Iterator[str]:
    old = {
        part.mountpoint: (part.name, part.length // MIB_SECTORS, part.fstype)
        for disk in one.node.disks for part in disk.partitions if part.mountpoint.startswith("/")
    }  # fmt: skip
    new = {mount: place for mount, place in _mounts(one).items() if mount.startswith("/")}
    arrays = {array.mountpoint for array in layout.arrays if array.kept}
    kept = {part.mountpoint for disk in layout.disks for part in disk.partitions if part.kept} | arrays
    for mount, place in new.items():
        if mount in kept:
            continue
        if mount not in old:
            yield f"new {mount} {_place(place)}"
        elif old[mount] == place:
            yield f"{mount} formatted anew on {place[0]}"
        else:
            yield f"{mount} {_place(old[mount])} → {_place(place)}"
    for mount in old.keys() - new.keys():
        yield f"no {mount} any more"


def _differences(before: NodePreview, after: NodePreview) -> Iterator[str]:
    if before.is_unknown and after.is_unknown:
        return
    if before.outcome.is_refused != after.outcome.is_refused:
        yield "refused now" if after.outcome.is_refused else "no longer refused"
    if before.outcome.is_waiting != after.outcome.is_waiting:
        yield "waits for the operator now" if after.outcome.is_waiting else "no longer waits for the operator"
    old, new = _mounts(before), _mounts(after)
    for mount in new.keys() - old.keys():
        yield f"new {mount} on {new[mount][0]}"
    for mount in old.keys() - new.keys():
        yield f"no {mount} any more"
    for mount in sorted(old.keys() & new.keys()):
        if old[mount] != new[mount]:
            yield f"{mount} {_place(old[mount])} → {_place(new[mount])}"
    lost = _lost(after) - _lost(before)
    if lost:
        yield f"would lose {', '.join(sorted(lost))}"


def _mounts(one: NodePreview) -> dict[str, tuple[str, int, str]]:
    answer = one.outcome.answer
    if not isinstance(answer, Layout):
        return {}
    found = {}
    for disk in answer.disks:
        for part in disk.partitions:
            if part.mountpoint:
                found[part.mountpoint] = (part.name, part.length // MIB_SECTORS, part.fstype)
    for array in answer.arrays:
        found[array.mountpoint] = (array.name, array.size_bytes // 2**20, array.fstype)
    for volume in answer.volumes:
        found[volume.mountpoint] = (f"{volume.vg}/{volume.name}", volume.size_bytes // 2**20, volume.fstype)
    return {mount: place for mount, place in found.items() if mount}


def _place(place: tuple[str, int, str]) -> str:
    return f"{place[0]} {place[1]} MiB {place[2]}".rstrip()


def _lost(one: NodePreview) -> set[str]:
    return {f"{loss.name} {loss.mountpoint}".strip() for loss in one.outcome.losses}
