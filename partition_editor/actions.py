"""Which edits are possible on what is selected, and the sentence why not.

Every action is either allowed, perhaps with a note, or refused with its reason; none is hidden. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from core.outcome import Allowed, Refused, Verdict
from partition_editor.disks import MIB_SECTORS, Firmware
from partition_editor.layout import PlannedDisk, PlannedPartition
from partition_editor.planner.formats import format_named
from partition_editor.requests import LogVolRequest, PartRequest, RaidRequest, Request, VolGroupRequest
from partition_editor.rules.mounts import fstype_of
from partition_editor.rules.raid import minimum_members
from partition_editor.rules.subject import Subject


class Action(Enum):
    """What an operator may want to do."""

    NEW = "new"
    EDIT = "edit"
    DELETE = "delete"
    RAID = "raid"
    LVM = "lvm"
    GROW = "grow"
    FILL = "fill"
    PRIMARY = "primary"
    MOVE = "move"
    CLONE = "clone"
    KEEP = "keep"


class Kind(Enum):
    """What is selected."""

    DISK = "disk"
    FREE = "free"
    PARTITION = "partition"
    ARRAY = "array"
    GROUP = "group"
    VOLUME = "volume"
    LINE = "line"
    """A line that the release refuses: nothing is made by it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The thing the cursor is on.

    Attributes:
        line: Its line in the text; None for a disk, for free space and for what is on the disk but not in the text.
        name: Device name, for a partition that is not in the text.
        sectors: How large free space is.
    """

    kind: Kind
    disk: str = ""
    line: int | None = None
    name: str = ""
    sectors: int = 0


def verdict(action: Action, selection: Selection, subject: Subject) -> Verdict:
    """Can this be done to what is selected?"""
    if selection.kind is Kind.LINE:
        return _on_refused_line(action, selection, subject)
    spec = subject.spec
    if spec.scheme is not None:
        return Refused(f'"rocks {spec.scheme.word}" decides everything; remove line {spec.scheme.line} first.')
    if spec.autopart is not None and subject.age > 6:
        return Refused(f"autopart decides everything; remove line {spec.autopart.line} first.")
    return CHECKS[action](selection, subject)


def _on_refused_line(action: Action, selection: Selection, subject: Subject) -> Verdict:
    """A line that is not understood can be mended or taken out; what belongs to no line is done as anywhere."""
    if action in (Action.EDIT, Action.DELETE):
        return Allowed()
    if action in (Action.NEW, Action.RAID, Action.LVM):
        disk = subject.disk_names[0] if subject.disk_names else ""
        return verdict(action, Selection(Kind.DISK, disk), subject)
    return Refused(f"{subject.release} refuses line {selection.line}: mend it or delete it first.")


def _request(selection: Selection, subject: Subject) -> Request | None:
    return next((one for one in subject.spec.requests if one.line == selection.line), None)


def _planned(selection: Selection, subject: Subject) -> PlannedDisk | None:
    layout = subject.layout
    return next((one for one in layout.disks if one.name == selection.disk), None) if layout else None


def _partition(selection: Selection, subject: Subject) -> PlannedPartition | None:
    disk = _planned(selection, subject)
    for one in disk.partitions if disk else ():
        if (selection.line is not None and one.line == selection.line) or one.name == selection.name:
            return one
    return None


def _foreign(selection: Selection, subject: Subject) -> Refused | None:
    """What is on the disk now but not in the text, and extended partitions."""
    found = _partition(selection, subject)
    if found is not None and found.kind == "extended":
        return Refused("The extended partition follows its logical ones: change those.")
    if selection.kind is Kind.PARTITION and selection.line is None:
        return Refused(f"{selection.name} is on the disk but not in the text: keep it first, or clear it.")
    return None


def _room_mib(selection: Selection, subject: Subject) -> int | None:
    """Free space on the selected disk in MiB; None when nobody knows."""
    disk = _planned(selection, subject)
    return None if disk is None else sum(one.length // MIB_SECTORS for one in disk.free)


def _grows(subject: Subject, disk: str) -> bool:
    return any(part.grow and (part.disk in (disk, None)) for part in subject.parts)


def _new(selection: Selection, subject: Subject) -> Verdict:
    if selection.kind is Kind.GROUP or selection.kind is Kind.VOLUME:
        return _new_volume(selection, subject)
    if selection.kind is Kind.FREE:
        if selection.sectors < MIB_SECTORS:
            return Refused("Unusable space: less than 1 MiB.")
        return _slots(selection, subject)
    disk = _planned(selection, subject)
    if disk is not None and disk.label is None:
        return Allowed(f"{disk.name} is blank: it gets a label first.")
    room = _room_mib(selection, subject)
    if room == 0 and not _grows(subject, selection.disk):
        return Refused(f"{selection.disk} is full: make something smaller first.")
    if room == 0:
        return Allowed("What grows gives way.")
    return _slots(selection, subject)


def _slots(selection: Selection, subject: Subject) -> Verdict:
    disk = _planned(selection, subject)
    if disk is None:
        return Allowed()
    primaries = sum(one.kind != "logical" for one in disk.partitions)
    if disk.label == "gpt" and primaries >= 128:
        return Refused(f"Partition limit reached: {disk.name} holds 128.")
    if disk.label == "msdos" and primaries >= 4 and not any(one.kind == "extended" for one in disk.partitions):
        if any(part.asprimary for part in subject.parts):
            return Refused(f"Primary partition limit reached on {disk.name}: take --asprimary from one of them.")
        return Refused(f"Primary partition limit reached on {disk.name}.")
    return Allowed()


def _new_volume(selection: Selection, subject: Subject) -> Verdict:
    request = _request(selection, subject)
    name = (
        request.vgname
        if isinstance(request, LogVolRequest)
        else request.name
        if isinstance(request, VolGroupRequest)
        else ""
    )
    group = next((one for one in subject.layout.groups if one.name == name), None) if subject.layout else None
    if group is not None and not group.free_extents:
        if any(one.grow and one.vgname == name for one in subject.spec.logvols):
            return Allowed("What grows gives way.")
        return Refused(f"{name} is full: make a volume smaller first.")
    return Allowed()


def _edit(selection: Selection, subject: Subject) -> Verdict:
    if selection.kind is Kind.FREE:
        return Refused("There is nothing to edit in free space: make a new partition.")
    if selection.kind is Kind.DISK:
        return Refused("A disk is not edited: clear it, or change its partitions.")
    foreign = _foreign(selection, subject)
    if foreign:
        return foreign
    user = _user_of(selection, subject)
    return Allowed(f"Part of {user}: only its size and disk can change.") if user else Allowed()


def _user_of(selection: Selection, subject: Subject) -> str:
    """What uses this member, in words; empty when nothing does."""
    request = _request(selection, subject)
    mount = request.mount if isinstance(request, (PartRequest, RaidRequest)) else ""
    for raid in subject.spec.raids:
        if mount and mount in raid.members:
            return f"the RAID {raid.device or raid.mount}"
    for group in subject.spec.volgroups:
        if mount and mount in group.members:
            return f"the volume group {group.name}"
    return ""


def _delete(selection: Selection, subject: Subject) -> Verdict:
    if selection.kind in (Kind.FREE, Kind.DISK):
        return Refused("There is nothing to delete here.")
    foreign = _foreign(selection, subject)
    if foreign:
        return foreign
    request = _request(selection, subject)
    if isinstance(request, (PartRequest, RaidRequest)):
        return _delete_part(request, subject)
    if isinstance(request, VolGroupRequest):
        count = sum(one.vgname == request.name for one in subject.spec.logvols)
        if count:
            return Refused(f"{request.name} still holds {count} volume{'s' if count > 1 else ''}: delete them first.")
    if isinstance(request, LogVolRequest) and request.thinpool:
        count = sum(one.thin and one.poolname == request.name for one in subject.spec.logvols)
        if count:
            return Refused(f"{request.name} still holds {count} thin volume{'s' if count > 1 else ''}.")
    return Allowed()


def _delete_part(request: PartRequest | RaidRequest, subject: Subject) -> Verdict:
    if _is_needed_to_boot(request.mount, subject):
        return Refused("Cannot delete the required boot loader partition.")
    for raid in subject.spec.raids:
        if request.mount in raid.members and raid.level is not None:
            least, name = minimum_members(subject, raid.level), raid.device or raid.mount
            if len(raid.members) - 1 < least:
                return Refused(
                    f"Removing {request.mount} would leave the RAID {name} with less than {least} members."
                )
            return Allowed(f"The RAID {name} loses a member.")
    for group in subject.spec.volgroups:
        if request.mount in group.members:
            if len(group.members) == 1:
                return Refused(f"Removing {request.mount} would leave the volume group {group.name} without a disk.")
            return Allowed(f"The volume group {group.name} shrinks.")
    return Allowed()


def _is_needed_to_boot(mount: str, subject: Subject) -> bool:
    if mount == "/boot/efi":
        return subject.profile.firmware is Firmware.UEFI
    label = subject.layout.disks[0].label if subject.layout and subject.layout.disks else None
    return mount == "biosboot" and subject.profile.firmware is Firmware.BIOS and label == "gpt"


def _raid(selection: Selection, subject: Subject) -> Verdict:
    used = {member for raid in subject.spec.raids for member in raid.members}
    unused = [part.mount for part in subject.parts if part.mount.startswith("raid.") and part.mount not in used]
    if len(unused) >= 2:
        return Allowed(f"{len(unused)} members wait for an array.")
    if len(subject.disks) == 1:
        return Refused("A RAID needs at least two disks; this node has one.")
    return Allowed()


def _lvm(selection: Selection, subject: Subject) -> Verdict:
    used = {member for group in subject.spec.volgroups for member in group.members}
    if any(part.mount.startswith("pv.") and part.mount not in used for part in subject.parts):
        return Allowed()
    layout = subject.layout
    if layout is not None and any(disk.label is None for disk in layout.disks):
        return Allowed("A blank disk gets a label first.")
    if layout is not None and not any(one.length >= 8 * MIB_SECTORS for disk in layout.disks for one in disk.free):
        if not any(part.grow for part in subject.parts):
            return Refused("There is no unused physical volume and no free space for one.")
        return Allowed("What grows gives way.")
    return Allowed()


def _grow(selection: Selection, subject: Subject) -> Verdict:
    foreign = _foreign(selection, subject)
    if foreign:
        return foreign
    request = _request(selection, subject)
    if not isinstance(request, (PartRequest, LogVolRequest)):
        return Refused("Only partitions and volumes grow.")
    if isinstance(request, PartRequest) and request.onpart:
        return Refused(f"{request.onpart} is there already and keeps its size.")
    known = format_named(fstype_of(subject, request))
    if known is not None and known.max_mib is not None and known.max_mib <= 16:
        return Refused(f"{known.shown} cannot be larger than {known.max_mib} MiB.")
    if request.mount.startswith("raid."):
        return Allowed("Members of one array should all grow: the smallest counts.")
    return Allowed()


def _fill(selection: Selection, subject: Subject) -> Verdict:
    if selection.kind is Kind.FREE:
        return _new(selection, subject)
    can_grow = _grow(selection, subject)
    if isinstance(can_grow, Refused):
        return can_grow
    if selection.kind is Kind.PARTITION and _room_mib(selection, subject) == 0:
        return Refused(f"There is no free space on {selection.disk}.")
    return can_grow


def _primary(selection: Selection, subject: Subject) -> Verdict:
    foreign = _foreign(selection, subject)
    if foreign:
        return foreign
    request = _request(selection, subject)
    if not isinstance(request, PartRequest):
        return Refused("Only partitions are primary or logical.")
    disk = _planned(selection, subject)
    if disk is not None and disk.label == "gpt":
        return Refused(f"{disk.name} has a gpt label: all its partitions are equal.")
    return Allowed()


def _move(selection: Selection, subject: Subject) -> Verdict:
    foreign = _foreign(selection, subject)
    if foreign:
        return foreign
    request = _request(selection, subject)
    if not isinstance(request, PartRequest):
        return Refused("Only partitions lie on one disk.")
    if request.onpart:
        return Refused(f"{request.onpart} stays where it is.")
    if len(subject.disks) < 2:
        return Refused("There is no other disk.")
    return Allowed()


def _clone(selection: Selection, subject: Subject) -> Verdict:
    if selection.kind is not Kind.DISK:
        return Refused("Select the disk whose layout is to be cloned.")
    here = [part for part in subject.parts if part.disk == selection.disk]
    if not here:
        return Refused(f"There is nothing on {selection.disk} to clone.")
    mounted = next((part.mount for part in here if part.mount.startswith("/")), None)
    if mounted is not None:
        return Refused(f"{mounted} is on {selection.disk} and cannot be there twice: clone disks of RAID members.")
    needed = sum(part.size_mib or 0 for part in here)
    others = [one for one in subject.disks if one.name != selection.disk and one.sectors // MIB_SECTORS >= needed]
    return Allowed() if others else Refused(f"No other disk has room for the {needed} MiB of {selection.disk}.")


def _keep(selection: Selection, subject: Subject) -> Verdict:
    if selection.kind is not Kind.PARTITION:
        return Refused("Only partitions that are on the disk now can be kept.")
    request = _request(selection, subject)
    if isinstance(request, PartRequest) and request.onpart:
        return (
            Refused(f"{request.onpart} is kept already.")
            if request.noformat
            else Allowed("It will not be formatted.")
        )
    name = selection.name
    disk = subject.disk(selection.disk)
    found = next((one for one in disk.partitions if one.name == name), None) if disk else None
    if found is None:
        return Refused(f"{name or 'This partition'} is not on the disk yet.")
    planned = _planned(selection, subject)
    if planned is not None and planned.cleared:
        return Refused(f"{selection.disk} is cleared by clearpart: take it out of --drives first.")
    return Allowed()


CHECKS: dict[Action, Callable[[Selection, Subject], Verdict]] = {
    Action.NEW: _new,
    Action.EDIT: _edit,
    Action.DELETE: _delete,
    Action.RAID: _raid,
    Action.LVM: _lvm,
    Action.GROW: _grow,
    Action.FILL: _fill,
    Action.PRIMARY: _primary,
    Action.MOVE: _move,
    Action.CLONE: _clone,
    Action.KEEP: _keep,
}
