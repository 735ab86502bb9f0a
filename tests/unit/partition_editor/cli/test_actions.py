"""What can be done to a device, and why not; and the lines that doing it writes."""

from __future__ import annotations

import pytest

from core.outcome import Allowed, Refused, Verdict
from partition_editor import building
from partition_editor.actions import Action, Kind, Selection, verdict
from partition_editor.disks import Disk, ExistingPartition, Firmware, Profile
from partition_editor.document.reading import read_document, read_spec
from partition_editor.planner import plan
from partition_editor.rules.subject import Subject

SDA = Disk("sda", 156301488)
SDB = Disk("sdb", 156301488)
OLD = Disk(
    "sda", 156301488, label="msdos", partitions=(ExistingPartition(1, "sda1", "primary", 2048, 40960000, "ext4"),)
)
BASE = "clearpart --all --initlabel --drives=sda\npart / --size=8000 --ondisk=sda\n"
MIRROR = (
    "clearpart --all --initlabel --drives=sda,sdb\n"
    "part raid.01 --size=9000 --ondisk=sda\npart raid.02 --size=9000 --ondisk=sdb\n"
    "raid / --level=1 --device=md0 raid.01 raid.02\n"
)
LVM = (
    BASE + "part pv.01 --size=9000 --ondisk=sda\nvolgroup main pv.01\nlogvol /a --vgname=main --name=a --size=8996\n"
)


def subject(text: str, *disks: Disk, release: str = "RHEL9", firmware: Firmware = Firmware.BIOS) -> Subject:
    document, profile = read_document(text), Profile(release=release, firmware=firmware)
    some = disks or (SDA,)
    return Subject(document, some, profile, plan(read_spec(document, profile), some, profile))


def part(line: int | None, name: str = "", disk: str = "sda") -> Selection:
    return Selection(Kind.PARTITION, disk, line, name)


DISK = Selection(Kind.DISK, "sda")
SLIVER = Selection(Kind.FREE, "sda", sectors=2000)
GROUP = Selection(Kind.GROUP, line=4)
SCHEME = "rocks manual\n"


@pytest.mark.parametrize(
    ("action", "selection", "about", "expected"),
    [
        (Action.NEW, DISK, subject(BASE), Allowed()),
        (Action.NEW, DISK, subject(BASE + "part /x --size=1 --grow\n"), Allowed("What grows gives way.")),
        (Action.NEW, SLIVER, subject(BASE), Refused("Unusable space: less than 1 MiB.")),
        (Action.NEW, GROUP, subject(LVM), Refused("main is full: make a volume smaller first.")),
        (Action.NEW, DISK, subject("autopart\n"), Refused("autopart decides everything; remove line 1 first.")),
        (Action.NEW, DISK, subject(SCHEME), Refused('"rocks manual" decides everything; remove line 1 first.')),
        (
            Action.NEW,
            DISK,
            subject(BASE + "".join(f"part /{x} --size=400 --asprimary\n" for x in "abc")),
            Refused("Primary partition limit reached on sda: take --asprimary from one of them."),
        ),
        (Action.EDIT, part(2), subject(BASE), Allowed()),
        (
            Action.EDIT, part(2), subject(MIRROR, SDA, SDB),
            Allowed("Part of the RAID md0: only its size and disk can change."),
        ),
        (
            Action.EDIT, part(None, "sda1"), subject("part / --size=8000\n", OLD),
            Refused("sda1 is on the disk but not in the text: keep it first, or clear it."),
        ),
        (Action.DELETE, part(2), subject(BASE), Allowed()),
        (
            Action.DELETE, part(2), subject(MIRROR, SDA, SDB),
            Refused("Removing raid.01 would leave the RAID md0 with less than 2 members."),
        ),
        (
            Action.DELETE, part(3), subject(LVM),
            Refused("Removing pv.01 would leave the volume group main without a disk."),
        ),
        (
            Action.DELETE, GROUP, subject(LVM),
            Refused("main still holds 1 volume: delete them first."),
        ),
        (
            Action.DELETE, part(3), subject(BASE + "part /boot/efi --size=600\n", firmware=Firmware.UEFI),
            Refused("Cannot delete the required boot loader partition."),
        ),
        (Action.RAID, DISK, subject(BASE), Refused("A RAID needs at least two disks; this node has one.")),
        (Action.RAID, DISK, subject(BASE, SDA, SDB), Allowed()),
        (
            Action.GROW, part(3), subject(BASE + "part biosboot --size=1\n"),
            Refused("BIOS Boot cannot be larger than 2 MiB."),
        ),
        (
            Action.GROW, part(2), subject(MIRROR, SDA, SDB),
            Allowed("Members of one array should all grow: the smallest counts."),
        ),
        (Action.MOVE, part(2), subject(BASE), Refused("There is no other disk.")),
        (Action.MOVE, part(2), subject(BASE, SDA, SDB), Allowed()),
        (
            Action.PRIMARY, part(2), subject(BASE, release="RHEL10"),
            Refused("sda has a gpt label: all its partitions are equal."),
        ),
        (
            Action.CLONE, DISK, subject(BASE, SDA, SDB),
            Refused("/ is on sda and cannot be there twice: clone disks of RAID members."),
        ),
        (Action.CLONE, DISK, subject(MIRROR, SDA, SDB), Allowed()),
        (Action.KEEP, part(None, "sda1"), subject("part / --size=8000\n", OLD), Allowed()),
        (
            Action.KEEP, part(None, "sda1"), subject(BASE, OLD),
            Refused("sda is cleared by clearpart: take it out of --drives first."),
        ),
    ],
)  # fmt: skip
def test_what_can_be_done(action: Action, selection: Selection, about: Subject, expected: Verdict) -> None:
    assert verdict(action, selection, about) == expected


@pytest.mark.parametrize("kind", list(Kind))
def test_every_action_has_a_verdict_on_everything(kind: Kind) -> None:
    for about in (subject(MIRROR, SDA, SDB), subject(LVM), subject("", OLD)):
        for line in (None, 1, 2, 4, 99):
            answers = [verdict(action, Selection(kind, "sda", line, "sda1"), about) for action in Action]
            assert all(isinstance(one, Allowed) or one.reason.endswith(".") for one in answers)


def test_a_new_partition_goes_above_what_may_use_it() -> None:
    step = building.add(read_document(MIRROR), "part", ["/my data"], {"--size": 500, "--grow": True}, "RHEL9")
    assert isinstance(step, building.Added)
    assert step.line == 4
    assert step.document.lines[3].raw == "part '/my data' --size=500 --grow"
    assert isinstance(building.add(read_document(""), "part", ["/"], {"--size": "8G"}, "RHEL9"), Refused)


def test_a_disk_of_members_is_cloned() -> None:
    text = "part raid.01 --size 9000 --ondisk hda # first\npart swap --size=100 --ondisk=hda\n"
    step = building.clone_disk(read_document(text), "hda", "hdb", "RHEL5")
    assert isinstance(step, building.Added)
    assert str(step.document) == (
        text + "part raid.02 --size 9000 --ondisk hdb # first\npart swap --size=100 --ondisk=hdb\n"
    )
    assert isinstance(building.clone_disk(read_document(BASE), "sda", "sdb", "RHEL9"), Refused)
