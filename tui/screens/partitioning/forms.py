"""The editor's forms: which fields each has, and the change they make. Pure but for the dialogs' classes."""

from __future__ import annotations

from functools import partial

from core.outcome import Refused
from partition_editor.actions import Kind, Selection
from partition_editor.document.sizes import show_mib
from partition_editor.editing import steps
from partition_editor.editing.arrays import (
    ArrayWish,
    array_wish,
    change_array,
    levels,
    new_array,
    suggested_array,
    unused_members,
)
from partition_editor.editing.change import Change
from partition_editor.editing.clearing import MODES, ClearWish, clear_and_label, clear_wish, has_disklabel
from partition_editor.editing.groups import (
    GroupWish,
    VolumeWish,
    change_group,
    change_volume,
    group_on,
    group_wish,
    new_group,
    new_volume,
    suggested_group,
    volume_on,
    volume_wish,
)
from partition_editor.editing.lines import rewrite_line
from partition_editor.editing.partitions import (
    PartitionWish,
    change_partition,
    keep_existing,
    kinds,
    new_partition,
    request_on,
    wish_of,
)
from partition_editor.findings import Finding
from partition_editor.picture import Picture
from tui.screens.form import Build, Field, Values
from tui.screens.partitioning.form import ChangeForm

SIZE_HINT = "8000, 8G, 25%, rest, +2G, min 4G max 20G"
YES, NO = "yes", "no"
FSTYPES = ("", "ext4", "xfs", "ext3", "swap")
VOLUME_ROWS = 3
"""Empty lines at the end of a group's table of volumes."""


def partition_form(picture: Picture, selection: Selection | None, ascii_only: bool) -> ChangeForm:
    """New partition, on the selected drive."""
    disk = selection.disk if selection is not None else ""
    if not disk and picture.disks:
        disk = picture.disks[0].name
    wish = PartitionWish(disk=disk)
    return _partition(picture, "New partition", wish, None, ascii_only)


def edit_partition_form(picture: Picture, line: int, ascii_only: bool, note: str = "") -> ChangeForm | None:
    """What a ``part`` line says, to be changed."""
    wish = wish_of(picture, line)
    request = request_on(picture, line)
    if wish is None or request is None:
        return None
    return _partition(picture, f"Edit {request.mount}", wish, line, ascii_only, note)


def _partition(
    picture: Picture, title: str, wish: PartitionWish, line: int | None, ascii_only: bool, note: str = ""
) -> ChangeForm:
    request = request_on(picture, line)
    disks = ("", *(disk.name for disk in picture.disks))
    default = f"{picture.profile.release}'s own"
    fields = [
        Field("mount", "Mount point", wish.mount, hint="/var; nothing for swap and members"),
        Field("kind", "Type", wish.kind, options=kinds(picture), empty=default),
        Field("size", "Size", wish.size, hint=SIZE_HINT),
        Field("disk", "Drive", wish.disk, options=disks, empty="any drive"),
        Field("primary", "Primary only", YES if wish.primary else NO, options=(NO, YES)),
    ]
    if request is not None and request.onpart:
        fields.append(Field("keep", "Keep its data", YES if wish.keep else NO, options=(NO, YES)))
    where = picture.planned.get(line) if line is not None else None
    if where and not note:
        disk, one = where[0]
        note = f"now {one.name} on {disk.name}, {show_mib(one.length // 2048)}; sizes: {SIZE_HINT}"

    def build(values: Values) -> Change | Refused:
        made = PartitionWish(
            values["mount"],
            values["kind"],
            values["size"],
            values["disk"],
            values["primary"] == YES,
            values.get("keep") == YES,
        )
        return new_partition(picture, made) if line is None else change_partition(picture, line, made)

    return ChangeForm(title, fields, build, picture, note=note or f"sizes: {SIZE_HINT}", ascii_only=ascii_only)


def keep_form(picture: Picture, selection: Selection, ascii_only: bool) -> ChangeForm:
    """A partition that is on the disk now gets a mount point and keeps what is on it."""
    mount = steps.existing_mount(picture, selection)
    fields = [Field("mount", "Mount point", mount, hint="/data")]

    def build(values: Values) -> Change | Refused:
        return keep_existing(picture, selection.name, values["mount"])

    return ChangeForm(f"Keep {selection.name}", fields, build, picture, ascii_only=ascii_only)


def array_form(picture: Picture, line: int | None, ascii_only: bool) -> ChangeForm | None:
    """A new array, or the one of a ``raid`` line."""
    wish = suggested_array(picture) if line is None else array_wish(picture, line)
    if wish is None:
        return None
    fields = [
        Field("mount", "Mount point", wish.mount, hint="/data, swap, pv.01"),
        Field("level", "RAID level", wish.level, options=levels(picture)),
        Field("members", "Members", wish.members, hint="raid.01 raid.02, or drives: sda sdb"),
        Field("size", "Size of new ones", wish.size, hint="of each member made on a drive"),
        Field("fstype", "File system", wish.fstype, options=FSTYPES, empty="release's own"),
        Field("device", "Device", wish.device, hint="md0"),
        Field("spares", "Spares", wish.spares, hint="none"),
    ]
    unused = unused_members(picture, "raid")
    note = f"unused members: {', '.join(unused)}" if unused else "a drive among the members gets a member of its own"

    def build(values: Values) -> Change | Refused:
        made = ArrayWish(
            values["mount"],
            values["level"],
            values["members"],
            values["size"],
            values["fstype"],
            values["device"],
            values["spares"],
        )
        return new_array(picture, made) if line is None else change_array(picture, line, made)

    title = "New RAID array" if line is None else f"Edit RAID {wish.mount}"
    return ChangeForm(title, fields, build, picture, note=note, ascii_only=ascii_only)


