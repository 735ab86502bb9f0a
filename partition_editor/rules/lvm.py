"""LV: volume groups and volumes. Sources: Anaconda's LVM execution, blivet's and LVM's own limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from partition_editor.findings import Finding, Fix
from partition_editor.planner.formats import format_named
from partition_editor.planner.release import release_of
from partition_editor.requests import LogVolRequest, VolGroupRequest
from partition_editor.rules.mounts import fstype_of
from partition_editor.rules.subject import Subject, duplicates, finding

RHEL5_NAME = re.compile(r"[A-Za-z0-9._]{1,128}")
NAME = re.compile(r"[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,54}")
RHEL5_RESERVED = {None: frozenset({"lvm", "root", ".", ".."}), "--name": frozenset({"group", ".", ".."})}
"""Names RHEL 5 keeps from groups (which are arguments) and from volumes (which stand behind ``--name``)."""
LARGEST_PE_KIB = 16 * 1024 * 1024


def check_lvm(subject: Subject) -> Iterator[Finding]:
    """Findings LV001 … LV010; LV006 comes from the planner (`partition_editor.rules.results`)."""
    groups = {group.name: group for group in subject.spec.volgroups}
    yield from _physical(subject)
    for group in subject.spec.volgroups:
        yield from _extent(subject, group)
        yield from _check_name(subject, group.line, group.name, None)
    for volume in subject.spec.logvols:
        yield from _volume(subject, volume, groups)
    pairs = ((f"{one.vgname}/{one.name}", one.line) for one in subject.spec.logvols if one.vgname and one.name)
    for name, before, line in duplicates(pairs):
        text = f'line {line}: the volume name "{name.partition("/")[2]}" is already in use (line {before}).'
        yield finding("LV003", text, subject.option_span(line, "--name"), device=name)
    for name, before, line in duplicates((group.name, group.line) for group in subject.spec.volgroups):
        text = f'line {line}: the volume group name "{name}" is already in use (line {before}).'
        yield finding("LV009", text, subject.argument_span(line), device=name)
    yield from _percentages(subject)
    yield from _full(subject)


def _physical(subject: Subject) -> Iterator[Finding]:
    used: dict[str, int] = {}
    for group in subject.spec.volgroups:
        for index, member in enumerate(group.members, start=1):
            span = subject.argument_span(group.line, index)
            lines = subject.member_lines.get(member, [])
            problem = ""
            fixes: tuple[Fix, ...] = ()
            if not member.startswith("pv."):
                problem = f'"{member}" is no physical volume: its name must begin with pv.'
            elif not lines or (subject.reads_in_order and min(lines) > group.line):
                problem = f'tried to use undefined partition "{member}" in volume group {group.name}.'
            if problem and "," in member:
                names = [one for name in group.members for one in name.split(",") if one]
                fixes = subject.members_fix("separate the members by spaces", group.line, names)
            if not problem and member in used:
                problem = f"{member} is already used in line {used[member]}."
            if problem:
                yield finding("LV001", f"line {group.line}: {problem}", span, device=member, fixes=fixes)
            used.setdefault(member, group.line)
    made = ((part.mount, part.line) for part in subject.parts if part.mount.startswith("pv."))
    for name, before, line in duplicates(made):
        text = f'line {line}: physical volume "{name}" is defined multiple times (line {before}).'
        yield finding("LV001", text, subject.argument_span(line), device=name)


def extent_kib(subject: Subject, group: VolGroupRequest | None) -> int:
    """The group's extent size; the release's default when none is given."""
    given = group.pesize_kib if group else None
    return given or release_of(subject.profile).pe_kib


def _extent(subject: Subject, group: VolGroupRequest) -> Iterator[Finding]:
    size = group.pesize_kib
    if size is None or (size == 0 and not subject.reads_in_order):
        return
    least = 1024 if subject.is_rhel5 else 1
    if size < least or size > LARGEST_PE_KIB or size & (size - 1):
        shown = "1024, 2048, 4096 … 16777216" if subject.is_rhel5 else "1, 2, 4, 8 … 16777216"
        better = min(max(1 << max(size - 1, 1).bit_length(), least), LARGEST_PE_KIB)
        fixes = subject.set_fix(f"write --pesize={better}", group.line, {"--pesize": better})
        text = f"line {group.line}: --pesize={size} must be one of {shown} (KiB, powers of two)."
        yield finding("LV004", text, subject.option_span(group.line, "--pesize"), device=group.name, fixes=fixes)


def _check_name(subject: Subject, line: int, name: str, option: str | None) -> Iterator[Finding]:
    span = subject.argument_span(line) if option is None else subject.option_span(line, option)
    if subject.is_rhel5:
        kept = RHEL5_RESERVED[option]
        if not RHEL5_NAME.fullmatch(name) or name in kept:
            text = f'line {line}: "{_short(name)}": letters, digits, "." and "_", at most 128; '
            text += f"not one of {', '.join(sorted(kept))}."
            yield finding("LV009", text, span, device=name)
    elif not NAME.fullmatch(name) or name in (".", ".."):
        text = f'line {line}: "{_short(name)}": letters, digits . _ + -; not starting with -, at most 55.'
        yield finding("LV009", text, span, device=name)


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:39] + "…"


def _volume(subject: Subject, one: LogVolRequest, groups: dict[str, VolGroupRequest]) -> Iterator[Finding]:
    name = one.vgname or ""
    group = groups.get(name)
    if group is None or (subject.reads_in_order and group.line > one.line):
        text = f"line {one.line}: there is no volume group {name}."
        if group is not None:
            text = (
                f"line {one.line}: specify volume groups before logical volumes: {name} comes in line {group.line}."
            )
        yield finding("LV002", text, subject.option_span(one.line, "--vgname"), device=name)
    if one.name is not None:
        yield from _check_name(subject, one.line, one.name, "--name")
    pe_kib = extent_kib(subject, group)
    raised = format_named(fstype_of(subject, one)) if not subject.is_rhel5 else None
    size_mib = max(one.size_mib or 0, raised.min_mib or 0) if raised else one.size_mib or 0
    free = one.thin or one.grow or one.percent or one.useexisting
    if one.size_mib and not free and 0 < size_mib * 1024 < pe_kib:
        least = -(-pe_kib // 1024)
        fixes = subject.set_fix(f"write --size={least}", one.line, {"--size": least})
        text = f"line {one.line}: {one.size_mib} MiB is less than one extent of {name} ({least} MiB)."
        yield finding("LV005", text, subject.option_span(one.line, "--size"), device=one.name or "", fixes=fixes)
    if one.percent and one.grow and subject.is_rhel5:
        text = f"line {one.line}: --percent and --grow exclude each other."
        fixes = subject.set_fix("remove --grow", one.line, {"--grow": None})
        yield finding("LV007", text, subject.option_span(one.line, "--percent"), fixes=fixes)
    yield from _thin_and_cache(subject, one, group)


def _thin_and_cache(subject: Subject, one: LogVolRequest, group: VolGroupRequest | None) -> Iterator[Finding]:
    if one.thin and one.poolname:
        pools = [pool for pool in subject.spec.logvols if pool.thinpool and pool.vgname == one.vgname]
        if one.poolname not in [pool.name for pool in pools]:
            text = f"line {one.line}: there is no thin pool {one.poolname} in {one.vgname}."
            yield finding("LV008", text, subject.option_span(one.line, "--poolname"), device=one.poolname)
    for name in one.cachepvs:
        if group is not None and name not in group.members:
            text = f"line {one.line}: {name} is no physical volume of {one.vgname}."
            yield finding("LV008", text, subject.option_span(one.line, "--cachepvs"), device=name)


def _percentages(subject: Subject) -> Iterator[Finding]:
    total: dict[str, int] = {}
    for one in subject.spec.logvols:
        if not one.percent or one.vgname is None or one.thin:
            continue
        total[one.vgname] = total.get(one.vgname, 0) + one.percent
        if total[one.vgname] > 100:
            text = f"line {one.line}: the percentages of {one.vgname} add up to {total[one.vgname]}."
            yield finding("LV007", text, subject.option_span(one.line, "--percent"), device=one.vgname)


def _full(subject: Subject) -> Iterator[Finding]:
    if subject.layout is None:
        return
    for group in subject.layout.groups:
        if group.extents and not group.free_extents and group.line is not None:
            text = f"line {group.line}: {group.name} is full: no room for snapshots."
            yield finding("LV010", text, subject.line_span(group.line), device=group.name)
