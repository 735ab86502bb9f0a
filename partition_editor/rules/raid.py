"""MD: arrays and their members. Sources: Anaconda's RAID execution, blivet's level minima, RHEL 5's checks."""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.disks import MIB_SECTORS
from partition_editor.findings import Finding, Fix
from partition_editor.options import is_rhel
from partition_editor.planner.release import array_name, release_of
from partition_editor.requests import RaidRequest
from partition_editor.rules.subject import Subject, duplicates, finding

MINIMUM = {0: 2, 1: 2, 4: 3, 5: 3, 6: 4}
RHEL5_MOST_MEMBERS = 27


def check_raid(subject: Subject) -> Iterator[Finding]:
    """Findings MD001 … MD010 (MD005 comes from the line itself)."""
    raids = subject.spec.raids
    used: dict[str, int] = {}
    for raid in raids:
        for index, member in enumerate(raid.members, start=1):
            yield from _member(subject, raid, member, index, used)
        yield from _count(subject, raid)
        yield from _disks(subject, raid)
        yield from _name(subject, raid)
    for name, before, line in duplicates((name, line) for name, line in _defined(subject)):
        text = f'line {line}: RAID partition "{name}" is defined multiple times (line {before}).'
        yield finding("MD003", text, subject.argument_span(line), device=name)
    names = ((array_name(subject.profile, raid.device), raid.line) for raid in raids if raid.device)
    for name, before, line in duplicates(names):
        text = f'line {line}: the RAID volume name "{name}" is already in use (line {before}).'
        yield finding("MD008", text, subject.option_span(line, "--device"), device=name)
    for name, line in _defined(subject):
        if name not in used:
            yield finding(
                "MD009", f"line {line}: {name} belongs to no array.", subject.argument_span(line), device=name
            )


def _defined(subject: Subject) -> list[tuple[str, int]]:
    return [(part.mount, part.line) for part in subject.parts if part.mount.startswith("raid.")]


def _member(subject: Subject, raid: RaidRequest, member: str, index: int, used: dict[str, int]) -> Iterator[Finding]:
    span = subject.argument_span(raid.line, index)
    lines = subject.member_lines.get(member, [])
    # Rocks hands raid lines to the installer last.
    in_order = subject.reads_in_order and subject.profile.rocks is None
    late = in_order and bool(lines) and min(lines) > raid.line
    if not lines or late or not member.startswith("raid."):
        fixes: tuple[Fix, ...] = ()
        if "," in member:
            names = [one for name in raid.members for one in name.split(",") if one]
            fixes = subject.members_fix("separate the members by spaces", raid.line, names)
            for one in names:
                used.setdefault(one, raid.line)
        where = f" before line {min(lines)} that defines it" if late else ""
        text = f'line {raid.line}: tried to use undefined partition "{member}"{where}; '
        yield finding("MD001", text + "write members separated by spaces.", span, device=member, fixes=fixes)
    if member in used and lines:
        text = f"line {raid.line}: {member} is already a member of the array of line {used[member]}."
        yield finding("MD002", text, span, device=member)
    used.setdefault(member, raid.line)


def minimum_members(subject: Subject, level: int) -> int:
    """How many members an array of a level needs on this release."""
    return MINIMUM.get(level, release_of(subject.profile).raid10_minimum)


def _count(subject: Subject, raid: RaidRequest) -> Iterator[Finding]:
    if raid.level is None or raid.useexisting or not raid.members:
        return
    least = minimum_members(subject, raid.level)
    span = subject.option_span(raid.line, "--level")
    if any("," in member for member in raid.members):
        return
    if len(raid.members) < least:
        text = f"line {raid.line}: RAID level {raid.level} requires at least {least} members."
        yield finding("MD004", text, span, device=raid.device or "")
    elif raid.spares < 0 or (raid.spares and (raid.level == 0 or raid.spares > len(raid.members) - least)):
        most = 0 if raid.level == 0 else len(raid.members) - least
        text = f"line {raid.line}: {raid.spares} spares are too many: with {len(raid.members)} members RAID level "
        text += f"{raid.level} can have {most}."
        fixes = subject.set_fix(f"write --spares={most}", raid.line, {"--spares": most or None})
        yield finding(
            "MD004", text, subject.option_span(raid.line, "--spares"), device=raid.device or "", fixes=fixes
        )
    if subject.is_rhel5 and len(raid.members) > RHEL5_MOST_MEMBERS:
        text = f"line {raid.line}: {subject.release} takes at most {RHEL5_MOST_MEMBERS} members."
        yield finding("MD004", text, span, device=raid.device or "")


def _place(subject: Subject, member: str) -> str | None:
    """The disk a member is or will be on."""
    for line in subject.member_lines.get(member, []):
        if line in subject.planned:
            return subject.planned[line][0]
        part = next((one for one in subject.parts if one.line == line), None)
        if part is not None and part.disk:
            return part.disk
    return None


def _disks(subject: Subject, raid: RaidRequest) -> Iterator[Finding]:
    places: dict[str, str] = {}
    for member in raid.members:
        disk = _place(subject, member)
        if disk is None:
            continue
        if disk in places and places[disk] != member and raid.level != 0:
            text = f"line {raid.line}: a single disk failure kills {raid.device or raid.mount}: "
            text += f"{places[disk]} and {member} are both on {disk}."
            yield finding("MD006", text, subject.member_span(raid.line, member), device=disk)
            break
        places[disk] = member
    yield from _unequal(subject, raid)


def _unequal(subject: Subject, raid: RaidRequest) -> Iterator[Finding]:
    sizes = {}
    for member in raid.members:
        lines = subject.member_lines.get(member, [])
        if len(lines) == 1 and lines[0] in subject.planned:
            disk, planned = subject.planned[lines[0]]
            sizes[member] = (planned.length // MIB_SECTORS, disk, lines[0])
    if len(sizes) < 2 or len(sizes) != len(raid.members):
        return
    smallest = min(size for size, _, _ in sizes.values())
    spread = [(size - smallest, disk) for size, disk, _ in sizes.values()]
    waste, disk = max(spread)
    grows = any(one.grow for one in subject.parts if one.mount in sizes)
    if waste <= 16:
        return
    if grows:
        line = next(one.line for one in subject.parts if one.mount in sizes and one.grow)
        text = f"line {line}: members differ; smallest counts ({sum(one for one, _ in spread)} MiB lost)."
        yield finding("PT024", text, subject.option_span(line, "--grow"), device=disk)
    else:
        text = (
            f"line {raid.line}: {waste / 1024:.1f} GiB of {disk} unused: the members differ and the smallest counts."
        )
        yield finding("MD007", text, subject.line_span(raid.line), device=disk)


def _name(subject: Subject, raid: RaidRequest) -> Iterator[Finding]:
    if raid.device is None or not raid.device.startswith("md"):
        return
    name = array_name(subject.profile, raid.device)
    if name != raid.device and not subject.reads_in_order and is_rhel(subject.release):
        text = f'line {raid.line}: {raid.device} becomes array "{name}" on {subject.release} (/dev/md/{name}).'
        yield finding("MD010", text, subject.option_span(raid.line, "--device"), device=raid.device)
