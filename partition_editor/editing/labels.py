"""Blank disks get a label with the first thing put on them: the installers stop at one that has none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.outcome import Refused
from partition_editor import building
from partition_editor.disks import Disk
from partition_editor.document import edits
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_spec
from partition_editor.editing.change import Change
from partition_editor.picture import Picture
from partition_editor.requests import ClearRequest, Spec


def give_labels(picture: Picture, change: Change | Refused) -> Change | Refused:
    """A change whose ``clearpart`` line also covers the blank disks that it is the first to use."""
    blank = [disk for disk in picture.disks if _is_blank(picture, disk)]
    if isinstance(change, Refused) or not blank:
        return change
    spec = read_spec(change.document, picture.profile)
    names = _used(spec, blank, every=len(blank) == len(picture.disks))
    if not names:
        return change
    if spec.clear is None:
        values: dict[str, edits.Value] = {"--all": True, "--initlabel": True, "--drives": ",".join(names)}
        added = building.add(change.document, "clearpart", [], values, picture.release)
        if isinstance(added, Refused):
            return change
        line = change.line + (1 if added.line <= change.line else 0)
        return replace(change, document=added.document, line=line, note=_note(change, names))
    covered = _covering(change.document, spec.clear, names, picture.release)
    return replace(change, document=covered, note=_note(change, names)) if covered is not None else change


def _is_blank(picture: Picture, disk: Disk) -> bool:
    """Nothing is on it, and nothing in the text gives it a label."""
    planned = picture.disk(disk.name)
    return disk.label is None and not disk.partitions and planned is not None and planned.label is None


def _used(spec: Spec, blank: Sequence[Disk], *, every: bool) -> list[str]:
    """Blank disks that something is put on; the first one where the installer may choose and all are blank."""
    parts = [part for part in spec.parts if part.onpart is None]
    names = [disk.name for disk in blank if any(part.disk == disk.name for part in parts)]
    if not names and every and any(part.disk is None for part in parts):
        return [blank[0].name]
    return names


def _covering(document: Document, clear: ClearRequest, names: Sequence[str], release: str) -> Document | None:
    values: dict[str, edits.Value] = {}
    if clear.drives:
        values["--drives"] = ",".join([*clear.drives, *(one for one in names if one not in clear.drives)])
    if clear.mode != "all":
        values["--initlabel"] = True
    result = edits.set_options(document, clear.line, values, release)
    return None if isinstance(result, Refused) else result


def _note(change: Change, names: Sequence[str]) -> str:
    label = f"{', '.join(names)}: blank, so clearpart gives {'it a label' if len(names) == 1 else 'them labels'}"
    return f"{change.note}; {label}" if change.note else label
