"""Deeds of one key: delete, grow and shrink, fill, equalise, move, primary, keep or format, clone, mend, template.

Each first asks `partition_editor.actions` where that knows the verdict. Pure; any thread.
"""

from __future__ import annotations

from core.outcome import Refused
from partition_editor import building
from partition_editor.actions import Action, Kind, Selection, verdict
from partition_editor.disks import MIB_SECTORS
from partition_editor.document import edits
from partition_editor.document.reading import read_document
from partition_editor.editing.change import Change, labelled
from partition_editor.editing.labels import give_labels
from partition_editor.editing.partitions import real_mib, set_of
from partition_editor.findings import Finding
from partition_editor.layout import Layout
from partition_editor.picture import Picture
from partition_editor.planner.release import lays_out_cylinders
from partition_editor.presets import Preset
from partition_editor.requests import LogVolRequest, PartRequest, RaidRequest, Request, VolGroupRequest

CYLINDER_MIB = 8
"""RHEL 5 rounds to cylinders of 7.84 MiB; a step smaller than one may change nothing."""


def request_of(picture: Picture, line: int | None) -> Request | None:
    """Whatever request a line makes."""
    return next((one for one in picture.spec.requests if one.line == line), None)


def title_of(request: Request) -> str:
    """What a request is called in an undo list."""
    match request:
        case VolGroupRequest(name=name):
            return name
        case RaidRequest(device=device, mount=mount):
            return f"{device or 'array'} {mount}"
        case LogVolRequest(name=name, mount=mount):
            return f"{name or ''} {mount}".strip()
        case _:
            return request.mount


def refusal_of(picture: Picture, action: Action, selection: Selection) -> Refused | None:
    """Why something cannot be done here, or None."""
    said = verdict(action, selection, picture.subject)
    return said if isinstance(said, Refused) else None


def delete(picture: Picture, selection: Selection) -> Change | Refused:
    """Take a request's line out; a member of an array or group leaves that as well."""
    refused = refusal_of(picture, Action.DELETE, selection)
    request = request_of(picture, selection.line)
    document = picture.document
    if refused is not None:
        return refused
    if selection.kind is Kind.LINE and selection.line is not None:
        document = edits.remove_lines(document, [selection.line])
        return Change(document, f"delete line {selection.line}", min(selection.line, max(1, len(document))))
    if request is None:
        return Refused("nothing in the text makes this.")
    if isinstance(request, PartRequest):
        users: list[RaidRequest | VolGroupRequest] = [*picture.spec.raids, *picture.spec.volgroups]
        for user in users:
            if request.mount in user.members:
                left = [one for one in user.members if one != request.mount]
                smaller = edits.set_members(document, user.line, left, picture.release)
                if isinstance(smaller, Refused):
                    return smaller
                document = smaller
    document = edits.remove_lines(document, [request.line])
    return Change(document, f"delete {title_of(request)}", min(request.line, max(1, len(document))))


def resize(picture: Picture, selection: Selection, direction: int) -> Change | Refused:
    """One step larger (+1) or smaller (-1): one part in a hundred of the disk or group, a cylinder at least."""
    request = request_of(picture, selection.line)
    if not isinstance(request, (PartRequest, LogVolRequest)):
        return Refused("Only partitions and volumes of the text change their size.")
    if request.grow:
        return Refused(f"{title_of(request)} takes what is left; g fixes its size first.")
    if isinstance(request, PartRequest) and request.onpart:
        return Refused(f"{request.onpart} is there already and keeps its size.")
    if isinstance(request, LogVolRequest) and request.percent is not None:
        share = request.percent + direction
        if not 1 <= share <= 100:
            return Refused(f"{share} % of the group is not possible.")
        return set_of(picture, request.line, {"--percent": share}, f"resize {title_of(request)}")
    size = (request.size_mib or 0) + direction * _step_mib(picture, request)
    if size < 1:
        return Refused(f"{title_of(request)} cannot be smaller than it is.")
    word = "grow" if direction > 0 else "shrink"
    return set_of(picture, request.line, {"--size": size}, f"{word} {title_of(request)}")


