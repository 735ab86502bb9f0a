"""RHEL 5, from the text to the layout."""

from __future__ import annotations

from collections.abc import Sequence

from partition_editor.disks import MIB_SECTORS, SECTOR_BYTES, Disk, ExistingPartition, Profile
from partition_editor.layout import (
    FreeSpace,
    Layout,
    PlannedArray,
    PlannedDisk,
    PlannedGroup,
    PlannedPartition,
    PlannedVolume,
)
from partition_editor.planner.asking import member_prefix
from partition_editor.planner.clearing import clear_disks, usable_disks
from partition_editor.planner.refusing import Stop
from partition_editor.planner.rhel5.asking import OldAsker, OldRequests, array_sectors
from partition_editor.planner.rhel5.automatic import with_automatic
from partition_editor.planner.rhel5.checker import OldDevice, check
from partition_editor.planner.rhel5.cylinders import CYLINDER, cylinder_of
from partition_editor.planner.rhel5.drive import Drive, Placed
from partition_editor.planner.rhel5.growing import grow_all
from partition_editor.planner.rhel5.lvm import OldGroup, make_groups
from partition_editor.planner.rhel5.placing import in_order, place_all
from partition_editor.requests import Spec
from partition_editor.sources.naming import partition_name

_MIB = 1024 * 1024


def plan_rhel5(spec: Spec, disks: Sequence[Disk], profile: Profile) -> Layout:
    """Return the layout.

    Raises:
        Stop: The installer would stop.
    """
    spec = with_automatic(spec, profile)
    drives = _drives(spec, disks, profile)
    asked = OldAsker(spec, drives, profile).found
    wanted = in_order(asked.wanted)
    place_all(wanted, drives)
    grow_all(wanted, drives, profile.ram_mib)
    return _Result(drives, asked, profile).layout()


def _drives(spec: Spec, disks: Sequence[Disk], profile: Profile) -> dict[str, Drive]:
    """Clear and label; RHEL 5 labels a blank disk whenever it needs one."""
    found = {}
    try:
        boards = clear_disks(spec, usable_disks(spec, disks), profile)
    except Stop as stop:
        name = stop.refusal.error.split('"')[1]
        text = f"Specified nonexistent disk {name} in clearpart command"
        raise Stop(text, stop.refusal.line, stage=stop.refusal.stage) from stop
    for board in boards:
        kept = tuple(piece.existing for piece in board.pieces if piece.existing is not None)
        label = board.label or ("gpt" if board.disk.sectors > 2**32 else "msdos")
        found[board.disk.name] = Drive(board.disk, label, kept, cleared=board.cleared or board.label is None)
    return found


