"""Texts to start from: each Rocks version's default scheme, a mirrored system disk, LVM, scratch on the rest …

A preset writes directives for the disks and profile at hand, with whatever the firmware needs to boot. Pure.
Source of the Rocks defaults: ``rocks_partition.defaultRootDisk`` of Rocks 5.0, 5.1, 6.2 and 7.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.outcome import Refused
from partition_editor.disks import MIB_SECTORS, Disk, Firmware, Profile
from partition_editor.options import fedora_age, is_rhel
from partition_editor.planner.release import new_label

Build = Callable[[Sequence[Disk], Profile], list[str]]


@dataclass(frozen=True, slots=True)
class Preset:
    """One text to start from.

    Attributes:
        id: For scripts and the command bar.
        title: For the list.
        about: One sentence.
        disks: How many disks it needs at least.
        needs_mib: How much room on each of them.
    """

    id: str
    title: str
    about: str
    disks: int
    needs_mib: int
    build: Build

    def refusal(self, disks: Sequence[Disk]) -> Refused | None:
        """Why it cannot be used with these disks, or None."""
        fixed = [disk for disk in disks if not disk.removable]
        if len(fixed) < self.disks:
            return Refused(f"{self.title} needs {self.disks} disks; the node has {len(fixed)}.")
        for disk in fixed[: self.disks]:
            if disk.sectors // MIB_SECTORS < self.needs_mib:
                return Refused(
                    f"{self.title} needs {self.needs_mib} MiB; {disk.name} has {disk.sectors // MIB_SECTORS}."
                )
        return None

    def text(self, disks: Sequence[Disk], profile: Profile) -> str | Refused:
        """The directives, each line with its end, for the node's fixed disks in their order."""
        refusal = self.refusal(disks)
        if refusal is not None:
            return refusal
        return "".join(line + "\n" for line in self.build([disk for disk in disks if not disk.removable], profile))


@dataclass(frozen=True, slots=True)
class RocksDefault:
    """Sizes of a Rocks version's default scheme, MiB."""

    root: int
    var: int
    swap: int
    fstype: str
    swap_fstype: bool = True


ROCKS_DEFAULTS = {
    "5.0": RocksDefault(8000, 4000, 1000, "ext3", swap_fstype=False),
    "5.1": RocksDefault(16000, 4000, 1000, "ext3", swap_fstype=False),
    "5.4": RocksDefault(16000, 4000, 1000, "ext3"),
    "6": RocksDefault(16000, 4000, 1000, "ext4"),
    "7": RocksDefault(16384, 8192, 1024, "ext4"),
}
"""Rocks version from which on → its default scheme."""

OF_MAJOR = {5: "5.0", 6: "6", 7: "7"}
OF_RELEASE = {"RHEL5": "5.0", "RHEL6": "6"}


def rocks_version(profile: Profile) -> str:
    """Which default scheme fits a profile: its Rocks version's, else that of the Rocks on its release."""
    if profile.rocks is not None:
        return OF_MAJOR.get(profile.rocks, "7")
    return OF_RELEASE.get(profile.release, "7")


def _clear(disks: Sequence[Disk]) -> str:
    return f"clearpart --all --initlabel --drives={','.join(disk.name for disk in disks)}"


def _boot(disk: Disk, profile: Profile, *, kernel: bool = False) -> list[str]:
    """What the firmware needs on the boot disk; with `kernel` also a /boot of its own."""
    lines = []
    label = new_label(profile, None, disk.sectors)
    if profile.firmware is Firmware.UEFI:
        lines.append(f"part /boot/efi --fstype=efi --size=600 --ondisk={disk.name}")
    elif label == "gpt" and profile.release != "RHEL5":
        lines.append(f"part biosboot --fstype=biosboot --size=1 --ondisk={disk.name}")
    if kernel:
        lines.append(f"part /boot --size={_boot_mib(profile)} --ondisk={disk.name}")
    return lines


