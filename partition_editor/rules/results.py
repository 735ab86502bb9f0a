"""PT015 … PT025, LV006: what the planner's answer shows. Also its refusals and the installer's own last check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from partition_editor.disks import MIB_SECTORS
from partition_editor.document.sizes import show_mib
from partition_editor.findings import Finding, Fix
from partition_editor.layout import Layout, PlannedDisk, PlanRefusal
from partition_editor.requests import LogVolRequest, PartRequest
from partition_editor.rules.subject import Subject, finding, is_special

REFUSALS = (
    (r"extent size|extended? size", "LV005"),
    (r"\blv\b.*too large|logical volumes? .*(?:enough|space)|allocated logical volumes", "LV006"),
    (r"no primary partition slots", "PT016"),
    (r"no free partition slots", "PT016"),
    (r"RAID (?:level|device).*(?:at least|requires)|spares", "MD004"),
    (r"undefined partition .*(?:RAID|raid)", "MD001"),
    (r"undefined partition", "LV001"),
    (r"defined multiple times", "MD003"),
    (r"RAID .*already in use", "MD008"),
    (r"clearpart", "DK001"),
    (r"is not partitioned", "DK003"),
    (r"in part command does not exist", "DK002"),
    (r"mount point .* invalid", "PT003"),
    (r"file system type", "PT007"),
    (r"too small for|allowable size", "PT014"),
    (r"size specification|^Size required", "PT009"),
    (r"[Nn]o volume group|volume groups? before", "LV002"),
    (r"--noformat|onpart", "DK009"),
)
"""An installer's refusal → the rule it comes under; anything else does not fit (PT015)."""

CHECKS = (
    (r"root partition|created a bootable partition", "PT001"),
    (r"biosboot", "BT001"),
    (r"EFI System Partition|/boot/efi", "BT002"),
    (r"must be on a linux file system", "PT006"),
    (r"directory must be on", "PT004"),
    (r"symbolic link", "PT005"),
    (r"swap", "PT019"),
)
"""What the installer's last check says → the rule; anything else is about booting (BT003)."""

SMALL = re.compile(r"Your (?P<what>\S+) partition is less than")
HORDE = re.compile(r"No valid boot loader target")


def check_results(subject: Subject) -> Iterator[Finding]:
    """Findings from the planner's answer; nothing when there is none."""
    if isinstance(subject.answer, PlanRefusal):
        yield from _refusal(subject, subject.answer)
    elif subject.answer is not None:
        yield from _checker(subject, subject.answer)
        yield from _sizes(subject)
        yield from _placed(subject)
        for disk in subject.answer.disks:
            yield from _unused(subject, disk)
    yield from _logical(subject)
    yield from _growing(subject)
    yield from _nested(subject)


def _refusal(subject: Subject, refusal: PlanRefusal) -> Iterator[Finding]:
    if refusal.stage == "parse":
        return
    rule = next((rule for pattern, rule in REFUSALS if re.search(pattern, refusal.error)), "PT015")
    error = " ".join(refusal.error.split())
    text = f"{subject.where}{error}"
    if refusal.line is not None:
        text = f"line {refusal.line}: {text}"
    if refusal.short_mib:
        text += f" {show_mib(refusal.short_mib)} are missing."
    span = subject.line_span(refusal.line) if refusal.line is not None else None
    yield finding(rule, text, span, device=refusal.disk or "")


def _line_of(subject: Subject, mount: str) -> int | None:
    mount = "/" if mount == "root" else mount
    return next((one.line for one in subject.mounted if one.mount == mount), None)


def _checker(subject: Subject, layout: Layout) -> Iterator[Finding]:
    for error in layout.checker_errors:
        if HORDE.search(error):
            continue
        rule = next((rule for pattern, rule in CHECKS if re.search(pattern, error)), "BT003")
        mount = re.search(r"(/\S*)", error)
        line = _line_of(subject, mount[1].rstrip(".,")) if mount and rule in ("PT004", "PT006", "BT003") else None
        fixes: tuple[Fix, ...] = ()
        if rule == "BT001":
            disk = re.search(r"on the (\S+) disk", error)
            fixes = subject.insert_fix("part biosboot --size=1" + (f" --ondisk={disk[1]}" if disk else ""))
        elif rule == "BT002":
            name = layout.disks[0].name if layout.disks else ""
            fixes = subject.insert_fix(
                "part /boot/efi --fstype=efi --size=600" + (f" --ondisk={name}" if name else "")
            )
        span = subject.line_span(line) if line is not None else None
        yield finding(rule, f"{subject.where}{error}", span, fixes=fixes)
    for warning in layout.checker_warnings:
        small = SMALL.search(warning)
        line = _line_of(subject, small["what"]) if small else None
        span = subject.option_span(line, "--size") if line is not None else None
        yield finding("PT018" if small else "PT019", f"{subject.where}{warning}", span)


