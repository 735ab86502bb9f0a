"""Each rule by an example that breaks it, and texts that break none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partition_editor.disks import Disk, ExistingPartition, Firmware, Profile
from partition_editor.document import edits
from partition_editor.document.conflicts import parse_refusal
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document, read_spec
from partition_editor.findings import Finding, Severity, Span
from partition_editor.layout import PlanRefusal
from partition_editor.planner import plan
from partition_editor.rules import check
from partition_editor.rules.catalog import RULES
from partition_editor.rules.page import as_markdown

SDA = Disk("sda", 156301488)
SDB = Disk("sdb", 156301488)
SMALL = Disk("sda", 2048)
BIG = Disk("sda", 1 << 33)
STICK = Disk("sda", 156301488, removable=True)
STAMPED = replace(SDA, stamped=True)
OLD = Disk(
    "sda",
    156301488,
    label="msdos",
    partitions=(ExistingPartition(1, "sda1", "primary", 2048, 40960000, "ext4", "/home", has_data=True),),
)
CLEAR = "clearpart --all --initlabel --drives=sda\n"
BASE = CLEAR + "part / --size=8000 --ondisk=sda\npart swap --size=1000 --ondisk=sda\n"
MIRROR = (
    "clearpart --all --initlabel --drives=sda,sdb\npart / --size=8000 --ondisk=sda\npart swap --size=1000\n"
    "part raid.01 --size=9000 --ondisk=sda\npart raid.02 --size=9000 --ondisk=sdb\n"
)
LVM = BASE + "part pv.1 --size=20000\nvolgroup main pv.1\n"


def findings(
    text: str,
    disks: tuple[Disk, ...] = (SDA,),
    release: str = "RHEL9",
    *,
    firmware: Firmware = Firmware.BIOS,
    rocks: int | None = None,
) -> list[Finding]:
    """All findings, with the planner's answer where there are disks."""
    document = read_document(text)
    profile = Profile(release=release, firmware=firmware, rocks=rocks)
    answer = parse_refusal(document, release)
    if answer is None and disks:
        return check(document, disks, profile, plan(read_spec(document, profile), disks, profile))
    return check(document, disks, profile, answer)


@dataclass(frozen=True)
class Example:
    """A text that breaks a rule. `line` is where."""

    rule: str
    text: str
    message: str
    line: int | None = None
    disks: tuple[Disk, ...] = (SDA,)
    release: str = "RHEL9"
    firmware: Firmware = Firmware.BIOS
    severity: Severity | None = None

    def __str__(self) -> str:
        return f"{self.rule}-{self.release}-{self.line}"


E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741

