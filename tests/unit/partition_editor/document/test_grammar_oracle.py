"""Lines made from the option tables fare with us as with each release's own parser.

Where the oracle is wrong we are stricter, on purpose: it takes unknown options of ``volgroup`` for members, and words
that begin with ``-`` for mount points.
"""

from __future__ import annotations

import shlex
import warnings
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pykickstart.errors import KickstartParseError
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

from partition_editor.disks import Profile
from partition_editor.document.conflicts import parse_refusal
from partition_editor.document.directive import Directive
from partition_editor.document.parsing import read_directive
from partition_editor.document.reading import read_document, read_spec
from partition_editor.document.tokens import quote
from partition_editor.findings import Severity
from partition_editor.options import Option, OptionKind, commands, releases


def words(text: str) -> list[str]:
    """Words written as prose, to keep lists short."""
    return text.split()


@lru_cache(maxsize=64)
def handler(release: str) -> Any:
    """A handler of a release; commands are made fresh for each line, so that nothing is carried over."""
    return makeVersion(release)


def accepts(line: str, release: str) -> bool:
    """The release's parser raises nothing for this line alone."""
    try:
        parts = shlex.split(line, comments=True)
        known = handler(release).commands.get(parts[0])
        if known is None:
            return False
        command = type(known)()
        command.handler = handler(release)
        command.currentCmd = parts[0]
        command.lineno = 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            command.parse(parts[1:])
    except (KickstartParseError, ValueError, AssertionError):
        return False
    return True


RELEASES = words(
    "RHEL4 RHEL5 RHEL6 RHEL7 RHEL8 RHEL9 RHEL10 RHEL11 FC3 F7 F12 F16 F18 F21 F25 F28 F34 F38 F41 F43 F45"
)
COMMANDS = words(
    "clearpart part partition raid volgroup logvol ignoredisk zerombr bootloader autopart reqpart btrfs mount "
    "snapshot stratispool stratisfs"
)
ARGUMENTS = {"part": 1, "partition": 1, "logvol": 1, "raid": 3, "volgroup": 3, "mount": 2, "btrfs": 2, "snapshot": 1}
NEEDED = {
    "raid": ("--device", "--level"),
    "logvol": ("--vgname", "--name", "--size"),
    "snapshot": ("--name", "--when"),
    "stratisfs": ("--name", "--poolname"),
    "ignoredisk": ("--drives",),
}
GOOD = {
    "--level": ("1", "RAID5", "raid6", "10", "4"),
    "--device": ("md0", "1", "data"),
    "--when": ("pre-install", "post-install"),
    "--type": ("lvm", "plain", "BTRFS", "thinp", "stratis"),
    "--data": ("single", "raid1"),
    "--location": ("mbr", "none"),
    "--luks-version": ("luks2-hw-opal", "luks1"),
}
NUMBERS = st.sampled_from(["0", "1", "50", "-5", "8000", "100", "101", "8G", "1.5", "", "0x10", "+7"])
WORDS = st.sampled_from(
    [
        *words("/ /home swap raid.1 pv.1 vg vg/lv sda a,b a, ext4 tmpfs btrfs btrfs.1 none 1 mirror writeback - "),
        "x\ty",
        "",
        "my data",
    ]
)
MOUNTS = st.sampled_from(["/", "/home/", "swap", "raid.1", "pv.1", "vg", "vg/lv", "btrfs.1"])


def known_options(command: str) -> list[Option]:
    """Every option any release has for a command, by spelling."""
    found: dict[str, Option] = {}
    for release in releases():
        if command in commands(release):
            found.update(commands(release)[command].options)
    return [Option(name, (name,), one.kind) for name, one in sorted(found.items())]


OPTIONS = {command: known_options(command) for command in COMMANDS}


