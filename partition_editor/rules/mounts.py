"""PT001 … PT014, PT019: the requests as written. Sources: Anaconda's checks of each release, blivet's formats."""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.disks import MIB_SECTORS
from partition_editor.document.reading import normalise_mount_point
from partition_editor.findings import Finding, Severity
from partition_editor.planner.formats import FORMATS, format_named
from partition_editor.planner.release import release_of
from partition_editor.requests import LogVolRequest, MountRequest, PartRequest, RaidRequest
from partition_editor.rules.subject import Mounted, Subject, finding, is_special
from partition_editor.rules.targets import existing_partition, gets_label

ON_ROOT = frozenset(
    ["/bin", "/dev", "/sbin", "/etc", "/lib", "/root", "/mnt", "/proc", "/lost+found", "/sys", "/run", "lost+found"]
)
LINKS = frozenset({"/var/mail", "/usr/bin/X11", "/usr/lib/X11", "/usr/tmp"})
ON_LINUX = frozenset({"/", "/var", "/tmp", "/usr", "/home", "/usr/share", "/usr/lib"})
RHEL5_FORMATS = frozenset(
    ["ext2", "ext3", "ext4", "swap", "vfat", "xfs", "jfs", "reiserfs", "gfs2", "efi", "PPC PReP Boot", "hfs"]
)
MSDOS_LARGEST_MIB = 2 * 1024 * 1024

Sized = PartRequest | LogVolRequest


def check_mounts(subject: Subject) -> Iterator[Finding]:
    """Findings PT001 … PT014."""
    yield from _root(subject)
    yield from _twice(subject)
    yield from _swap(subject)
    for one in subject.mounted:
        if not isinstance(one, MountRequest):
            yield from _path(subject, one)
            yield from _format(subject, one)
    for request in subject.spec.requests:
        if isinstance(request, (PartRequest, LogVolRequest)):
            yield from _size(subject, request)


def _root(subject: Subject) -> Iterator[Finding]:
    spec = subject.spec
    if spec.autopart is not None or spec.scheme is not None or not subject.directives:
        return
    if any(one.mount == "/" for one in subject.mounted):
        return
    broken = any(not one.is_valid and any(t.text == "/" for t in one.arguments) for _, one in subject.directives)
    if broken:
        return
    fixes = subject.insert_fix("part / --size=8000")
    yield finding("PT001", "You have not defined a root partition (/).", fixes=fixes)


def _swap(subject: Subject) -> Iterator[Finding]:
    spec = subject.spec
    if spec.autopart is not None or not subject.mounted:
        return
    kinds = (PartRequest, RaidRequest, LogVolRequest)
    if not any(isinstance(one, kinds) and one.mount == "swap" for one in spec.requests):
        text = f"{subject.where}no swap: little memory will not do for the installer then."
        yield finding("PT019", text, fixes=subject.insert_fix("part swap --size=1000"))