def _boot_mib(profile: Profile) -> int:
    return 1024 if fedora_age(profile.release) >= 28 or not is_rhel(profile.release) else 512


def rocks_default(version: str, disks: Sequence[Disk], profile: Profile) -> list[str]:
    """Rocks' default scheme: the system on the first of `disks`, one data partition on every further one."""
    scheme = ROCKS_DEFAULTS[version]
    root, fstype = disks[0], f"--fstype={scheme.fstype}"
    swap = " --fstype=swap" if scheme.swap_fstype else ""
    lines = [_clear(disks), *_boot(root, profile)]
    lines.append(f"part / --size={scheme.root} {fstype} --ondisk={root.name}")
    lines.append(f"part /var --size={scheme.var} {fstype} --ondisk={root.name}")
    lines.append(f"part swap --size={scheme.swap}{swap} --ondisk={root.name}")
    for number, disk in enumerate(disks, start=1):
        lines.append(f"part /state/partition{number} --size=1 {fstype} --grow --ondisk={disk.name}")
    return lines


def _rocks(version: str, *, every_disk: bool) -> Build:
    def build(disks: Sequence[Disk], profile: Profile) -> list[str]:
        return rocks_default(version, disks if every_disk else disks[:1], profile)

    return build


def _plain(disks: Sequence[Disk], profile: Profile) -> list[str]:
    disk = disks[0]
    return [
        _clear([disk]),
        *_boot(disk, profile),
        f"part swap --size=2048 --ondisk={disk.name}",
        f"part / --size=8192 --grow --ondisk={disk.name}",
    ]


def _scratch(disks: Sequence[Disk], profile: Profile) -> list[str]:
    root = disks[0]
    lines = [
        _clear(disks),
        *_boot(root, profile),
        f"part / --size=16384 --ondisk={root.name}",
        f"part swap --size=2048 --ondisk={root.name}",
    ]
    for number, disk in enumerate(disks):
        mount = "/scratch" if number == 0 else f"/scratch{number + 1}"
        lines.append(f"part {mount} --size=1024 --grow --ondisk={disk.name}")
    return lines


def _mirror(disks: Sequence[Disk], profile: Profile) -> list[str]:
    pair = disks[:2]
    lines = [_clear(pair)]
    for disk in pair:
        if profile.firmware is Firmware.BIOS or disk is pair[0]:
            lines += _boot(disk, profile)
    volumes = [("/boot", _boot_mib(profile), ""), ("/", 16384, ""), ("swap", 2048, ""), ("/data", 4096, " --grow")]
    raids = []
    for number, (mount, size, grow) in enumerate(volumes):
        for index, disk in enumerate(pair):
            lines.append(f"part raid.{number}{index} --size={size}{grow} --ondisk={disk.name}")
        raids.append(f"raid {mount} --level=1 --device=md{number} raid.{number}0 raid.{number}1")
    return lines + raids


def _lvm(disks: Sequence[Disk], profile: Profile) -> list[str]:
    disk = disks[0]
    return [
        _clear([disk]),
        *_boot(disk, profile, kernel=True),
        f"part pv.01 --size=24576 --grow --ondisk={disk.name}",
        "volgroup system pv.01",
        "logvol / --vgname=system --name=root --size=12288",
        "logvol /var --vgname=system --name=var --size=4096",
        "logvol swap --vgname=system --name=swap --size=2048",
        "logvol /data --vgname=system --name=data --size=2048 --grow",
    ]


def _all_in_one_group(disks: Sequence[Disk], profile: Profile) -> list[str]:
    members = [f"pv.{index:02d}" for index in range(1, len(disks) + 1)]
    lines = [_clear(disks), *_boot(disks[0], profile, kernel=True)]
    lines += [
        f"part {member} --size=12288 --grow --ondisk={disk.name}" for member, disk in zip(members, disks, strict=True)
    ]
    return [
        *lines,
        f"volgroup system {' '.join(members)}",
        "logvol / --vgname=system --name=root --size=12288",
        "logvol swap --vgname=system --name=swap --size=2048",
        "logvol /data --vgname=system --name=data --size=2048 --grow",
    ]