@st.composite
def written_option(draw: st.DrawFn, option: Option) -> str:
    """An option somebody might write: abbreviated, joined or not, with a good or a bad value."""
    name = option.name
    if draw(st.integers(0, 9)) == 0:
        name = name[: draw(st.integers(4, max(4, len(name))))]
    if option.kind is OptionKind.FLAG:
        return name + draw(st.sampled_from(["", "", "", "", "", "=1"]))
    if option.name in GOOD and draw(st.integers(0, 3)):
        value = draw(st.sampled_from(GOOD[option.name]))
    else:
        value = draw(NUMBERS if option.kind is OptionKind.INT else WORDS)
    return f"{name}{draw(st.sampled_from(['=', ' ']))}{quote(value)}"


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line of any command, right or wrong."""
    command = draw(st.sampled_from(COMMANDS))
    by_name = {one.name: one for one in OPTIONS[command]}
    chosen = [by_name[name] for name in NEEDED.get(command, ())] if draw(st.integers(0, 4)) else []
    if OPTIONS[command]:
        chosen += draw(st.lists(st.sampled_from(OPTIONS[command]), max_size=4))
    options = [draw(written_option(one)) for one in chosen]
    count = ARGUMENTS.get(command, 0) + draw(st.sampled_from([0, 0, 0, 0, -1, 1]))
    arguments = [quote(draw(st.one_of(MOUNTS, MOUNTS, MOUNTS, WORDS))) for _ in range(max(count, 0))]
    match draw(st.integers(0, 2)):
        case 0:
            parts = arguments + options
        case 1:
            parts = options + arguments
        case _:
            parts = draw(st.permutations(arguments + options))
    return " ".join([command, *parts])


def is_stricter_on_purpose(directive: Directive) -> bool:
    """We refuse it for one of the oracle's known mistakes, and for nothing else."""
    errors = [one for one in directive.problems if one.severity is Severity.ERROR]
    if directive.command == "volgroup" and any(one.rule == "KS002" for one in errors):
        return True
    return all(one.rule in ("KS002", "KS012") for one in errors) and any(
        token.text.startswith("-") for token in directive.arguments
    )


@settings(max_examples=600, deadline=None)
@example("raid / a b --device=0 --level=1 --bytes-per-inode='my data'", "RHEL7")
@given(lines(), st.sampled_from(RELEASES))
def test_our_verdict_is_the_releases_own(line: str, release: str) -> None:
    directive = read_directive(line, release)
    assert directive is not None
    expected = accepts(line, release)
    if expected and is_stricter_on_purpose(directive):
        return
    assert directive.is_valid == expected, [one.message for one in directive.problems]


@pytest.mark.parametrize("release", ["RHEL5", "RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10", "F45"])
@pytest.mark.parametrize("command", ["part", "raid", "logvol", "volgroup", "clearpart", "bootloader", "autopart"])
def test_each_option_is_known_exactly_where_the_release_knows_it(release: str, command: str) -> None:
    """One line per option, complete but for that option, so that nothing else decides."""
    frame = {
        "part": "part / --size=100 --onpart=sda1 --encrypted --luks-version=luks2-x",
        "raid": "raid / --device=md0 --level=1 raid.1 raid.2",
        "logvol": "logvol / --vgname=a --name=b --size=100 --thinpool",
        "volgroup": "volgroup a pv.1",
        "clearpart": "clearpart --all",
        "bootloader": "bootloader",
        "autopart": "autopart",
    }[command]
    if release in ("RHEL5", "RHEL6", "RHEL7"):
        frame = frame.replace(" --encrypted --luks-version=luks2-x", "")
    if release == "RHEL5":
        frame = frame.replace(" --thinpool", "")
    for option in OPTIONS[command]:
        value = GOOD.get(option.name, ("5",))[0]
        line = frame + (f" {option.name}" if option.kind is OptionKind.FLAG else f" {option.name}={value}")
        directive = read_directive(line, release)
        assert directive is not None
        unknown = any(one.rule == "KS002" for one in directive.problems)
        assert unknown == (option.name not in commands(release)[command].options), line
        if not (unknown and command == "volgroup"):
            assert directive.is_valid == accepts(line, release), line