def _twice(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for one in subject.mounted:
        if one.mount in seen and one.mount.lower() != "none":
            text = f"line {one.line} replaces line {seen[one.mount]}: both are {one.mount}."
            fixes = subject.remove_fix(f"remove line {seen[one.mount]}", seen[one.mount])
            yield finding("PT002", text, subject.argument_span(one.line), fixes=fixes)
        seen[one.mount] = one.line


def _path(subject: Subject, one: Mounted) -> Iterator[Finding]:
    directive = subject.by_line.get(one.line)
    written = directive.arguments[0].text if directive and directive.arguments else one.mount
    if _is_usual(subject, written, one.mount):
        return
    span = subject.argument_span(one.line)
    if any(char.isspace() or not char.isprintable() for char in written):
        yield finding("PT003", f"line {one.line}: {MOUNT_POINTS}", span)
    elif not written.startswith("/"):
        guess = _guess(written)
        fixes = subject.argument_fix(f"write {guess}", one.line, 0, guess)
        if subject.is_rhel5:
            yield finding("PT003", f"line {one.line}: {MOUNT_POINTS}", span, fixes=fixes)
        else:
            text = f'line {one.line}: "{written}" will be treated as a mount point; did you mean {guess}?'
            yield finding("PT008", text, span, fixes=fixes)
    elif subject.is_rhel5 and written != "/" and written.endswith("/"):
        tidy = normalise_mount_point(written)
        fixes = subject.argument_fix(f"write {tidy}", one.line, 0, tidy)
        yield finding("PT003", f"line {one.line}: {MOUNT_POINTS}", span, fixes=fixes)
    if one.mount in ON_ROOT:
        text = f"line {one.line}: the {one.mount} directory must be on the / file system."
        yield finding("PT004", text, span, fixes=subject.remove_fix(f"remove line {one.line}", one.line))
    if one.mount in LINKS:
        text = f"line {one.line}: {one.mount} must be a symbolic link."
        yield finding("PT005", text, span, fixes=subject.remove_fix(f"remove line {one.line}", one.line))


def _is_usual(subject: Subject, written: str, mount: str) -> bool:
    """Most mount points are: nothing is to be said about them."""
    plain = written.startswith("/") and written.isprintable() and not any(char.isspace() for char in written)
    tidy = not subject.is_rhel5 or written == "/" or not written.endswith("/")
    return plain and tidy and mount not in ON_ROOT and mount not in LINKS


MOUNT_POINTS = 'Mount points start with "/", no trailing "/" and no spaces.'


def _guess(word: str) -> str:
    if word.lower() == "none":
        return "None"
    if word.lower().startswith("swap"):
        return "swap"
    return normalise_mount_point("/" + word.strip("/"))


def fstype_of(subject: Subject, one: PartRequest | RaidRequest | LogVolRequest) -> str:
    """The format a request gets, its name as the planner's table has it."""
    if one.mount == "swap":
        return "swap"
    if one.mount.startswith("raid."):
        return "mdmember"
    if one.mount.startswith("pv."):
        return "lvmpv"
    if one.mount == "/boot/efi" and not one.fstype:
        return "efi"
    if one.mount in FORMATS:
        return one.mount
    return one.fstype or subject.profile.default_fstype or release_of(subject.profile).fstype


def _format(subject: Subject, one: Mounted) -> Iterator[Finding]:
    if not isinstance(one, (PartRequest, RaidRequest, LogVolRequest)):
        return
    fstype = fstype_of(subject, one)
    known = format_named(fstype)
    if (subject.is_rhel5 and fstype not in RHEL5_FORMATS) or (known is None and not subject.is_rhel5):
        text = f'line {one.line}: the "{fstype}" file system type is not supported by {subject.release}.'
        usual = release_of(subject.profile).fstype
        fixes = subject.set_fix(f"write --fstype={usual}", one.line, {"--fstype": usual})
        yield finding("PT007", text, subject.option_span(one.line, "--fstype"), fixes=fixes)
        return
    linux = known is None or (known.linux and known.mountable)
    if not linux and (one.mount in ON_LINUX or (subject.is_rhel5 and one.mount == "/boot")):
        usual = release_of(subject.profile).fstype
        fixes = subject.set_fix(f"write --fstype={usual}", one.line, {"--fstype": usual})
        text = f"line {one.line}: the mount point {one.mount} must be on a linux file system."
        yield finding("PT006", text, subject.option_span(one.line, "--fstype"), fixes=fixes)


def _size(subject: Subject, one: Sized) -> Iterator[Finding]:
    if isinstance(one, PartRequest):
        yield from _no_size(subject, one)
    size, most = one.size_mib, one.maxsize_mib
    for option, value in (("--size", size), ("--maxsize", most)):
        if value is not None and value < 0:
            text = f"line {one.line}: {option}={value} is negative."
            fixes = subject.set_fix(f"write {option}={-value}", one.line, {option: -value})
            yield finding("PT010", text, subject.option_span(one.line, option), fixes=fixes)
    if size is not None and most is not None and 0 <= most < size:
        text = f"line {one.line}: --size={size} is larger than --maxsize={most}."
        fixes = subject.set_fix(f"write --maxsize={size}", one.line, {"--maxsize": size})
        yield finding("PT011", text, subject.option_span(one.line, "--size"), fixes=fixes)
    if most is not None and not one.grow:
        fixes = (
            *subject.set_fix("add --grow", one.line, {"--grow": True}),
            *subject.set_fix("remove --maxsize", one.line, {"--maxsize": None}),
        )
        text = f"line {one.line}: --maxsize without --grow has no effect."
        yield finding("PT012", text, subject.option_span(one.line, "--maxsize"), fixes=fixes)
    if size is not None and size > 0:
        yield from _limits(subject, one, size)


def _no_size(subject: Subject, part: PartRequest) -> Iterator[Finding]:
    if part.size_mib or part.onpart or part.recommended or part.hibernation or part.end_cylinder is not None:
        return
    if subject.is_rhel5:
        # RHEL 5 takes --size=0 and --grow alone is not enough for it either.
        if part.size_mib is None:
            text = f"line {part.line}: no size: {subject.release} stops."
            fixes = subject.set_fix("write --size=1", part.line, {"--size": 1})
            yield finding("PT009", text, subject.line_span(part.line), fixes=fixes)
        return
    fixes = subject.set_fix("write --size=500", part.line, {"--size": 500})
    text = f"line {part.line}: no size: {subject.release} uses 500 MiB."
    yield finding("PT009", text, subject.line_span(part.line), fixes=fixes, severity=Severity.WARNING)


def _limits(subject: Subject, one: Sized, size: int) -> Iterator[Finding]:
    known = format_named(fstype_of(subject, one))
    least = known.min_mib if known is not None and not subject.is_rhel5 else None
    if known is not None and least is not None and size * MIB_SECTORS < known.min_sectors and not one.grow:
        whole = -(-least.numerator // least.denominator)
        fixes = subject.set_fix(f"write --size={whole}", one.line, {"--size": whole})
        text = f"line {one.line}: raised to {whole} MiB ({known.shown})."
        yield finding("PT013", text, subject.option_span(one.line, "--size"), fixes=fixes)
    most = known.max_mib if known is not None else None
    if most is not None and size > most:
        fixes = subject.set_fix(f"write --size={most}", one.line, {"--size": most})
        text = f"line {one.line}: {size} MiB is more than {known.shown if known else ''} can be ({most} MiB)."
        yield finding("PT014", text, subject.option_span(one.line, "--size"), fixes=fixes)
    elif isinstance(one, PartRequest) and size > MSDOS_LARGEST_MIB and one.disk and not is_special(one.mount):
        disk = subject.disk(one.disk)
        if disk is not None and disk.label == "msdos" and gets_label(subject, disk):
            found = existing_partition(subject, one.onpart or "")
            if found is None and not (subject.spec.clear and subject.spec.clear.mode == "all"):
                text = f"line {one.line}: {size} MiB is more than an msdos label can hold (2 TiB)."
                yield finding("PT014", text, subject.option_span(one.line, "--size"), device=disk.name)