def group_form(picture: Picture, line: int | None, ascii_only: bool) -> ChangeForm | None:
    """A new volume group with its volumes, or the one of a ``volgroup`` line."""
    wish = suggested_group(picture) if line is None else group_wish(picture, line)
    if wish is None:
        return None
    rows = [*wish.volumes, *[""] * VOLUME_ROWS]
    if line is None:
        rows = ["root / 8G", "swap swap 2G", *[""] * VOLUME_ROWS]
    fields = [
        Field("name", "Group", wish.name, hint="system"),
        Field("members", "On", wish.members, hint="pv.01 pv.02, or drives: sda sdb"),
        Field("size", "Size of new ones", wish.size, hint="of each physical volume made on a drive"),
        Field("pesize", "Extent (KiB)", wish.pesize, hint="release's own"),
    ]
    for number, row in enumerate(rows, 1):
        fields.append(Field(f"volume{number}", f"Volume {number}", row, hint="NAME MOUNT SIZE [TYPE]"))

    def build(values: Values) -> Change | Refused:
        volumes = tuple(values[f"volume{number}"] for number in range(1, len(rows) + 1))
        made = GroupWish(values["name"], values["members"], values["size"], values["pesize"], volumes)
        return new_group(picture, made) if line is None else change_group(picture, line, made)

    title = "New volume group" if line is None else f"Edit volume group {wish.name}"
    note = "a size may be a percentage of the group; an emptied line deletes its volume"
    return ChangeForm(title, fields, build, picture, note=note, ascii_only=ascii_only)


def volume_form(picture: Picture, selection: Selection, *, new: bool, ascii_only: bool) -> ChangeForm | None:
    """A volume of the selected group, new or changed."""
    old = volume_on(picture, selection.line)
    group = group_on(picture, selection.line) if selection.kind is Kind.GROUP else None
    name = group.name if group is not None else old.vgname if old is not None else None
    if name is None or (old is None and not new):
        return None
    wish = VolumeWish() if new or old is None else volume_wish(old)
    fields = [
        Field("name", "Name", wish.name, hint="data"),
        Field("mount", "Mount point", wish.mount, hint="/data, swap"),
        Field("size", "Size", wish.size, hint="8G, 25% (of the group), rest"),
        Field("fstype", "File system", wish.fstype, options=FSTYPES, empty="release's own"),
    ]
    line = None if new or old is None else old.line
    title = f"New volume in {name}" if line is None else f"Edit volume {wish.name}"
    return ChangeForm(title, fields, partial(_volume, picture, name, line), picture, ascii_only=ascii_only)


def _volume(picture: Picture, group: str, line: int | None, values: Values) -> Change | Refused:
    made = VolumeWish(values["name"], values["mount"], values["size"], values["fstype"])
    return new_volume(picture, group, made) if line is None else change_volume(picture, line, made)


def line_form(picture: Picture, number: int, ascii_only: bool) -> ChangeForm:
    """A line that the release refuses, until it takes it."""
    line = picture.document.line(number)
    fields = [Field("text", f"Line {number}", line.raw if line else "")]
    reason = dict(picture.unread).get(number, "")

    def build(values: Values) -> Change | Refused:
        return rewrite_line(picture, number, values["text"])

    return ChangeForm(f"Edit line {number}", fields, build, picture, note=reason, ascii_only=ascii_only)


def fix_form(picture: Picture, finding: Finding, ascii_only: bool) -> ChangeForm:
    """One of a finding's fixes."""
    labels = tuple(one.label for one in finding.fixes)
    fields = [Field("choice", "Fix", labels[0], options=labels)]

    def build(values: Values) -> Change | Refused:
        return steps.mend(picture, finding, labels.index(values["choice"]))

    return ChangeForm(f"Fix {finding.rule}", fields, build, picture, note=finding.message, ascii_only=ascii_only)


def clear_form(picture: Picture, ascii_only: bool) -> ChangeForm:
    """Which disks are cleared, and their labels."""
    wish = clear_wish(picture)
    labels = ("", "msdos", "gpt") if has_disklabel(picture) else ("",)
    fields = [
        Field("mode", "Clear", wish.mode, options=MODES),
        Field("drives", "Drives", wish.drives, hint="every drive of the node"),
        Field("initlabel", "Label blank ones", YES if wish.initlabel else NO, options=(YES, NO)),
        Field("label", "New label", wish.label, options=labels, empty="release's own"),
    ]

    def build(values: Values) -> Change | Refused:
        made = ClearWish(values["mode"], values["drives"], values["initlabel"] == YES, values["label"])
        return clear_and_label(picture, made)

    lost = sum(one.has_data for disk in picture.disks for one in disk.partitions)
    note = f"{lost} partitions with data are on the drives now" if lost else "nothing known is on the drives"
    return ChangeForm("Clear and label", fields, build, picture, note=note, ascii_only=ascii_only)


def pick_form(
    picture: Picture, title: str, label: str, options: tuple[str, ...], build: Build[Change], ascii_only: bool
) -> ChangeForm:
    """One choice among a few, previewed."""
    fields = [Field("choice", label, options[0], options=options)]
    return ChangeForm(title, fields, build, picture, ascii_only=ascii_only)
