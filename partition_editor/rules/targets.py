"""DK: which disks the text means, and what happens to them. Sources: Anaconda's clearpart and partition execution."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from partition_editor.disks import Disk, ExistingPartition
from partition_editor.findings import Finding, Severity
from partition_editor.requests import PartRequest
from partition_editor.rules.drives import other_drives
from partition_editor.rules.subject import Subject, finding, listed

GPT_FROM_SECTORS = 1 << 32
"""2 TiB: more sectors than an msdos label can address."""

FOREIGN = ("vfat", "ntfs", "fat16", "fat32", "hfs", "hfs+", "efi")


def check_targets(subject: Subject) -> Iterator[Finding]:
    """Findings DK001 … DK010, those about a selection of nodes excepted."""
    yield from _clear(subject)
    yield from _ignored(subject)
    for part in subject.parts:
        yield from _disk_of(subject, part)
        yield from _onpart(subject, part)
    for disk in subject.disks:
        yield from _disk_notes(subject, disk)


def drive_matches(subject: Subject, pattern: str) -> list[str]:
    """The disks a ``--drives`` entry means: from RHEL 8 and Fedora 25 on ``sda|vd*`` may say several."""
    if pattern in subject.by_name:
        return [pattern]
    if subject.age < 25 or not any(char in pattern for char in "*?[|"):
        return []
    found = []
    for one in pattern.split("|"):
        found += fnmatch.filter(subject.disk_names, one)
    return found


def is_hidden(subject: Subject, disk: str) -> bool:
    """``ignoredisk`` keeps the installer away from it."""
    ignore = subject.spec.ignoredisk
    if ignore is None:
        return False
    if ignore.only_use:
        return not any(disk in drive_matches(subject, one) or disk == one for one in ignore.only_use)
    return any(disk in drive_matches(subject, one) for one in ignore.drives)


def is_cleared(subject: Subject, disk: Disk) -> bool:
    """``clearpart --all`` empties it and gives it a new label."""
    if disk.name not in subject.cleared:
        subject.cleared[disk.name] = _is_cleared(subject, disk)
    return subject.cleared[disk.name]


def _is_cleared(subject: Subject, disk: Disk) -> bool:
    clear = subject.spec.clear
    if clear is None or is_hidden(subject, disk.name) or clear.devices:
        return False
    wipes = clear.mode == "all" or (subject.is_rhel5 and clear.initlabel)
    return wipes and _covered(subject, disk.name)


def _covered(subject: Subject, disk: str) -> bool:
    clear = subject.spec.clear
    if clear is None:
        return False
    return not clear.drives or any(disk in drive_matches(subject, one) for one in clear.drives)


def gets_label(subject: Subject, disk: Disk) -> bool:
    """It has a label once the clearing is done."""
    if disk.label is not None or is_cleared(subject, disk) or subject.spec.zerombr is not None:
        return True
    clear = subject.spec.clear
    return clear is not None and clear.initlabel and _covered(subject, disk.name)


def _clear(subject: Subject) -> Iterator[Finding]:
    clear = subject.spec.clear
    if clear is None:
        return
    for name in clear.drives:
        if subject.disks and not drive_matches(subject, name):
            kept = [one for one in clear.drives if one != name]
            fixes = subject.set_fix(f"take {name} out of --drives", clear.line, {"--drives": ",".join(kept) or None})
            text = f"{subject.where}no disk {name} (has {listed(subject.disk_names)}); the installer stops here."
            yield finding("DK001", text, subject.option_span(clear.line, "--drives"), device=name, fixes=fixes)
    if clear.mode == "all" and not clear.drives and not clear.devices:
        names = [one for one in subject.disk_names if not is_hidden(subject, one)]
        which = f" ({listed(names)})" if names else ""
        fixes = subject.set_fix(f"add --drives={','.join(names)}", clear.line, {"--drives": ",".join(names)})
        text = f"line {clear.line}: every disk of the node is erased{which}."
        yield finding("DK004", text, subject.line_span(clear.line), fixes=fixes if names else ())


def _ignored(subject: Subject) -> Iterator[Finding]:
    ignore = subject.spec.ignoredisk
    if ignore is None or not subject.disks:
        return
    option = "--drives" if ignore.drives else "--only-use"
    for name in ignore.drives or ignore.only_use:
        if not drive_matches(subject, name) and not _is_path(name):
            text = f"{subject.where}no disk {name} (has {listed(subject.disk_names)})."
            span = subject.option_span(ignore.line, option)
            severity = Severity.ERROR if option == "--only-use" or subject.is_rhel5 else Severity.WARNING
            yield finding("DK001", text, span, device=name, severity=severity)


def _is_path(name: str) -> bool:
    return name.startswith(("disk/", "/dev/disk/"))


def _disk_of(subject: Subject, part: PartRequest) -> Iterator[Finding]:
    name = part.disk
    if name is None:
        return
    if "," in name:
        span = subject.option_span(part.line, "--ondisk")
        first = name.split(",")[0]
        fixes = subject.set_fix(f"write --ondisk={first}", part.line, {"--ondisk": first})
        yield finding("DK006", f"line {part.line}: one disk per part line.", span, device=name, fixes=fixes)
        return
    if not subject.disks or _is_path(name):
        return
    disk = subject.disk(name)
    if disk is None or is_hidden(subject, name):
        span = subject.option_span(part.line, "--ondisk")
        node = subject.node or "this node"
        text = f'line {part.line}: disk "{name}" given in part command does not exist on {node}.'
        if disk is not None:
            text = f'line {part.line}: disk "{name}" is hidden from the installer by ignoredisk.'
        usable = [one for one in subject.disks if not is_hidden(subject, one.name)]
        fixes = other_drives(subject, name, part.line, usable)
        yield finding("DK002", text, span, device=name, fixes=fixes)
    elif not gets_label(subject, disk) and part.onpart is None:
        fixes = ()
        clear = subject.spec.clear
        if clear is not None and clear.drives:
            wanted = ",".join([*clear.drives, name])
            fixes = subject.set_fix(f"write --drives={wanted}", clear.line, {"--drives": wanted})
        elif clear is None:
            fixes = subject.insert_fix(f"clearpart --all --initlabel --drives={name}")
        # RHEL 5 asks at the console before it labels a blank disk; later releases stop.
        severity = Severity.WARNING if subject.is_rhel5 else Severity.ERROR
        span = subject.option_span(part.line, "--ondisk")
        text = f"line {part.line}: {name} is blank and not cleared: add it to clearpart --drives."
        yield finding("DK003", text, span, device=name, fixes=fixes, severity=severity)


def _onpart(subject: Subject, part: PartRequest) -> Iterator[Finding]:
    if part.onpart is None:
        if part.noformat:
            severity = Severity.WARNING if subject.reads_in_order else Severity.ERROR
            text = f"line {part.line}: part --noformat must also use the --onpart option."
            fixes = subject.set_fix("remove --noformat", part.line, {"--noformat": None})
            span = subject.option_span(part.line, "--noformat")
            yield finding("DK009", text, span, severity=severity, fixes=fixes)
        return
    if not subject.disks or "=" in part.onpart or _is_path(part.onpart):
        return
    span = subject.option_span(part.line, "--onpart")
    found = existing_partition(subject, part.onpart)
    if found is None:
        text = f'line {part.line}: {subject.where}there is no partition "{part.onpart}" to reuse.'
        yield finding("DK009", text, span, device=part.onpart)
        return
    disk, partition = found
    if _is_erased(subject, disk, partition):
        text = f"{partition.name} is erased by clearpart before it could be reused."
        yield finding("DK005", f"line {part.line}: {text}", span, device=partition.name)


def existing_partition(subject: Subject, name: str) -> tuple[Disk, ExistingPartition] | None:
    """A partition that is there now, and its disk."""
    for disk in subject.disks:
        for partition in disk.partitions:
            if partition.name == name:
                return disk, partition
    return None


def _is_erased(subject: Subject, disk: Disk, partition: ExistingPartition) -> bool:
    clear = subject.spec.clear
    if clear is None:
        return False
    if clear.devices:
        return partition.name in clear.devices
    if is_cleared(subject, disk):
        return True
    return clear.mode == "linux" and _covered(subject, disk.name) and partition.fstype not in FOREIGN


def _disk_notes(subject: Subject, disk: Disk) -> Iterator[Finding]:
    pinned = next((one for one in subject.parts if one.disk == disk.name), None)
    if disk.removable and (pinned or is_cleared(subject, disk)):
        clear = subject.spec.clear
        line = pinned.line if pinned else clear.line if clear else 1
        text = f"{subject.where}{disk.name} looks like removable media."
        yield finding("DK007", text, subject.line_span(line), device=disk.name)
    if disk.sectors > GPT_FROM_SECTORS and (is_cleared(subject, disk) or disk.label is None):
        needs = "it has more than 2 TiB"
        yield finding("DK010", f"{subject.where}{disk.name} gets a GPT label: {needs}.", device=disk.name)
