"""What the planner says is what the disk tools make, to the sector."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from partition_editor.disks import SECTOR_BYTES, Disk, Firmware, Profile
from partition_editor.layout import Layout
from tests.integration.partitioning.applying import apply, need, planned, read_back, read_with_parted, run

pytestmark = pytest.mark.real

HDA = Disk("hda", 156_301_488)
PAIR = (Disk("sda", 41_943_040), Disk("sdb", 41_945_528))
SIMPLE = "clearpart --all --initlabel\npart / --size=8000\npart /var --size=4000\npart swap --size=1000\n"
GROWING = f"{SIMPLE}part /state/partition1 --size=1 --grow\n"
MANY = GROWING + "".join(f"part /p{number} --size={100 + number}\n" for number in range(5))
MIRROR = (
    "clearpart --all --initlabel\npart /boot --size=500 --ondisk=sda\npart / --size=6000\n"
    "part raid.1 --size=5000 --ondisk=sda\npart raid.2 --size=5000 --ondisk=sdb\n"
    "raid /data --level=1 --device=md0 raid.1 raid.2\n"
)
VOLUMES = (
    "clearpart --all --initlabel\npart /boot --size=500\npart pv.1 --size=2000 --grow\n"
    "volgroup vg0 pv.1 {}\nlogvol / --vgname=vg0 --name=root --size=3000\n"
    "logvol /home --vgname=vg0 --name=home --size=500 --grow --maxsize=9000\n"
    "logvol swap --vgname=vg0 --name=swap --percent=10\n"
)

CASES = [
    pytest.param(text, disks, Profile(release, firmware), id=f"{name}-{release}-{firmware.value}")
    for name, text, disks in (
        ("simple", SIMPLE, (HDA,)),
        ("growing", GROWING, (HDA,)),
        ("many", MANY, (HDA,)),
        ("mirror", MIRROR, PAIR),
        ("volumes", VOLUMES.format(""), (HDA,)),
        ("large", SIMPLE, (Disk("sda", 7_814_037_168),)),
    )
    for release, firmware in (
        ("RHEL5", Firmware.BIOS),
        ("RHEL7", Firmware.BIOS),
        ("RHEL9", Firmware.UEFI),
        ("RHEL10", Firmware.BIOS),
    )
]


@pytest.mark.parametrize(("text", "disks", "profile"), CASES)
def test_the_table_reads_back_as_planned(
    text: str, disks: tuple[Disk, ...], profile: Profile, tmp_path: Path
) -> None:
    need("sfdisk", "parted")
    for disk in planned(text, disks, profile).disks:
        if not disk.partitions:
            continue
        image = apply(disk, tmp_path)
        wanted = sorted((one.number, one.start, one.length) for one in disk.partitions)
        assert read_back(image) == wanted
        assert read_with_parted(image) == wanted
        image.unlink()


@contextmanager
def loop_device(image: Path, start: int, length: int) -> Iterator[str]:
    """A loop device over one partition of an image; skips where there are none."""
    need("losetup")
    if os.geteuid() != 0:
        pytest.skip("loop devices need root")
    offset, size = str(start * SECTOR_BYTES), str(length * SECTOR_BYTES)
    made = subprocess.run(
        ["losetup", "--find", "--show", "--offset", offset, "--sizelimit", size, str(image)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no loop device to be had: {made.stderr.strip()}")
    device = made.stdout.strip()
    try:
        yield device
    finally:
        run("losetup", "--detach", device)


@pytest.mark.parametrize("option", ["", "--pesize=32768", "--pesize=1024"])
@pytest.mark.parametrize("release", ["RHEL6", "RHEL9"])
def test_lvm_has_the_extents_that_were_planned(release: str, option: str, tmp_path: Path) -> None:
    need("sfdisk", "pvcreate", "vgcreate", "vgs", "lvcreate")
    found = planned(VOLUMES.format(option), (HDA,), Profile(release))
    image = apply(found.disks[0], tmp_path)
    (member,) = (one for one in found.disks[0].partitions if one.fstype == "lvmpv")
    with loop_device(image, member.start, member.length) as device:
        _check_group(found, device, f"quarry{os.getpid()}", tmp_path)


def _check_group(found: Layout, device: str, name: str, folder: Path) -> None:
    group = found.groups[0]
    only = f'devices {{ filter = [ "a|^{device}$|", "r|.*|" ] use_devicesfile = 0 }}'
    only += " global { use_lvmpolld = 0 } backup { backup = 0 archive = 0 }"
    (folder / "lvm").mkdir()

    def lvm(tool: str, *words: str) -> str:
        # Nothing is activated, so the group can be made where the kernel has no device mapper.
        return run(tool, "--driverloaded", "n", "--config", only, *words)

    lvm("pvcreate", "--force", "--yes", device)
    lvm("vgcreate", "--physicalextentsize", f"{group.pe_bytes // 1024}k", name, device)
    try:
        assert int(lvm("vgs", "--noheadings", "-o", "vg_extent_count", name)) == group.extents
        for volume in found.volumes:
            lvm(
                "lvcreate",
                "--activate=n",
                "--zero=n",
                "--wipesignatures=n",
                "--yes",
                "--size",
                f"{volume.size_bytes // 1024}k",
                "--name",
                volume.name,
                name,
            )
        assert int(lvm("vgs", "--noheadings", "-o", "vg_free_count", name)) == group.free_extents
    finally:
        lvm("vgremove", "--force", "--yes", name)


def test_md_makes_the_size_that_was_planned(tmp_path: Path) -> None:
    need("sfdisk", "mdadm")
    if not Path("/proc/mdstat").exists():
        pytest.skip("this kernel has no md")
    found = planned(MIRROR, PAIR, Profile("RHEL9"))
    with ExitStack() as stack:
        devices = []
        for disk in found.disks:
            image = apply(disk, tmp_path)
            (member,) = (one for one in disk.partitions if one.fstype == "mdmember")
            devices.append(stack.enter_context(loop_device(image, member.start, member.length)))
        array = f"/dev/md/quarry{os.getpid()}"
        run("mdadm", "--create", array, "--run", "--assume-clean", "--level=1", "--raid-devices=2", *devices)
        try:
            size = int(run("blockdev", "--getsize64", array))
            # The planner's headroom is the installer's estimate; mdadm may take less, never more.
            assert found.arrays[0].size_bytes <= size <= found.arrays[0].size_bytes + 128 * 1024 * 1024
        finally:
            run("mdadm", "--stop", array)