def _step_mib(picture: Picture, request: PartRequest | LogVolRequest) -> int:
    if isinstance(request, PartRequest):
        found = picture.planned.get(request.line)
        total = found[0][0].sectors // MIB_SECTORS if found else 0
    else:
        group = next((one for one in picture.layout.groups if one.name == request.vgname), None)
        total = group.extents * group.pe_bytes // 1024**2 if group is not None else 0
    return max(total // 100, CYLINDER_MIB if lays_out_cylinders(picture.release) else 1)


def toggle_grow(picture: Picture, selection: Selection) -> Change | Refused:
    """Let it take what is left, or fix it at the size it has now."""
    refused = refusal_of(picture, Action.GROW, selection)
    request = request_of(picture, selection.line)
    if refused is not None or not isinstance(request, (PartRequest, LogVolRequest)):
        return refused or Refused("Only partitions and volumes of the text grow.")
    if not request.grow:
        values: dict[str, edits.Value] = {"--grow": True}
        if isinstance(request, LogVolRequest) and request.percent is not None:
            values |= {"--percent": None, "--size": request.size_mib or 1}
        return set_of(picture, request.line, values, f"let {title_of(request)} grow")
    now = real_mib(picture, request.line) if isinstance(request, PartRequest) else _volume_mib(picture, request)
    values = {"--grow": None, "--maxsize": None, "--size": now or request.size_mib or 1}
    return set_of(picture, request.line, values, f"fix the size of {title_of(request)}")


def _volume_mib(picture: Picture, request: LogVolRequest) -> int | None:
    found = next((one for one in picture.layout.volumes if one.line == request.line), None)
    return None if found is None else found.size_bytes // 1024**2


def fill(picture: Picture, selection: Selection) -> Change | Refused:
    """Have it take all that is left, without a limit."""
    refused = refusal_of(picture, Action.FILL, selection)
    request = request_of(picture, selection.line)
    if refused is not None or not isinstance(request, (PartRequest, LogVolRequest)):
        return refused or Refused("Only partitions and volumes of the text can fill what is left.")
    if request.grow and request.maxsize_mib is None:
        return Refused(f"{title_of(request)} fills what is left already.")
    values: dict[str, edits.Value] = {"--grow": True, "--maxsize": None}
    if isinstance(request, LogVolRequest) and request.percent is not None:
        values |= {"--percent": None, "--size": request.size_mib or 1}
    return set_of(picture, request.line, values, f"fill the rest with {title_of(request)}")


def equalise(picture: Picture, selection: Selection) -> Change | Refused:
    """Give those that share the space equal parts: members of an array, or what grows on a disk or in a group."""
    group, what = _peers(picture, selection)
    if len(group) < 2:
        return Refused(f"{what}: there are not two of them to make equal.")
    size = max((one.size_mib or 1) for one in group)
    document = picture.document
    for one in group:
        values: dict[str, edits.Value] = {"--size": size}
        if one.maxsize_mib is not None:
            values["--maxsize"] = None
        changed = edits.set_options(document, one.line, values, picture.release)
        if isinstance(changed, Refused):
            return changed
        document = changed
    if document == picture.document:
        return Refused(f"{what}: they are equal already.")
    return Change(document, f"equalise {', '.join(title_of(one) for one in group)}", group[0].line)


def _peers(picture: Picture, selection: Selection) -> tuple[list[PartRequest | LogVolRequest], str]:
    request = request_of(picture, selection.line)
    if isinstance(request, (RaidRequest, VolGroupRequest)):
        names, what = set(request.members), f"Members of {title_of(request)}"
        return [one for one in picture.spec.parts if one.mount in names], what
    if isinstance(request, LogVolRequest):
        volumes = [one for one in picture.spec.logvols if one.vgname == request.vgname and one.grow]
        return [*volumes], f"Volumes that grow in {request.vgname}"
    if isinstance(request, PartRequest):
        for array in picture.spec.raids:
            if request.mount in array.members:
                return [one for one in picture.spec.parts if one.mount in array.members], f"Members of {array.device}"
    disk = selection.disk
    lines = {one.line for one in getattr(picture.disk(disk), "partitions", ())}
    growing = [one for one in picture.spec.parts if one.line in lines and one.grow]
    return [*growing], f"Partitions that grow on {disk}"


def move(picture: Picture, selection: Selection, disk: str) -> Change | Refused:
    """Pin a partition to another disk."""
    refused = refusal_of(picture, Action.MOVE, selection)
    request = request_of(picture, selection.line)
    if refused is not None or not isinstance(request, PartRequest):
        return refused or Refused("Only partitions of the text lie on one disk.")
    if disk not in {one.name for one in picture.disks}:
        return Refused(f"there is no disk {disk}.")
    if request.disk == disk:
        return Refused(f"{request.mount} is on {disk} already.")
    return give_labels(picture, set_of(picture, request.line, {"--ondisk": disk}, f"move {request.mount} to {disk}"))


def toggle_primary(picture: Picture, selection: Selection) -> Change | Refused:
    """Ask for a primary partition, or no longer."""
    refused = refusal_of(picture, Action.PRIMARY, selection)
    request = request_of(picture, selection.line)
    if refused is not None or not isinstance(request, PartRequest):
        return refused or Refused("Only partitions of the text are primary or logical.")
    word = "no longer primary only" if request.asprimary else "primary only"
    return set_of(picture, request.line, {"--asprimary": not request.asprimary}, f"{request.mount} {word}")


def toggle_keep(picture: Picture, selection: Selection) -> Change | Refused:
    """Keep what is on a reused partition, array or volume, or format it."""
    request = request_of(picture, selection.line)
    if isinstance(request, PartRequest) and request.onpart:
        label = f"format {request.onpart}" if request.noformat else f"keep {request.onpart}"
        return set_of(picture, request.line, {"--noformat": not request.noformat}, label)
    if isinstance(request, (RaidRequest, LogVolRequest, VolGroupRequest)) and request.useexisting:
        label = f"{'format' if request.noformat else 'keep'} {title_of(request)}"
        values: dict[str, edits.Value] = {"--noformat": not request.noformat, "--useexisting": True}
        return set_of(picture, request.line, values, label)
    refused = refusal_of(picture, Action.KEEP, selection)
    return refused or Refused("type a mount point for it: Enter opens the form.")


def existing_mount(picture: Picture, selection: Selection) -> str:
    """Where a partition that is on the disk now was mounted, as far as is known."""
    for disk in picture.disks:
        for one in disk.partitions:
            if one.name == selection.name:
                return one.mountpoint
    return ""


def clone(picture: Picture, source: str, target: str) -> Change | Refused:
    """Repeat the members of one disk on another."""
    refused = refusal_of(picture, Action.CLONE, Selection(Kind.DISK, source))
    if refused is not None:
        return refused
    if target == source or target not in {one.name for one in picture.disks}:
        return Refused(f"there is no other disk {target}.")
    added = building.clone_disk(picture.document, source, target, picture.release)
    if isinstance(added, Refused):
        return added
    return give_labels(picture, Change(added.document, f"clone {source} to {target}", added.line))


def mend(picture: Picture, finding: Finding, number: int = 0) -> Change | Refused:
    """Apply one of a finding's fixes."""
    if not finding.fixes:
        return Refused(f"{finding.rule} has no fix; change the text by hand.")
    fix = finding.fixes[number % len(finding.fixes)]
    document = edits.apply(picture.document, fix.edits)
    return labelled(document, fix.label, finding.span.line if finding.span else 1)


def use_preset(picture: Picture, preset: Preset) -> Change | Refused:
    """Put a preset's text in place of the present one."""
    text = preset.text(picture.disks, picture.profile)
    return text if isinstance(text, Refused) else Change(read_document(text), f"template {preset.title}")


def is_equal(one: Layout, other: Layout) -> bool:
    """Two layouts put the same things in the same places."""
    mine, theirs = (one.disks, one.arrays), (other.disks, other.arrays)
    return (mine, one.groups, one.volumes) == (theirs, other.groups, other.volumes)