EXAMPLES = [
    Example("KS001", BASE + "Part /a --size=1\n", "is not a kickstart partitioning command", 4),
    Example("KS001", BASE + "reqpart\n", "RHEL5 has no reqpart", 4, release="RHEL5"),
    Example("KS002", BASE + "part /a --size=1 --active\n", "RHEL9 has no --active for part", 4),
    Example("KS003", BASE + "part /a --size=8G\n", "Write --size=8192.", 4),
    Example("KS004", BASE + "part /a --size=1 --start=5\n", "--start is ignored by RHEL6", 4, release="RHEL6"),
    Example("KS005", BASE + "raid /a --level=1 raid.1 raid.2\n", "raid needs --device", 4),
    Example("KS006", BASE + "part '/a --size=1\n", "a quote is not closed", 4),
    Example("KS007", BASE + "%include /tmp/more\n", "sections and includes are not allowed", 4),
    Example("KS008", BASE + "part /a --siz=1\n", "--siz is read as --size", 4),
    Example("KS009", BASE + "ignoredisk --drives=sdb, sdc\n", "remove the space after the comma", 4),
    Example("KS010", BASE + "autopart\n", "autopart and part cannot be combined", 4),
    Example("KS011", MIRROR + "raid /a raid.01 raid.02 --level=1 --device=d x\n", '"x" is lost', 6, (SDA, SDB)),
    Example("KS012", BASE + "part /a /b --size=1\n", '"/b" is one word too many', 4),
    Example("KS013", BASE + "part /a --size=1 --resize\n", "--resize needs --onpart", 4),
    Example("RK001", BASE + "part /a --size=100", "would be cut off by Rocks", 4),
    Example("RK002", "rocks manual\n" + BASE, "throw away the other 3 lines", 1),
    Example("RK003", "rocks nonsense\n", 'unknown scheme "nonsense"', 1),
    Example("RK004", "rocks manual please\n", "passed to the installer as a directive", 1),
    Example(
        "RK005",
        MIRROR.replace("raid.0", "raid.1") + "raid pv.1 --level=1 --device=md0 raid.11 raid.12\nvolgroup v pv.1\n",
        "v would not find pv.1",
        7,
        (SDA, SDB),
        "RHEL6",
    ),
    Example("RK006", BASE + "part /a/quite/long/path --size=100\n", "is 18 characters", 4),
    Example("RK007", BASE, "carries .rocks-release", None, (STAMPED,)),
    Example("RK008", "# nothing yet\n", "no directives", None),
    Example("DK001", BASE.replace("=sda\npart /", "=sda,sdx\npart /"), "no disk sdx (has sda)", 1),
    Example("DK002", BASE + "part /a --size=1000 --ondisk=sdx\n", 'disk "sdx" given in part command', 4),
    Example("DK003", BASE + "part /a --size=1000 --ondisk=sdb\n", "sdb is blank and not cleared", 4, (SDA, SDB)),
    Example(
        "DK004", "clearpart --all\npart / --size=8000\n", "every disk of the node is erased (sda, sdb)", 1, (SDA, SDB)
    ),
    Example("DK005", BASE + "part /home --onpart=sda1 --noformat\n", "sda1 is erased by clearpart", 4, (OLD,)),
    Example("DK006", BASE + "part /a --size=1000 --ondisk=sda,sdb\n", "one disk per part line", 4, (SDA, SDB)),
    Example("DK007", BASE, "looks like removable media", 2, (STICK,)),
    Example("DK009", BASE + "part /a --noformat\n", "must also use the --onpart option", 4),
    Example("DK009", BASE + "part /a --onpart=sda9\n", 'no partition "sda9"', 4),
    Example("DK010", BASE, "sda gets a GPT label", None, (BIG,)),
    Example("PT001", CLEAR + "part /a --size=1000\n", "You have not defined a root partition", None),
    Example("PT002", BASE + "part / --size=9000\n", "line 4 replaces line 2: both are /.", 4),
    Example("PT003", BASE + "part data --size=1000\n", "Mount points start with", 4, release="RHEL5"),
    Example("PT003", BASE + "part '/my data' --size=1000\n", "Mount points start with", 4),
    Example("PT004", BASE + "part /etc --size=1000\n", "the /etc directory must be on the / file system", 4),
    Example("PT005", BASE + "part /var/mail --size=1000\n", "/var/mail must be a symbolic link", 4),
    Example("PT006", BASE + "part /usr --size=1000 --fstype=vfat\n", "/usr must be on a linux file system", 4),
    Example("PT007", BASE + "part /a --size=1000 --fstype=zfs\n", 'the "zfs" file system type is not supported', 4),
    Example("PT007", BASE + "part /a --size=1000 --fstype=btrfs\n", "RHEL9 has no btrfs", 4),
    Example("PT008", BASE + "part swap1 --size=1000\n", "did you mean swap?", 4),
    Example("PT009", BASE + "part /a\n", "no size: RHEL9 uses 500 MiB", 4, severity=W),
    Example("PT009", BASE + "part /a --grow\n", "no size: RHEL5 stops", 4, release="RHEL5"),
    Example("PT010", BASE + "part /a --size=-5\n", "--size=-5 is negative", 4),
    Example("PT011", BASE + "part /a --size=500 --grow --maxsize=100\n", "is larger than --maxsize=100", 4),
    Example("PT012", BASE + "part /a --size=500 --maxsize=1000\n", "--maxsize without --grow has no effect", 4),
    Example("PT013", BASE + "part /a --size=100 --fstype=xfs\n", "raised to 300 MiB (xfs)", 4),
    Example("PT014", BASE + "part biosboot --size=5\n", "more than BIOS Boot can be (2 MiB)", 4),
    Example("PT015", BASE, "", None, (SMALL,)),
    Example(
        "PT016", BASE + "".join(f"part /{x} --size=100 --asprimary --ondisk=sda\n" for x in "abcde"), "slots", None
    ),
    Example("PT017", BASE + "".join(f"part /{n} --size=100\n" for n in range(13)), "12 logical", 16, release="RHEL5"),
    Example("PT018", CLEAR + "part / --size=100 --fstype=ext4\npart swap --size=1000\n", "lower than recommended", 2),
    Example("PT019", CLEAR + "part / --size=8000\n", "no swap", None),
    Example("PT020", BASE, "asked 1000 MiB, gets 996 MiB.", 3, release="RHEL5"),
    Example("PT021", BASE + "part /a --size=1 --grow\npart /b --size=3000 --grow\n", "gets 0.03 % of the space", 4),
    Example("PT022", MIRROR + "part /a --size=1 --grow\n", "(largest growth)", 6, (SDA, SDB)),
    Example("PT023", BASE, "GiB of sda unused", None),
    Example(
        "PT024",
        MIRROR.replace("raid.02 --size=9000", "raid.02 --grow --size=9000")
        + "raid /a --level=1 --device=d raid.01 raid.02\n",
        "members differ; smallest counts",
        5,
        (SDA, SDB),
    ),
    Example(
        "PT025",
        MIRROR + "part /var --size=1000 --ondisk=sda\npart /var/log --size=1000 --ondisk=sdb\n",
        "/var/log on sdb lies inside /var on sda",
        7,
        (SDA, SDB),
    ),
    Example("BT001", BASE, "biosboot", None, release="RHEL10"),
    Example("BT002", BASE, "/boot/efi", None, firmware=Firmware.UEFI),
    Example(
        "BT003",
        CLEAR + "part pv.1 --size=20000\nvolgroup v pv.1\nlogvol / --vgname=v --name=r --size=9000\n",
        "/ holds the kernel and cannot be on LVM",
        4,
    ),
    Example(
        "BT003",
        BASE.replace("--size=8000", "--size=8000 --fstype=ext4"),
        "bootable partitions cannot be on an ext4",
        2,
        release="RHEL5",
    ),
    Example(
        "BT004",
        "clearpart --all --initlabel --drives=sda,sdb\npart / --size=8000 --ondisk=sdb\npart swap --size=1\n",
        "installer boots from sda (first disk), but / is on sdb",
        2,
        (SDA, SDB),
    ),
    Example(
        "MD001",
        MIRROR + "raid /a --level=1 --device=d raid.01,raid.02\n",
        "members separated by spaces",
        6,
        (SDA, SDB),
    ),
    Example(
        "MD002",
        MIRROR + "raid /a --level=1 --device=a raid.01 raid.02\nraid /b --level=1 --device=b raid.01 raid.02\n",
        "raid.01 is already a member of the array of line 6",
        7,
        (SDA, SDB),
    ),
    Example("MD003", MIRROR + "part raid.01 --size=100\n", '"raid.01" is defined multiple times', 6, (SDA, SDB)),
    Example(
        "MD004",
        MIRROR + "raid /a --level=5 --device=d raid.01 raid.02\n",
        "requires at least 3 members",
        6,
        (SDA, SDB),
    ),
    Example(
        "MD005",
        MIRROR + "raid /a --level=mirror --device=d raid.01 raid.02\n",
        'no RAID level "mirror"',
        6,
        (SDA, SDB),
    ),
    Example(
        "MD006",
        MIRROR.replace("--ondisk=sdb", "--ondisk=sda") + "raid /a --level=1 --device=d raid.01 raid.02\n",
        "a single disk failure kills d",
        6,
        (SDA, SDB),
    ),
    Example(
        "MD007",
        MIRROR.replace("raid.02 --size=9000", "raid.02 --size=20000")
        + "raid /a --level=1 --device=d raid.01 raid.02\n",
        "10.7 GiB of sdb unused",
        6,
        (SDA, SDB),
    ),
    Example(
        "MD008",
        MIRROR + "part raid.03 --size=100 --ondisk=sda\npart raid.04 --size=100 --ondisk=sdb\n"
        "raid /a --level=1 --device=d raid.01 raid.02\nraid /b --level=1 --device=d raid.03 raid.04\n",
        'the RAID volume name "d" is already in use',
        9,
        (SDA, SDB),
    ),
    Example("MD009", MIRROR, "raid.01 belongs to no array", 4, (SDA, SDB)),
    Example(
        "MD010", MIRROR + "raid /a --level=1 --device=md0 raid.01 raid.02\n", 'md0 becomes array "0"', 6, (SDA, SDB)
    ),
    Example("LV001", BASE + "volgroup v pv.9\n", 'undefined partition "pv.9"', 4),
    Example("LV002", BASE + "logvol /a --vgname=v --name=a --size=100\n", "there is no volume group v", 4),
    Example(
        "LV002",
        BASE + "part pv.1 --size=9000\nlogvol /a --vgname=v --name=a --size=100\nvolgroup v pv.1\n",
        "specify volume groups before logical volumes",
        5,
        release="RHEL6",
    ),
    Example(
        "LV003",
        LVM + "logvol /a --vgname=main --name=a --size=100\nlogvol /b --vgname=main --name=a --size=100\n",
        'the volume name "a" is already in use',
        7,
    ),
    Example("LV004", LVM.replace("main pv", "--pesize=5000 main pv"), "--pesize=5000 must be one of", 5),
    Example("LV005", LVM + "logvol /a --vgname=main --name=a --size=2 --fstype=ext4\n", "less than one extent", 6),
    Example(
        "LV005", LVM + "logvol /a --vgname=main --name=a --size=31\n", "less than one extent", 6, release="RHEL5"
    ),
    Example("LV006", LVM + "logvol /a --vgname=main --name=a --size=99000\n", "too large", 6),
    Example("PT009", LVM + "logvol /a --vgname=main --name=a\n", "Size required", 6, release="RHEL5"),
    Example("LV007", LVM + "logvol /a --vgname=main --name=a --percent=150\n", "--percent must be 0 to 100", 6),
    Example(
        "LV007",
        LVM + "logvol /a --vgname=main --name=a --percent=80\nlogvol /b --vgname=main --name=b --percent=30\n",
        "add up to 110",
        7,
    ),
    Example("LV008", LVM + "logvol /a --vgname=main --name=a --thin --poolname=p --size=9\n", "no thin pool p", 6),
    Example("LV009", LVM.replace("main", "my-group!"), "letters, digits", 5),
    Example("LV010", LVM + "logvol /a --vgname=main --name=a --size=1 --grow\n", "main is full", 5),
    Example("SE001", BASE + "part /a --size=100 --encrypted --passphrase=secret\n", "reads the passphrase", 4),
    Example("FL002", BASE, "/home (sda1, ext4 19.5 GiB) would be erased", None, (OLD,)),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_text_that_breaks_the_rule(example: Example) -> None:
    found = findings(example.text, example.disks, example.release, firmware=example.firmware)
    ours = [one for one in found if one.rule == example.rule and example.message in one.message]
    assert ours, [(one.rule, one.message) for one in found]
    assert (ours[0].span.line if ours[0].span else None) == example.line or example.rule in ("PT015", "PT016")
    if example.severity is not None:
        assert ours[0].severity is example.severity


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_fix_leads_to_a_text_without_that_finding(example: Example) -> None:
    document = read_document(example.text)
    before = findings(example.text, example.disks, example.release, firmware=example.firmware)
    for one in before:
        for fix in one.fixes:
            text = str(edits.apply(document, fix.edits))
            after = findings(text, example.disks, example.release, firmware=example.firmware)
            refused = {it.message for it in after if it.rule.startswith("KS") and it.severity is Severity.ERROR}
            assert refused <= {it.message for it in before}, fix.label
            same = [(it.rule, it.message) for it in after]
            assert (one.rule, one.message) not in same, fix.label


def test_every_rule_has_an_example() -> None:
    checked = {rule.id for rule in RULES.values() if not rule.elsewhere}
    assert checked - {example.rule for example in EXAMPLES} == set()


def test_the_page_of_rules_is_in_step() -> None:
    page = Path(__file__).parents[4] / "docs" / "partition-rules.md"
    assert page.read_text(encoding="utf-8") == as_markdown()


@pytest.mark.parametrize("release", ["RHEL6", "RHEL7", "RHEL8", "RHEL9"])
def test_a_sound_text_has_no_errors_or_warnings(release: str) -> None:
    text = BASE + "part /home --size=1 --grow --ondisk=sda\n"
    assert [one for one in findings(text, release=release) if one.severity is not Severity.INFO] == []


def test_findings_come_by_line_and_are_always_the_same() -> None:
    text = "part /b --size=x\npart data\nclearpart --drives=zz --all\nraid /q --level=9\n"
    first = findings(text)
    assert first == findings(text)
    lines = [one.span.line for one in first if one.span]
    assert lines == sorted(lines)


def test_a_seed_slide_with_comma_joined_members_is_mended() -> None:
    text = MIRROR + "raid /bigdisk --fstype=ext3 --device=md0 --level=1 raid.01,raid.02\n"
    (one,) = [it for it in findings(text, (SDA, SDB)) if it.rule == "MD001"]
    assert one.span == Span(6, 51, 15)
    mended = edits.apply(read_document(text), one.fixes[0].edits)
    assert mended.lines[5].raw == "raid /bigdisk --fstype=ext3 --device=md0 --level=1 raid.01 raid.02"


WORDS = st.sampled_from(
    """part raid volgroup logvol clearpart / /a swap raid.1 raid.2 pv.1 v --size=1 --size=99999999999999999999
    --size=-1 --grow --level=1 --level=10 --device=md0 --vgname=v --name=n --percent=99 --maxsize=5 --ondisk=sda
    --drives=sda, --drives=sda --all --onpart=sda1 --noformat --useexisting --recommended --pesize=3 --fstype=xfs
    --asprimary rocks manual autopart # ' \\ --thin --poolname=n --thinpool /../.. --spares=7""".split()  # noqa: SIM905
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=8).map("\n".join),
    st.sampled_from(["RHEL5", "RHEL6", "RHEL7", "RHEL9", "RHEL10", "F45"]),
    st.sampled_from([(), (SDA,), (SMALL,), (OLD, SDB), (BIG,)]),
)
def test_whatever_is_written_gets_findings_and_fixes_that_apply(
    text: str, release: str, disks: tuple[Disk, ...]
) -> None:
    document, profile = read_document(text), Profile(release=release)
    found = findings(text, disks, release)
    if disks and parse_refusal(document, release) is None:
        answer = plan(read_spec(document, profile), disks, profile)
        stops = isinstance(answer, PlanRefusal) or not answer.ok
        assert not stops or any(one.severity is Severity.ERROR for one in found)
    for one in found:
        assert one.severity in RULES[one.rule].severities
        for fix in one.fixes:
            assert isinstance(edits.apply(document, fix.edits), Document)