class _Result:
    """Turns drives and requests into a `Layout`."""

    def __init__(self, drives: dict[str, Drive], asked: OldRequests, profile: Profile) -> None:
        self._drives = drives
        self._asked = asked
        self._profile = profile
        self._members: dict[str, tuple[str, float]] = {}
        self._devices: list[OldDevice] = []

    def layout(self) -> Layout:
        """Return the layout.

        Raises:
            Stop: Logical volumes do not fit.
        """
        disks = tuple(self._disk(drive) for drive in self._drives.values())
        arrays = tuple(self._arrays())
        groups = make_groups(self._asked.groups, self._asked.volumes, self._members)
        volumes = tuple(one for group in groups for one in self._volumes(group))
        errors, warnings = check(self._devices, self._profile)
        planned = tuple(
            PlannedGroup(
                one.request.name,
                one.pe_kib * 1024,
                one.size_mib * 1024 // one.pe_kib,
                (one.size_mib - one.used_mib) * 1024 // one.pe_kib,
                one.devices,
                one.request.line,
                one.request.useexisting,
            )
            for one in groups
        )
        return Layout(self._profile, disks, arrays, planned, volumes, errors, warnings)

    def _disk(self, drive: Drive) -> PlannedDisk:
        taken = {one.number for one in drive.kept}
        rows = [self._kept(one, drive) for one in drive.kept]
        primaries = sum(1 for one in drive.placed if one.kind == "primary")
        number = 0
        extended_number = next((one.number for one in drive.kept if one.kind == "extended"), None)
        placed_numbers: dict[int, int] = {}
        for one in drive.placed:
            if one.kind == "logical" and extended_number is None:
                extended_number = _next_free(taken)
                taken.add(extended_number)
            if one.kind == "primary":
                number = _next_free(taken)
                taken.add(number)
                placed_numbers[id(one)] = number
        logical = [one for one in drive.placed if one.kind == "logical"]
        for index, one in enumerate(logical, start=5 + sum(1 for old in drive.kept if old.kind == "logical")):
            placed_numbers[id(one)] = index
        rows += [self._placed(one, drive, placed_numbers[id(one)]) for one in drive.placed]
        if drive.extended is not None and not any(one.kind == "extended" for one in drive.kept):
            rows.append(_extended_row(drive, extended_number or primaries + 1))
        rows.sort(key=lambda one: (one.start, one.kind != "extended"))
        free = tuple(FreeSpace(one.start, one.length) for one in drive.free)
        return PlannedDisk(drive.disk.name, drive.label, drive.disk.sectors, tuple(rows), free, drive.cleared)

    def _placed(self, one: Placed, drive: Drive, number: int) -> PlannedPartition:
        wanted = one.wanted
        name = partition_name(drive.disk.name, number)
        length = one.end - one.start + 1
        mib = length / MIB_SECTORS
        if member_prefix(wanted.name) is not None:
            self._members[wanted.name] = (name, mib)
        self._devices.append(OldDevice("partition", wanted.mount, wanted.fstype, mib, label=drive.label))
        last = cylinder_of(one.end)
        reasons = [*_order_reasons(one, drive), *wanted.reasons, f"rounded to cylinder {last}"]
        text = "; ".join(reasons)
        return PlannedPartition(
            number,
            name,
            one.kind,
            one.start,
            length,
            wanted.mount,
            wanted.fstype,
            wanted.name,
            wanted.line,
            wanted.size_mib,
            wanted.grow,
            f"{text[0].upper()}{text[1:]}.",
            start_cylinder=cylinder_of(one.start),
            end_cylinder=last,
        )

    def _kept(self, old: ExistingPartition, drive: Drive) -> PlannedPartition:
        part, _ = self._asked.reused.get(old.name, (None, old))
        reformatted = part is not None and not part.noformat
        mount = part.mount if part is not None and part.mount.startswith("/") else ""
        fstype = old.fstype
        if part is not None and reformatted:
            fstype = {"raid.": "mdmember", "pv.": "lvmpv"}.get(member_prefix(part.mount) or "", part.fstype or "ext3")
        if part is not None:
            mib = old.length / MIB_SECTORS
            if member_prefix(part.mount) is not None:
                self._members[part.mount] = (old.name, mib)
            self._devices.append(OldDevice("partition", mount, fstype, mib, label=drive.label))
        return PlannedPartition(
            old.number,
            old.name,
            old.kind,
            old.start,
            old.length,
            mount,
            fstype,
            line=part.line if part is not None else None,
            why="Reformatted where it is." if reformatted else "Kept as it is.",
            kept=not reformatted,
            start_cylinder=cylinder_of(old.start),
            end_cylinder=cylinder_of(old.start + old.length - 1),
        )

    def _arrays(self) -> list[PlannedArray]:
        found = []
        for one in self._asked.raids:
            level = one.level or 0
            members = [self._members[name] for name in one.members if name in self._members]
            sectors = array_sectors(level, [int(mib * MIB_SECTORS) for _, mib in members], one.spares)
            name = f"md{(one.device or '').removeprefix('/dev/').removeprefix('md')}"
            prefix = member_prefix(one.mount)
            mount = one.mount if one.mount.startswith("/") else ""
            fstype = one.fstype or self._profile.default_fstype or "ext3"
            if prefix is not None:
                fstype = "lvmpv"
                self._members[one.mount] = (name, sectors / MIB_SECTORS)
            elif one.mount == "swap":
                fstype = "swap"
            self._devices.append(OldDevice("array", mount, fstype, sectors / MIB_SECTORS, level))
            devices = tuple(device for device, _ in members)
            found.append(
                PlannedArray(
                    name,
                    level,
                    devices,
                    sectors * SECTOR_BYTES,
                    one.spares,
                    mount,
                    fstype,
                    one.line,
                    encrypted=one.encrypted,
                    kept=one.useexisting,
                )
            )
        return found

    def _volumes(self, group: OldGroup) -> list[PlannedVolume]:
        found = []
        for one in group.volumes:
            request = one.request
            mount = request.mount if request.mount.startswith("/") else ""
            fstype = "swap" if request.mount == "swap" else request.fstype or self._profile.default_fstype or "ext3"
            self._devices.append(OldDevice("volume", mount, fstype, one.size_mib))
            gained = one.size_mib - one.start_mib
            why = f"grew by {gained} MiB" if request.grow and gained > 0 else "rounded down to whole extents"
            found.append(
                PlannedVolume(
                    request.name or "",
                    request.vgname or "",
                    one.size_mib * _MIB,
                    "lvmlv",
                    mount,
                    fstype,
                    request.line,
                    why,
                    request.useexisting,
                )
            )
        return found


def _next_free(taken: set[int]) -> int:
    number = 1
    while number in taken:
        number += 1
    return number


def _extended_row(drive: Drive, number: int) -> PlannedPartition:
    start, end = drive.extended or (0, 0)
    return PlannedPartition(
        number,
        partition_name(drive.disk.name, number),
        "extended",
        start,
        end - start + 1,
        why="Holds the logical partitions, since a label has four primary slots.",
        start_cylinder=start // CYLINDER + 1,
        end_cylinder=cylinder_of(end),
    )


def _order_reasons(one: Placed, drive: Drive) -> list[str]:
    reasons = []
    if one.wanted.boot:
        reasons.append("needed for booting, so placed first")
    elif one.wanted.primary:
        reasons.append("must be primary, so placed early")
    else:
        smaller = next((other.wanted for other in drive.placed if other.wanted.size_mib < one.wanted.size_mib), None)
        if smaller is not None:
            reasons.append(f"larger than {smaller.name}, so placed before it")
    if one.kind == "logical":
        first = next(other for other in drive.placed if other.kind == "logical")
        reasons.append("4th primary became logical" if first is one else "no primary slot left, so logical")
    return reasons
