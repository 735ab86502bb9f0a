"""Reading: a text becomes a `Document`, a document becomes the `Spec` the planner takes. Never fails on any text.

A line the release refuses asks for nothing; `partition_editor.rules` says what is wrong with it. Pure; any thread.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import lru_cache

from partition_editor.disks import Profile
from partition_editor.document.constraints import autopart_scheme
from partition_editor.document.directive import Directive
from partition_editor.document.kickstart import partition_lines
from partition_editor.document.lines import Document, split_lines
from partition_editor.document.parsing import read_directive
from partition_editor.requests import (
    AutoPartRequest,
    BootloaderRequest,
    BtrfsRequest,
    ClearRequest,
    IgnoreDiskRequest,
    LogVolRequest,
    MountRequest,
    PartRequest,
    RaidRequest,
    ReqPartRequest,
    Request,
    RocksScheme,
    Spec,
    VolGroupRequest,
)


def read_document(text: str) -> Document:
    """Take a text as it is; ``str()`` of the result is the same text again."""
    return Document(split_lines(text))


def read_directives(document: Document, release: str) -> list[tuple[int, Directive]]:
    """Every directive with its line number; blanks, comments and a kickstart file's other business left out."""
    found = []
    for number, line in partition_lines(document):
        directive = read_directive(line.raw, release)
        if directive is not None:
            found.append((number, directive))
    return found


def scheme_line(document: Document) -> RocksScheme | None:
    """The first line that is ``rocks`` and one more word: Rocks then throws away all others."""
    for number, line in document:
        words = line.raw.split()
        if len(words) == 2 and words[0] == "rocks":
            return RocksScheme(number, words[1])
    return None


def read_spec(document: Document, profile: Profile) -> Spec:
    """Everything the text asks for on a release.

    Raises:
        PartitionError: The profile's release is unknown.
    """
    reader = _SpecReader()
    for number, directive in read_directives(document, profile.release):
        if directive.is_valid and directive.table is not None and directive.table.kind == "ok":
            reader.take(number, directive)
    return Spec(
        requests=tuple(reader.requests),
        clear=reader.clear,
        ignoredisk=reader.ignoredisk,
        bootloader=reader.bootloader,
        reqpart=reader.reqpart,
        autopart=reader.autopart,
        zerombr=reader.zerombr,
        scheme=scheme_line(document),
    )


def normalise_mount_point(text: str) -> str:
    """``/home/`` → ``/home``, ``//a/../b`` → ``/b``; anything that does not begin with ``/`` stays as it is."""
    if not text.startswith("/"):
        return text
    return re.sub(r"^/+", "/", posixpath.normpath(text))


def level_number(text: str) -> int | None:
    """``1``, ``RAID1`` and ``raid1`` are level 1; None for anything else."""
    digits = text.upper().removeprefix("RAID")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else None