def _striped(disks: Sequence[Disk], profile: Profile) -> list[str]:
    lines = [
        _clear(disks),
        *_boot(disks[0], profile),
        f"part / --size=16384 --ondisk={disks[0].name}",
        f"part swap --size=2048 --ondisk={disks[0].name}",
    ]
    names = [f"raid.{index:02d}" for index in range(len(disks))]
    lines += [f"part {name} --size=4096 --grow --ondisk={disk.name}" for name, disk in zip(names, disks, strict=True)]
    return [*lines, f"raid /scratch --level=0 --device=md0 {' '.join(names)}"]


def _either_firmware(disks: Sequence[Disk], profile: Profile) -> list[str]:
    disk = disks[0]
    lines = [_clear([disk])]
    if fedora_age(profile.release) >= 21:
        lines[0] += " --disklabel=gpt"
        lines.append(f"part biosboot --fstype=biosboot --size=1 --ondisk={disk.name}")
    return [
        *lines,
        f"part /boot/efi --fstype=efi --size=600 --ondisk={disk.name}",
        f"part /boot --size={_boot_mib(profile)} --ondisk={disk.name}",
        f"part / --size=16384 --ondisk={disk.name}",
        f"part swap --size=2048 --ondisk={disk.name}",
        f"part /data --size=1024 --grow --ondisk={disk.name}",
    ]


def _presets() -> tuple[Preset, ...]:
    found = []
    for version, scheme in ROCKS_DEFAULTS.items():
        needs = scheme.root + scheme.var + scheme.swap + 700
        about = f"/ {scheme.root}, /var {scheme.var}, swap {scheme.swap}, the rest /state/partition1"
        found.append(
            Preset(
                f"rocks-{version}",
                f"Rocks {version} default",
                f"{about}.",
                1,
                needs,
                _rocks(version, every_disk=False),
            )
        )
        found.append(
            Preset(
                f"rocks-{version}-all",
                f"Rocks {version} default, all disks",
                f"{about}; every further disk one /state/partitionN.",
                1,
                needs,
                _rocks(version, every_disk=True),
            )
        )
    found += [
        Preset("plain", "One file system", "Swap and one / over the rest of the first disk.", 1, 11264, _plain),
        Preset(
            "scratch", "Scratch on the rest", "A fixed system; the rest of every disk is scratch.", 1, 20480, _scratch
        ),
        Preset("mirror", "Mirrored system disk", "Everything on RAID 1 over the first two disks.", 2, 25600, _mirror),
        Preset("lvm", "LVM", "/boot and one volume group on the first disk.", 1, 28672, _lvm),
        Preset("lvm-all", "LVM over all disks", "One volume group over every disk.", 2, 16384, _all_in_one_group),
        Preset("stripe", "Striped scratch", "A fixed system; RAID 0 scratch over all disks.", 2, 24576, _striped),
        Preset("either", "BIOS or UEFI", "A gpt disk that boots either way.", 1, 21504, _either_firmware),
    ]
    return tuple(found)


PRESETS = {preset.id: preset for preset in _presets()}
"""Every preset by its id, in the order of the list."""


def scheme_text(word: str, disks: Sequence[Disk], profile: Profile) -> str | Refused:
    """What Rocks makes of a scheme line on disks it does not recognise.

    Args:
        word: The word behind ``rocks``.
        disks: Every disk it may use, in discovery order.
        profile: Its Rocks version decides the sizes.
    """
    if word == "manual":
        return Refused("rocks manual: the node waits at the installer's own partition screen.")
    if word not in ("force-default", "force-default-root-disk-only"):
        return Refused(f'Rocks ignores the unknown scheme "{word}": nothing would be partitioned.')
    if not disks:
        return Refused("the node has no disks.")
    use = disks if word == "force-default" else disks[:1]
    return "".join(line + "\n" for line in rocks_default(rocks_version(profile), use, profile))