STORAGE = ("part", "raid", "volgroup", "logvol", "clearpart", "ignoredisk", "autopart", "reqpart", "mount", "btrfs")
TEXT_LINES = st.sampled_from(
    [
        "part / --size=8000 --ondisk=sda # root",
        "partition /home/ --size 500 --grow --maxsize=900 --fstype ext4",
        "part swap --recommended",
        "part raid.01 --size=900 --asprimary",
        "part raid.02 --onpart=/dev/sdb1 --noformat",
        "raid /data --level=RAID1 --device=md0 --spares=1 raid.01 raid.02 raid.03",
        "volgroup main --pesize=4096 pv.01",
        "logvol /var --vgname=main --name=var --percent=50",
        "logvol //srv/../srv --vgname=main --name=srv --size=100 --grow",
        "clearpart --all --drives=sda,sdb --initlabel",
        "clearpart --linux",
        "ignoredisk --drives=sdc",
        "ignoredisk --only-use=sda",
        "autopart",
        "reqpart",
        "mount /dev/sda1 /srv",
        "part /broken --size=x",
        "",
        "# nothing",
    ]
)


def parse_whole(text: str, release: str) -> Any:
    """The oracle's handler after a whole text; None when it stops."""
    fresh = handler(release)
    for command in STORAGE:
        if command in fresh.commands:
            fresh.resetCommand(command)
    fresh.commands["partition"] = fresh.commands["part"]
    parser = KickstartParser(fresh, followIncludes=False, missingIncludeIsFatal=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parser.readKickstartFromString(text)
        except (KickstartParseError, ValueError, AssertionError):
            return None
    return fresh


@settings(max_examples=250, deadline=None)
@given(
    st.lists(TEXT_LINES, max_size=6), st.sampled_from(["RHEL5", "RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10", "F45"])
)
def test_a_whole_text_is_read_as_the_release_reads_it(some: list[str], release: str) -> None:
    text = "".join(line + "\n" for line in some)
    oracle = parse_whole(text, release)
    refusal = parse_refusal(read_document(text), release)
    assert (refusal is None) == (oracle is not None), refusal
    if oracle is None:
        return
    spec = read_spec(read_document(text), Profile(release=release))
    assert [
        (
            one.mount,
            one.size_mib or 0,
            one.grow,
            one.maxsize_mib or 0,
            one.disk or "",
            one.onpart or "",
            one.fstype or "",
        )
        for one in spec.parts
    ] == [
        (one.mountpoint.replace("//", "/"), one.size or 0, one.grow, one.maxSizeMB, one.disk, one.onPart, one.fstype)
        for one in oracle.partition.partitions
    ]
    assert [(one.noformat, one.asprimary, one.recommended) for one in spec.parts] == [
        (not one.format, one.primOnly, one.recommended) for one in oracle.partition.partitions
    ]
    assert [(one.mount, f"RAID{one.level}", one.members, one.spares) for one in spec.raids] == [
        (one.mountpoint, one.level, tuple(one.members), one.spares) for one in oracle.raid.raidList
    ]
    assert [(one.name, one.members) for one in spec.volgroups] == [
        (one.vgname, tuple(one.physvols)) for one in oracle.volgroup.vgList
    ]
    assert [(one.mount, one.vgname, one.name, one.size_mib or 0, one.percent or 0) for one in spec.logvols] == [
        (one.mountpoint.replace("//", "/"), one.vgname, one.name, one.size or 0, one.percent or 0)
        for one in oracle.logvol.lvList
    ]
    if spec.clear is not None:
        assert list(spec.clear.drives) == oracle.clearpart.drives
        assert spec.clear.initlabel == oracle.clearpart.initAll