class _SpecReader:
    """Collects the requests of valid directives."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.clear: ClearRequest | None = None
        self.ignoredisk: IgnoreDiskRequest | None = None
        self.bootloader: BootloaderRequest | None = None
        self.reqpart: ReqPartRequest | None = None
        self.autopart: AutoPartRequest | None = None
        self.zerombr: int | None = None

    def take(self, line: int, directive: Directive) -> None:
        """Add what one line asks for."""
        if directive.command in BUILDERS:
            self.requests.append(_request(line, directive))
            return
        match directive.command:
            case "clearpart":
                self.clear = _clear(line, directive, self.clear)
            case "ignoredisk":
                self.ignoredisk = IgnoreDiskRequest(line, directive.words("--drives"), directive.words("--only-use"))
            case "bootloader":
                self.bootloader = _bootloader(line, directive, self.bootloader)
            case "reqpart":
                self.reqpart = ReqPartRequest(line, directive.has("--add-boot"))
            case "autopart":
                self.autopart = _autopart(line, directive)
            case "zerombr":
                self.zerombr = line


@lru_cache(maxsize=16384)
def _request(line: int, directive: Directive) -> Request:
    """Kept because an edit leaves all lines but one as they were."""
    return BUILDERS[directive.command](line, directive)


def _device(name: str | None) -> str | None:
    return None if name is None else name.removeprefix("/dev/")


def _part(line: int, directive: Directive) -> PartRequest:
    return PartRequest(
        line=line,
        mount=normalise_mount_point(directive.arguments[0].text),
        size_mib=directive.number("--size"),
        grow=directive.has("--grow"),
        maxsize_mib=directive.number("--maxsize"),
        disk=_device(directive.text("--ondisk")),
        onpart=_device(directive.text("--onpart")),
        fstype=directive.text("--fstype"),
        asprimary=directive.has("--asprimary"),
        noformat=directive.has("--noformat"),
        recommended=directive.has("--recommended"),
        hibernation=directive.has("--hibernation"),
        resize=directive.has("--resize"),
        active=directive.has("--active"),
        start_cylinder=directive.number("--start"),
        end_cylinder=directive.number("--end"),
        label=directive.text("--label"),
        encrypted=directive.has("--encrypted"),
        passphrase=directive.text("--passphrase"),
    )


def _raid(line: int, directive: Directive) -> RaidRequest:
    level = directive.text("--level") or ""
    return RaidRequest(
        line=line,
        mount=normalise_mount_point(directive.arguments[0].text),
        device=directive.text("--device"),
        level=level_number(level),
        members=tuple(token.text for token in directive.arguments[1:]),
        spares=directive.number("--spares") or 0,
        fstype=directive.text("--fstype"),
        chunksize_kib=directive.number("--chunksize"),
        noformat=directive.has("--noformat"),
        useexisting=directive.has("--useexisting") or directive.has("--noformat"),
        encrypted=directive.has("--encrypted"),
        passphrase=directive.text("--passphrase"),
        level_text=level,
    )


def _volgroup(line: int, directive: Directive) -> VolGroupRequest:
    return VolGroupRequest(
        line=line,
        name=directive.arguments[0].text,
        members=tuple(token.text for token in directive.arguments[1:]),
        pesize_kib=directive.number("--pesize"),
        reserved_space_mib=directive.number("--reserved-space"),
        reserved_percent=directive.number("--reserved-percent"),
        noformat=directive.has("--noformat"),
        useexisting=directive.has("--useexisting") or directive.has("--noformat"),
    )


def _logvol(line: int, directive: Directive) -> LogVolRequest:
    return LogVolRequest(
        line=line,
        mount=normalise_mount_point(directive.arguments[0].text),
        vgname=directive.text("--vgname"),
        name=directive.text("--name"),
        size_mib=directive.number("--size"),
        percent=directive.number("--percent"),
        grow=directive.has("--grow"),
        maxsize_mib=directive.number("--maxsize"),
        fstype=directive.text("--fstype"),
        recommended=directive.has("--recommended"),
        hibernation=directive.has("--hibernation"),
        noformat=directive.has("--noformat"),
        useexisting=directive.has("--useexisting") or directive.has("--noformat"),
        resize=directive.has("--resize"),
        thin=directive.has("--thin"),
        thinpool=directive.has("--thinpool"),
        poolname=directive.text("--poolname"),
        chunksize_kib=directive.number("--chunksize"),
        metadatasize_mib=directive.number("--metadatasize"),
        cachesize_mib=directive.number("--cachesize"),
        cachemode=directive.text("--cachemode"),
        cachepvs=directive.words("--cachepvs"),
        encrypted=directive.has("--encrypted"),
        passphrase=directive.text("--passphrase"),
    )


def _btrfs(line: int, directive: Directive) -> BtrfsRequest:
    return BtrfsRequest(
        line=line,
        mount=normalise_mount_point(directive.arguments[0].text),
        members=tuple(token.text for token in directive.arguments[1:]),
        label=directive.text("--label"),
        data_level=directive.text("--data"),
        subvol=directive.has("--subvol"),
        name=directive.text("--name"),
        noformat=directive.has("--noformat"),
        useexisting=directive.has("--useexisting") or directive.has("--noformat"),
    )


def _mount(line: int, directive: Directive) -> MountRequest:
    reformat = directive.find("--reformat")
    return MountRequest(
        line=line,
        device=directive.arguments[0].text.removeprefix("/dev/"),
        mount=normalise_mount_point(directive.arguments[1].text),
        reformat=None if reformat is None else (reformat.value or ""),
    )


def _clear(line: int, directive: Directive, before: ClearRequest | None) -> ClearRequest:
    """A later line's values are laid over an earlier one's."""
    before = before or ClearRequest(line)
    modes = [one.option.name[2:] for one in directive.given if one.option.name in ("--none", "--linux", "--all")]
    return ClearRequest(
        line=line,
        mode=modes[-1] if modes else before.mode,
        drives=tuple(_device(one) or "" for one in directive.words("--drives")) or before.drives,
        initlabel=directive.has("--initlabel"),
        devices=tuple(_device(one) or "" for one in directive.words("--list")) or before.devices,
        disklabel=directive.text("--disklabel") or None,
    )


def _bootloader(line: int, directive: Directive, before: BootloaderRequest | None) -> BootloaderRequest:
    before = before or BootloaderRequest(line)
    return BootloaderRequest(
        line=line,
        location=directive.text("--location") or before.location,
        boot_drive=_device(directive.text("--boot-drive")) or before.boot_drive,
        driveorder=directive.words("--driveorder") or before.driveorder,
    )


def _autopart(line: int, directive: Directive) -> AutoPartRequest:
    return AutoPartRequest(
        line=line,
        scheme=autopart_scheme(directive),
        fstype=directive.text("--fstype"),
        nohome=directive.has("--nohome"),
        noboot=directive.has("--noboot"),
        noswap=directive.has("--noswap"),
        encrypted=directive.has("--encrypted"),
    )


BUILDERS: dict[str, Callable[[int, Directive], Request]] = {
    "part": _part,
    "raid": _raid,
    "volgroup": _volgroup,
    "logvol": _logvol,
    "btrfs": _btrfs,
    "mount": _mount,
}
"""Commands that ask for one thing each, and how it is read."""
