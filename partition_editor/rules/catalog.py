"""Every rule under its id: how grave, who else notices, what it is about. Pure values; any thread."""

from __future__ import annotations

from dataclasses import dataclass

from partition_editor.findings import Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        severities: What its findings may be; more than one where releases differ.
        noticed_by: Who else notices before it is too late: the kickstart parser, RHEL 5's installer, a later one's
            installer, its storage library, Rocks, nobody.
        about: What is wrong or noteworthy, in a few words.
        elsewhere: The part of Quarry that checks it when it is not about one text on one node.
    """

    id: str
    severities: tuple[Severity, ...]
    noticed_by: str
    about: str
    elsewhere: str = ""


RULES = {
    rule.id: rule
    for rule in (
        Rule("KS001", (E,), "parser", "unknown command, or one the release does not have"),
        Rule("KS002", (E,), "parser", "option unknown in this release, or an ambiguous abbreviation"),
        Rule("KS003", (E,), "parser", "value missing, not a whole number, or not one of those allowed"),
        Rule("KS004", (W,), "parser", "deprecated command or option, ignored by the release"),
        Rule("KS005", (E,), "parser", "something required is missing: an option, a mount point, members, a size"),
        Rule("KS006", (E,), "parser", "unbalanced quote or a backslash at the end"),
        Rule("KS007", (E,), "nobody", "section or include in user_partition_info"),
        Rule("KS008", (W,), "parser", "option abbreviated"),
        Rule("KS009", (E,), "parser", "space behind a comma of a list"),
        Rule("KS010", (E,), "parser", "commands that exclude each other: autopart and part, mount and any"),
        Rule("KS011", (W,), "nobody", "members in two places of one line: only one group of them counts"),
        Rule("KS012", (E,), "parser", "one word too many"),
        Rule("KS013", (E,), "parser", "options of one line that exclude or need one another"),
        Rule("RK001", (E,), "nobody", "last line without newline"),
        Rule("RK002", (E,), "nobody", "a Rocks scheme beside directives"),
        Rule("RK003", (E,), "nobody", "unknown Rocks scheme"),
        Rule("RK004", (W,), "nobody", "a rocks line of more or fewer than two words"),
        Rule("RK005", (E, I), "nobody", "LVM on RAID: Rocks prints raid lines last"),
        Rule("RK006", (W,), "nobody", "mount point of more than 15 characters"),
        Rule("RK007", (I,), "Rocks", "the disk carries .rocks-release: the text would be ignored"),
        Rule("RK008", (W,), "nobody", "no directives at all"),
        Rule("RK009", (E,), "nobody", "program raised, timed out or touched files outside", "programs"),
        Rule("RK010", (W,), "nobody", "program reads a disk that is not there", "programs"),
        Rule("DK001", (E,), "installers", "clearpart or ignoredisk names a missing disk"),
        Rule("DK002", (E,), "installers", "--ondisk names a missing disk"),
        Rule("DK003", (E, W), "storage library", "--ondisk on a disk that stays without a label"),
        Rule("DK004", (W,), "nobody", "clearpart --all without --drives"),
        Rule("DK005", (E,), "nobody", "clearpart removes what --onpart keeps"),
        Rule("DK006", (E,), "nobody", "several disks in one --ondisk"),
        Rule("DK007", (W,), "nobody", "removable disk used"),
        Rule("DK008", (W,), "nobody", "disk names differ over the selected nodes", "schemes"),
        Rule("DK009", (E, W), "installers", "--onpart names nothing, or --noformat without --onpart"),
        Rule("DK010", (I,), "installer", "disk of more than 2 TiB"),
        Rule("PT001", (E,), "installers", "no /"),
        Rule("PT002", (W,), "parser", "mount point twice"),
        Rule("PT003", (E,), "RHEL 5", "mount point not absolute, ends with /, has spaces or control characters"),
        Rule("PT004", (E,), "installers", "directory that must be on /"),
        Rule("PT005", (E,), "RHEL 5", "directory that must be a symbolic link"),
        Rule("PT006", (E,), "installers", "foreign file system where a Linux one must be"),
        Rule("PT007", (E,), "installers", "file system the release does not know"),
        Rule("PT008", (W,), "nobody", "a word that is taken for a mount point"),
        Rule("PT009", (E, W), "RHEL 5", "no size, or zero"),
        Rule("PT010", (E,), "nobody", "negative size"),
        Rule("PT011", (E,), "RHEL 5", "size larger than maxsize"),
        Rule("PT012", (W,), "nobody", "maxsize without grow"),
        Rule("PT013", (W,), "storage library", "size below the format's smallest"),
        Rule("PT014", (E,), "installers", "size above the format's or label's largest"),
        Rule("PT015", (E,), "installers", "it does not fit, or cannot be laid out"),
        Rule("PT016", (E,), "installers", "more primary partitions than slots"),
        Rule("PT017", (E,), "RHEL 5", "more logical partitions than device names"),
        Rule("PT018", (W,), "installers", "smaller than recommended"),
        Rule("PT019", (W,), "RHEL 5", "no swap"),
        Rule("PT020", (I,), "nobody", "real size differs from the size asked for"),
        Rule("PT021", (W,), "nobody", "absurd shares among growing partitions"),
        Rule("PT022", (I,), "nobody", "where a growing partition without a disk goes"),
        Rule("PT023", (W,), "nobody", "more than a tenth of a disk unused"),
        Rule("PT024", (W,), "nobody", "growing RAID members of different sizes"),
        Rule("PT025", (I,), "nobody", "a mount point inside another one on another disk"),
        Rule("BT001", (E,), "installer", "BIOS, gpt boot disk, no biosboot partition"),
        Rule("BT002", (E,), "installer", "UEFI without /boot/efi on gpt"),
        Rule("BT003", (E,), "installers", "/boot (or /) where no boot loader can read it"),
        Rule("BT004", (W,), "nobody", "the boot disk does not carry /boot (or /)"),
        Rule("MD001", (E,), "installers", "undefined member"),
        Rule("MD002", (E,), "RHEL 5", "member of two arrays"),
        Rule("MD003", (E,), "installers", "member defined twice"),
        Rule("MD004", (E,), "installers", "too few members or too many spares"),
        Rule("MD005", (E,), "parser", "no such RAID level"),
        Rule("MD006", (W,), "nobody", "two members on one disk"),
        Rule("MD007", (W,), "nobody", "unequal members"),
        Rule("MD008", (E,), "installer", "array name used twice"),
        Rule("MD009", (W,), "nobody", "member of no array"),
        Rule("MD010", (I,), "parser", "md0 becomes array 0"),
        Rule("LV001", (E,), "installers", "physical volume undefined, of another kind, or used twice"),
        Rule("LV002", (E,), "installers", "volume group unknown, or (RHEL 5 and 6) defined later"),
        Rule("LV003", (E,), "installers", "volume name used twice"),
        Rule("LV004", (E,), "installers", "extent size not allowed"),
        Rule("LV005", (E,), "installers", "volume smaller than one extent"),
        Rule("LV006", (E,), "installers", "volume does not fit in its group"),
        Rule("LV007", (E,), "installers", "percentages of more than 100, or beside another size"),
        Rule("LV008", (E,), "installer", "cache not on the group, or thin pool unknown"),
        Rule("LV009", (E,), "installers", "name LVM does not take, or one used twice"),
        Rule("LV010", (W,), "nobody", "group full: no room for snapshots"),
        Rule("SE001", (W,), "nobody", "passphrase in clear text"),
        Rule("FL001", (W,), "nobody", "one program, different layouts", "schemes"),
        Rule("FL002", (W,), "nobody", "data that would be lost"),
        Rule("FL003", (E,), "nobody", "some nodes refuse", "schemes"),
    )
}
"""Rule id → rule, in the order of the page."""
