"""Plan a text in one line, for tests."""

from __future__ import annotations

from partition_editor.disks import Disk, ExistingPartition, Firmware, Profile
from partition_editor.document.reading import read_document, read_spec
from partition_editor.layout import Layout, PlannedDisk, PlannedPartition, PlanRefusal
from partition_editor.planner import plan

GIB_SECTORS = 2 * 1024 * 1024
MIB_SECTORS = 2048


def disk(name: str = "sda", gib: int = 80, label: str | None = None, *partitions: ExistingPartition) -> Disk:
    """A disk of whole GiB."""
    return Disk(name, gib * GIB_SECTORS, label=label, partitions=partitions)


def existing(
    name: str, start: int, length: int, fstype: str = "ext4", *, kind: str = "primary", mount: str = ""
) -> ExistingPartition:
    """A partition that is there; its number is the end of its name."""
    return ExistingPartition(int(name[-1]), name, kind, start, length, fstype, mount, has_data=True)


def answer(
    text: str, *disks: Disk, release: str = "RHEL9", firmware: Firmware = Firmware.BIOS, **more: object
) -> Layout | PlanRefusal:
    """What the installer of a release makes of a text; a single disk of 80 GiB when none is given."""
    ram_mib = more.get("ram_mib", 8192)
    assert isinstance(ram_mib, int)
    profile = Profile(release, firmware, ram_mib=ram_mib)
    return plan(read_spec(read_document(text), profile), disks or (disk(),), profile)


def layout(text: str, *disks: Disk, release: str = "RHEL9", firmware: Firmware = Firmware.BIOS) -> Layout:
    """A layout, or the refusal as the test's failure."""
    found = answer(text, *disks, release=release, firmware=firmware)
    assert isinstance(found, Layout), found
    return found


def refusal(text: str, *disks: Disk, release: str = "RHEL9", firmware: Firmware = Firmware.BIOS) -> PlanRefusal:
    """A refusal, or the layout as the test's failure."""
    found = answer(text, *disks, release=release, firmware=firmware)
    assert isinstance(found, PlanRefusal), found
    return found


def part(found: Layout, what: str) -> PlannedPartition:
    """The partition with a mount point, request name or device name."""
    for one in found.disks:
        for row in one.partitions:
            if what in (row.mountpoint, row.req, row.name):
                return row
    raise AssertionError(f"no {what} in {found.disks}")


def rows(found: PlannedDisk) -> list[tuple[str, str, int, int]]:
    """Name, what, first sector and length of each partition."""
    return [(one.name, one.mountpoint or one.fstype, one.start, one.length) for one in found.partitions]
