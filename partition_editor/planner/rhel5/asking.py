"""From the lines of a text to RHEL 5's requests, in file order, with what is refused at once.

Source: anaconda 11.1's kickstart commands; the error texts are its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from partition_editor.disks import MIB_SECTORS, ExistingPartition, Profile
from partition_editor.planner.asking import member_prefix
from partition_editor.planner.refusing import Stop
from partition_editor.planner.rhel5.drive import Drive
from partition_editor.planner.rhel5.growing import swap_suggestion_mib
from partition_editor.planner.rhel5.lvm import DEFAULT_PE_KIB
from partition_editor.planner.rhel5.wanted import OldWanted
from partition_editor.requests import LogVolRequest, PartRequest, RaidRequest, Spec, VolGroupRequest

_MEMBER_NUMBERS = 100_000
_MINIMUM = {0: 2, 1: 2, 5: 3, 6: 4, 10: 2}
_MOST_MEMBERS = 27
_LEAST_DRIVE_SECTORS = 10 * MIB_SECTORS
_FILE_SYSTEMS = frozenset(
    {"ext2", "ext3", "ext4", "ext4dev", "xfs", "jfs", "reiserfs", "gfs2", "vfat", "msdos", "swap", "efi", "hfs"}
)
_MEMBER_FORMATS = {"raid.": "mdmember", "pv.": "lvmpv"}


@dataclass(slots=True)
class OldRequests:
    """Everything a text asks for.

    Attributes:
        reused: Kept partitions put to use, with their line and whether they are reformatted.
        names: Member names that may be used by ``raid`` and ``volgroup`` lines.
    """

    wanted: list[OldWanted] = field(default_factory=list)
    raids: list[RaidRequest] = field(default_factory=list)
    groups: list[VolGroupRequest] = field(default_factory=list)
    volumes: list[LogVolRequest] = field(default_factory=list)
    reused: dict[str, tuple[PartRequest, ExistingPartition]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)


class OldAsker:
    """Reads the lines in file order into `found`."""

    def __init__(self, spec: Spec, drives: Mapping[str, Drive], profile: Profile) -> None:
        self.found = OldRequests()
        self._drives = drives
        self._profile = profile
        self._numbers = 0
        self._members = _MEMBER_NUMBERS
        listed = spec.clear.drives if spec.clear is not None else ()
        self._default_drives = tuple(
            name
            for name, drive in drives.items()
            if (not listed or name in listed) and drive.disk.sectors > _LEAST_DRIVE_SECTORS
        )
        for request in spec.requests:
            if isinstance(request, PartRequest):
                self._part(request)
            elif isinstance(request, RaidRequest):
                self._raid(request)
            elif isinstance(request, VolGroupRequest):
                self._group(request)
            elif isinstance(request, LogVolRequest):
                self._volume(request)
        self._mark_boot()

    def _part(self, part: PartRequest) -> None:
        prefix = member_prefix(part.mount)
        if prefix == "btrfs.":
            raise Stop(_bad_mount(part.mount), part.line)
        if prefix is None and part.mount not in ("swap", "None"):
            self._check_mount(part.mount, part.line)
            self._forget(part.mount)
        elif prefix is not None and part.mount in self.found.names:
            raise Stop(f"Defined partition {part.mount} multiple times", part.line)
        if prefix is not None:
            self.found.names.add(part.mount)
        fstype = self._fstype(part, prefix)
        if part.onpart is not None:
            self._reuse(part)
            return
        if part.disk is not None and part.disk not in self._drives:
            raise Stop(f"Specified nonexistent disk {part.disk} in partition command", part.line, disk=part.disk)
        size, grow, limit = part.size_mib, part.grow, part.maxsize_mib
        if part.recommended:
            size, limit = swap_suggestion_mib(self._profile.ram_mib)
            grow = True
        if not size and part.start_cylinder is None:
            raise Stop("Partition requires a size specification", part.line)
        if limit and size and size > limit:
            raise Stop("Partition size is larger than its maximum size.", part.line)
        if size is not None and size < 0:
            raise Stop("Partition size is negative", part.line)
        number = self._next_number(member=prefix is not None)
        self.found.wanted.append(
            OldWanted(
                part.mount,
                number,
                part.line,
                "" if prefix is not None or part.mount in ("swap", "None") else part.mount,
                fstype,
                size or 0,
                (size or 0) * MIB_SECTORS,
                (part.disk,) if part.disk is not None else self._default_drives,
                grow,
                limit,
                part.asprimary,
                start_cylinder=part.start_cylinder,
                end_cylinder=part.end_cylinder,
            )
        )

    def _next_number(self, *, member: bool) -> int:
        if member:
            self._members += 1
            return self._members
        self._numbers += 1
        return self._numbers

    def _fstype(self, part: PartRequest, prefix: str | None) -> str:
        if prefix is not None:
            return _MEMBER_FORMATS[prefix]
        if part.mount == "swap":
            return "swap"
        if part.mount == "/boot/efi":
            return "vfat"
        fstype = part.fstype or self._profile.default_fstype or "ext3"
        if fstype not in _FILE_SYSTEMS:
            raise Stop(f'The "{fstype}" file system type is not supported.', part.line)
        return fstype

    def _check_mount(self, mount: str, line: int) -> None:
        printable = mount.isprintable() and " " not in mount
        if not mount.startswith("/") or (len(mount) > 1 and mount.endswith("/")) or not printable:
            raise Stop(_bad_mount(mount), line)

    def _forget(self, mount: str) -> None:
        """A later request for a mount point replaces the earlier one."""
        self.found.wanted = [one for one in self.found.wanted if one.mount != mount]
        self.found.raids = [one for one in self.found.raids if one.mount != mount]
        self.found.volumes = [one for one in self.found.volumes if one.mount != mount]
        self.found.reused = {name: pair for name, pair in self.found.reused.items() if pair[0].mount != mount}

    def _reuse(self, part: PartRequest) -> None:
        name = (part.onpart or "").removeprefix("/dev/")
        for drive in self._drives.values():
            for old in drive.kept:
                if old.name == name and old.kind != "extended":
                    self.found.reused[name] = (part, old)
                    return
        raise Stop(f"Specified nonexistent partition {name} in partition command", part.line)

    def _raid(self, request: RaidRequest) -> None:
        if request.mount.startswith("/"):
            self._forget(request.mount)
        if any(one.device == request.device for one in self.found.raids):
            raise Stop(f'The RAID device "{request.device}" is defined multiple times.', request.line)
        for name in request.members:
            self._use(name, f"Tried to use undefined partition {name} in RAID specification", request.line)
        level = request.level
        if level not in _MINIMUM:
            raise Stop(f"RAID level {request.level_text or level} is not supported.", request.line)
        if not request.useexisting:
            _check_raid(request, level)
        if member_prefix(request.mount) is not None:
            self.found.names.add(request.mount)
        self.found.raids.append(request)

    def _group(self, request: VolGroupRequest) -> None:
        if any(one.name == request.name for one in self.found.groups):
            raise Stop(f'The volume group name "{request.name}" is already in use.', request.line)
        for name in request.members:
            self._use(name, "Tried to use an undefined partition in Volume Group specification", request.line)
        pe = request.pesize_kib
        if pe is not None and (pe < 1024 or pe & (pe - 1)):
            raise Stop("Invalid physical extent size in Volume Group specification", request.line)
        self.found.groups.append(request)

    def _use(self, name: str, undefined: str, line: int) -> None:
        if name not in self.found.names:
            raise Stop(undefined, line)
        if name in self.found.used:
            raise Stop(f"The partition {name} is already used.", line)
        self.found.used.add(name)

    def _volume(self, request: LogVolRequest) -> None:
        group = next((one for one in self.found.groups if one.name == request.vgname), None)
        if group is None:
            raise Stop(
                f"No volume group exists with the name {request.vgname}.  "
                "Specify volume groups before logical volumes.",
                request.line,
            )
        if any(one.vgname == request.vgname and one.name == request.name for one in self.found.volumes):
            raise Stop(f"Logical volume name {request.name} is already in use.", request.line)
        if request.mount == "swap" and request.recommended:
            size, limit = swap_suggestion_mib(self._profile.ram_mib)
            request = replace(request, size_mib=size, maxsize_mib=limit, grow=True)
        _check_volume_size(request, group)
        if request.mount not in ("swap", "None"):
            self._check_mount(request.mount, request.line)
            self._forget(request.mount)
        self.found.volumes.append(request)

    def _mark_boot(self) -> None:
        """``/boot``, else ``/``, else the members of the array that holds it go to the front."""
        for mount in ("/boot", "/"):
            array = next((one for one in self.found.raids if one.mount == mount), None)
            parts = [one for one in self.found.wanted if one.mount == mount]
            if array is not None:
                parts = [one for one in self.found.wanted if one.name in array.members]
            elsewhere = any(one.mount == mount for one in self.found.volumes) or any(
                part.mount == mount for part, _ in self.found.reused.values()
            )
            if parts or elsewhere:
                for one in parts:
                    one.boot = True
                return


def _bad_mount(mount: str) -> str:
    return (
        f"The mount point {mount} is invalid.  Mount points must start with '/' and cannot end with '/', "
        "and must contain printable characters and no spaces."
    )


def _check_raid(request: RaidRequest, level: int) -> None:
    needed = _MINIMUM[level]
    count = len(request.members)
    if count < needed:
        raise Stop(f"A RAID device of type RAID{level} requires at least {needed} members.", request.line)
    if count > _MOST_MEMBERS:
        raise Stop(f"A RAID device can have at most {_MOST_MEMBERS} members.", request.line)
    most = 0 if level == 0 else count - needed
    if request.spares > most:
        raise Stop(
            f"This RAID device can have a maximum of {most} spares. "
            "To have more spares you will need to add members to the RAID device.",
            request.line,
        )


def _check_volume_size(request: LogVolRequest, group: VolGroupRequest) -> None:
    if request.percent or request.useexisting:
        return
    if not request.size_mib:
        raise Stop("Size required", request.line)
    if not request.grow and request.size_mib * 1024 < (group.pesize_kib or DEFAULT_PE_KIB):
        raise Stop("Logical volume size must be larger than the volume group physical extent size.", request.line)


def array_sectors(level: int, members: Sequence[int], spares: int) -> int:
    """Return the size RHEL 5 shows for an array: no headroom, and the sum for RAID 0."""
    count = len(members) - spares
    smallest = min(members, default=0)
    if level == 0:
        return sum(members)
    return {1: 1, 5: count - 1, 6: count - 2, 10: count // 2}[level] * smallest
