"""The ``clearpart`` line: which disks lose what they hold, and which label they get. Pure; any thread."""

from __future__ import annotations

from dataclasses import dataclass

from core.outcome import Refused
from partition_editor import building
from partition_editor.document import edits
from partition_editor.editing.change import Change
from partition_editor.options import commands
from partition_editor.picture import Picture

MODES = ("all", "linux", "none")


@dataclass(frozen=True, slots=True)
class ClearWish:
    """What the dialog asks.

    Attributes:
        mode: ``all`` partitions, only ``linux`` ones, or ``none``.
        drives: Disks, separated by blanks or commas; empty means every disk of the node.
        initlabel: Blank disks get a label (RHEL 5: every one of the drives does).
        label: ``msdos`` or ``gpt`` for new labels; empty takes the release's own.
    """

    mode: str = "all"
    drives: str = ""
    initlabel: bool = True
    label: str = ""


def has_disklabel(picture: Picture) -> bool:
    """The release lets the text choose the label."""
    table = commands(picture.release).get("clearpart")
    return table is not None and "--disklabel" in table.options


def clear_wish(picture: Picture) -> ClearWish:
    """What the text says now; every disk by name when it says nothing."""
    now = picture.spec.clear
    if now is None:
        return ClearWish(drives=" ".join(disk.name for disk in picture.disks))
    return ClearWish(now.mode or "none", " ".join(now.drives), now.initlabel, now.disklabel or "")


def clear_and_label(picture: Picture, wish: ClearWish) -> Change | Refused:
    """Write the ``clearpart`` line, or change the one that counts."""
    if wish.mode not in MODES:
        return Refused(f"clear {', '.join(MODES)}; not {wish.mode}.")
    drives = wish.drives.replace(",", " ").split()
    known = {disk.name for disk in picture.disks}
    strange = next((one for one in drives if known and one not in known), None)
    if strange is not None:
        return Refused(f"there is no disk {strange}; there are {', '.join(sorted(known))}.")
    if wish.label and not has_disklabel(picture):
        return Refused(f"{picture.release} cannot choose the label in the text.")
    values: dict[str, edits.Value] = {f"--{one}": one == wish.mode for one in ("none", "linux", "all")}
    values |= {"--initlabel": wish.initlabel, "--drives": ",".join(drives) or None}
    if has_disklabel(picture):
        values["--disklabel"] = wish.label or None
    note = "" if drives else "without drives every disk of the node is cleared"
    label = f"clear {wish.mode} on {', '.join(drives) or 'every disk'}"
    now = picture.spec.clear
    if now is None:
        if wish.mode == "none" and not wish.initlabel:
            return Refused("this would clear nothing.")
        added = building.add(picture.document, "clearpart", [], values, picture.release)
        return added if isinstance(added, Refused) else Change(added.document, label, added.line, note)
    result = edits.set_options(picture.document, now.line, values, picture.release)
    return result if isinstance(result, Refused) else Change(result, label, now.line, note)
