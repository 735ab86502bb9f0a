"""Questions and answers in the shape of recorded installers' answers, one JSON object each.

A question is ``{"version", "firmware", "disks": [{"name", "size"}], "ks", "default_label", "default_fstype",
"ram_mib"}``; without a version it is one for RHEL 5, which has its own default file system and label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from partition_editor.disks import SECTOR_BYTES, Disk, ExistingPartition, Firmware, Profile
from partition_editor.layout import Layout, PlannedDisk, PlannedPartition, PlannedVolume, PlanRefusal
from partition_editor.sources.naming import partition_name

MIB = 1024 * 1024
_RHEL5 = "RHEL5"
_RHEL5_FORMATS = {"mdmember": "software RAID", "lvmpv": "physical volume (LVM)"}


def as_result(answer: Layout | PlanRefusal, warnings: Sequence[str] = ()) -> dict[str, object]:
    """Return an answer as a plain dictionary; `warnings` are the parser's, added when there are any."""
    extra: dict[str, object] = {"ks_warnings": list(warnings)} if warnings else {}
    if isinstance(answer, PlanRefusal):
        return {"ok": False, "stage": answer.stage, "error": answer.error, **extra}
    result: dict[str, object] = {"ok": True, "stage": "done"}
    if answer.bootloader_error:
        result["bootloader_error"] = answer.bootloader_error
    result["checker"] = {"errors": list(answer.checker_errors), "warnings": list(answer.checker_warnings)}
    old = answer.profile.release == _RHEL5
    result["disks"] = {disk.name: _disk(disk, old=old) for disk in answer.disks}
    if old:
        result["md"] = [
            {
                "name": one.name,
                "level": f"RAID{one.level}",
                "mountpoint": one.mountpoint or None,
                "mb": one.size_bytes / MIB,
                "spares": one.spares,
            }
            for one in answer.arrays
        ]
        result["vg"] = [
            {"name": one.name, "pe": one.pe_bytes, "mb": one.extents * one.pe_bytes // MIB} for one in answer.groups
        ]
        result["lv"] = [
            {"name": one.name, "mb": one.size_bytes // MIB, "mountpoint": one.mountpoint or None}
            for one in answer.volumes
        ]
    else:
        result.update(_groups(answer))
    return {**result, **extra}


def _groups(answer: Layout) -> dict[str, object]:
    return {
        "md": [
            {
                "mountpoint": one.mountpoint or None,
                "fstype": one.fstype or None,
                "luks": one.encrypted,
                "name": one.name,
                "level": f"raid{one.level}",
                "size": one.size_bytes,
                "spares": one.spares,
                "chunk": one.chunk_bytes,
                "members": list(one.members),
            }
            for one in answer.arrays
        ],
        "vg": [
            {
                "name": one.name,
                "pe": one.pe_bytes,
                "extents": one.extents,
                "free_extents": one.free_extents,
                "size": one.extents * one.pe_bytes,
                "pvs": list(one.pvs),
            }
            for one in answer.groups
        ],
        "lv": [_volume(one) for one in answer.volumes],
    }


def _volume(one: PlannedVolume) -> dict[str, object]:
    return {
        "mountpoint": one.mountpoint or None,
        "fstype": one.fstype or None,
        "name": one.name,
        "vg": one.vg,
        "size": one.size_bytes,
        "mib": one.size_bytes / MIB,
        "type": one.kind,
    }


def _disk(disk: PlannedDisk, *, old: bool) -> dict[str, object]:
    return {
        "label": disk.label,
        "sectors": disk.sectors,
        "partitions": [_partition(one, old=old) for one in disk.partitions],
    }


def _partition(one: PlannedPartition, *, old: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "number": one.number,
        "name": one.name,
        "type": one.kind,
        "start": one.start,
        "length": one.length,
    }
    if one.mountpoint:
        found["mountpoint"] = one.mountpoint
    if one.fstype:
        found["fstype"] = _RHEL5_FORMATS.get(one.fstype, one.fstype) if old else one.fstype
    if one.req:
        found["req"] = one.req
    if one.start_cylinder is not None:
        found["startcyl"], found["endcyl"] = one.start_cylinder, one.end_cylinder
    return found


def read_profile(question: Mapping[str, object]) -> Profile:
    """Return the profile of a question."""
    release = _text(question.get("version")) or _RHEL5
    fixed = release == _RHEL5
    return Profile(
        release=release,
        firmware=Firmware.UEFI if question.get("firmware") in ("efi", "uefi") else Firmware.BIOS,
        default_label=None if fixed else _text(question.get("default_label")),
        default_fstype=None if fixed else _text(question.get("default_fstype")),
        ram_mib=_number(question.get("ram_mib"), Profile().ram_mib),
    )


def read_disks(question: Mapping[str, object]) -> tuple[Disk, ...]:
    """Return the disks of a question; sizes are in bytes, existing partitions in sectors."""
    rows = question.get("disks")
    return tuple(_read_disk(row) for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()


def _read_disk(row: Mapping[str, object]) -> Disk:
    name = _text(row.get("name")) or ""
    rows = row.get("partitions")
    found = [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []
    parts = tuple(_read_partition(name, number, one) for number, one in enumerate(found, start=1))
    return Disk(name, _number(row.get("size"), 0) // SECTOR_BYTES, label=_text(row.get("label")), partitions=parts)


def _read_partition(disk: str, place: int, row: Mapping[str, object]) -> ExistingPartition:
    number = _number(row.get("number"), place)
    return ExistingPartition(
        number,
        _text(row.get("name")) or partition_name(disk, number),
        _text(row.get("type")) or "primary",
        _number(row.get("start"), 0),
        _number(row.get("length"), 0),
        _text(row.get("fstype")) or "",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