def test_a_missing_drive_is_mended_on_one_line_or_wherever_it_is_named() -> None:
    text = (
        "clearpart --all --initlabel --drives=hda,sda\n"
        "part / --size=8000 --ondisk=/dev/hda # root\npart /a --size 10 --ondisk hda\npart /b --size=1 --ondisk=sda\n"
    )
    said = [one for one in findings(text, (SDA, SDB)) if one.rule == "DK002"]
    assert [fix.label for fix in said[0].fixes] == [
        "write --ondisk=sdb",  # nothing is on it yet
        "write --ondisk=sda",
        "write sdb for hda on all 3 lines",  # sda stands beside hda in clearpart already
    ]
    one_line, _, all_lines = (str(edits.apply(read_document(text), fix.edits)) for fix in said[0].fixes)
    assert one_line == text.replace("/dev/hda", "/dev/sdb")
    assert all_lines == text.replace("hda", "sdb")


def test_a_missing_drive_is_mended_in_quotes_too() -> None:
    text = "part / --size=8000 --ondisk='hda'\n"
    fix = next(one for one in findings(text, (SDA,)) if one.rule == "DK002").fixes[0]
    assert str(edits.apply(read_document(text), fix.edits)) == "part / --size=8000 --ondisk=sda\n"


def test_a_byte_order_mark_is_named_and_taken_out() -> None:
    found = [one for one in findings("\ufeff" + BASE) if one.rule == "KS001"]
    assert [one.message for one in found] == [
        "line 1: the text begins with a byte order mark, which the installer takes for a part of the first word."
    ]
    assert str(edits.apply(read_document("\ufeff" + BASE), found[0].fixes[0].edits)) == BASE


def test_rocks_puts_an_array_behind_its_members() -> None:
    lines = MIRROR.splitlines(keepends=True)
    text = "".join([*lines[:3], "raid /d --level=1 --device=md0 raid.01 raid.02\n", *lines[3:]])
    assert "MD001" in {one.rule for one in findings(text, (SDA, SDB), "RHEL6")}
    assert "MD001" not in {one.rule for one in findings(text, (SDA, SDB), "RHEL6", rocks=6)}