def _sizes(subject: Subject) -> Iterator[Finding]:
    for line, (disk, one) in sorted(subject.planned.items()):
        if one.asked_mib is None or one.grows or one.kept:
            continue
        real_mib = (one.length + MIB_SECTORS // 2) // MIB_SECTORS
        if real_mib != one.asked_mib:
            text = f"line {line}: asked {one.asked_mib} MiB, gets {real_mib} MiB."
            yield finding("PT020", text, subject.option_span(line, "--size"), device=one.name or disk)


def _placed(subject: Subject) -> Iterator[Finding]:
    """Growing partitions that could go to several disks."""
    growing = [part for part in subject.parts if part.grow and part.disk is None and part.onpart is None]
    if len(subject.disks) < 2:
        return
    for part in growing:
        if part.line in subject.planned:
            disk = subject.planned[part.line][0]
            text = f"line {part.line}: goes to {disk} (largest growth)."
            fixes = subject.set_fix(f"add --ondisk={disk}", part.line, {"--ondisk": disk})
            yield finding("PT022", text, subject.option_span(part.line, "--grow"), device=disk, fixes=fixes)


def _unused(subject: Subject, disk: PlannedDisk) -> Iterator[Finding]:
    ours = any(one.line is not None for one in disk.partitions)
    free = sum(one.length for one in disk.free)
    if (ours or disk.cleared) and free * 10 > disk.sectors:
        text = f"{subject.where}{free / MIB_SECTORS / 1024:.1f} GiB of {disk.name} unused."
        lines = sorted({one.line for one in disk.partitions if one.line is not None})
        here = [part for line in lines if (part := subject.part_lines.get(line)) is not None]
        fixes: tuple[Fix, ...] = ()
        pinned = [part for part in here if part.disk == disk.name]
        last = next((part for part in reversed(pinned) if part.mount != "swap"), None)
        if last is not None and not any(part.grow for part in here):
            fixes = subject.set_fix(f"grow {last.mount}", last.line, {"--grow": True})
        yield finding("PT023", text, device=disk.name, fixes=fixes)


def _logical(subject: Subject) -> Iterator[Finding]:
    """RHEL 5 has no device names for more; three primary partitions and an extended one come first."""
    if not subject.is_rhel5:
        return
    for disk in subject.disk_names:
        most = 59 if disk.startswith("hd") else 11
        alone = len(subject.disks) == 1
        here = [one for one in subject.parts if not one.onpart and (one.disk == disk or (alone and not one.disk))]
        if len(here) > 3 + most:
            line = here[3 + most].line
            count = len(here) - 3
            text = f"line {line}: {disk} would have {count} logical partitions; {subject.release} can use {most}."
            yield finding("PT017", text, subject.line_span(line), device=disk)


def _growing(subject: Subject) -> Iterator[Finding]:
    """Growth is shared in proportion to --size, which surprises."""
    pools: dict[str, list[PartRequest | LogVolRequest]] = {}
    for one in subject.spec.requests:
        if isinstance(one, PartRequest) and one.grow and one.maxsize_mib is None:
            pools.setdefault(f"disk {one.disk or ''}", []).append(one)
        elif isinstance(one, LogVolRequest) and one.grow and one.maxsize_mib is None:
            pools.setdefault(f"group {one.vgname}", []).append(one)
    for pool in pools.values():
        sizes = [one.size_mib or 0 for one in pool]
        total = sum(sizes)
        largest = max(sizes, default=0)
        for one, size in zip(pool, sizes, strict=True):
            if 0 < size * 100 <= largest:
                share = 100 * size / total
                text = f"line {one.line}: --size={size} next to --size={largest}: gets {share:.2f} % of the space."
                fixes = subject.set_fix(f"write --size={largest}", one.line, {"--size": largest})
                yield finding("PT021", text, subject.option_span(one.line, "--size"), fixes=fixes)


def _nested(subject: Subject) -> Iterator[Finding]:
    disks = {one.mount: one.disk for one in subject.parts if one.disk and not is_special(one.mount)}
    lines = {one.mount: one.line for one in subject.parts}
    for mount, disk in disks.items():
        other = mount.rpartition("/")[0]
        while other and other not in disks:
            other = other.rpartition("/")[0]
        if other and disks[other] != disk:
            line = lines[mount]
            text = f"line {line}: {mount} on {disk} lies inside {other} on {disks[other]}: it needs both disks."
            yield finding("PT025", text, subject.argument_span(line), device=disk or "")
