"""What an install left on a node's disks, compared with what was planned for it.

The plan is made anew from the text that the node was told, on the disks it reported before, for its profile; the
other side is its report after the install. `last_installs` reads the store; the rest is pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from core.install.partitions import partition_rows
from core.install.reports import DiskReport, from_json
from core.outcome import Refused
from core.store.install_records import InstallStage, ReportKind
from core.store.records import Partition
from partition_editor.decisions.verdict import scheme_word
from partition_editor.disks import MIB_SECTORS, Firmware, Profile
from partition_editor.document.conflicts import parse_refusal
from partition_editor.document.reading import read_document, read_spec
from partition_editor.fleet.profiles import profile_of
from partition_editor.layout import Layout, PlannedArray, PlannedVolume, PlanRefusal
from partition_editor.planner import plan
from partition_editor.sources.naming import split_partition
from partition_editor.sources.parted import plain_fstype
from partition_editor.sources.report import read_reported
from partition_editor.sources.stored import disks_from_partitions

if TYPE_CHECKING:
    from core.store.install_records import InstallRecord
    from core.store.records import Node
    from core.store.repository import Repository

NEVER = "no install of it has ended yet"
BY_HAND = "its operator partitioned it by hand: there was no plan"
COLUMNS = ("device", "mountpoint", "sectorstart", "partitionsize", "partitionid", "fstype", "partitionflags",
           "formatflags")  # fmt: skip
SAME_TYPE = {"efi": "vfat", "fat32": "vfat", "fat16": "vfat"}
SLACK_MIB = 8
"""Installers round to their own grain, and reports to three digits."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is. `mib` is None where no report tells the size."""

    device: str
    mib: int | None
    fstype: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A node's last install.

    Attributes:
        at: When it ended; None when none has.
        differences: Sentences; none when all is as planned.
        trouble: Why there is nothing to compare; empty when there is.
        places: What is there now, by mount point.
    """

    node: str
    at: datetime | None = None
    differences: tuple[str, ...] = ()
    trouble: str = ""
    places: tuple[tuple[str, Place], ...] = ()


def last_installs(repository: Repository, nodes: Sequence[Node]) -> list[Installed]:
    """The last install of each node that ended well, compared."""
    found = []
    for node in nodes:
        ended = [one for one in repository.installs.of_node(node.id) if one.stage is InstallStage.DONE]
        found.append(_installed(repository, node, ended[0]) if ended else Installed(node.name, trouble=NEVER))
    return found


def _installed(repository: Repository, node: Node, install: InstallRecord) -> Installed:
    reports = {one.kind: from_json(one.body) for one in repository.installs.reports(install.id)}
    before, after = reports.get(ReportKind.DISKS), reports.get(ReportKind.PARTITIONS)
    if after is None or before is None:
        return Installed(node.name, install.ended, trouble="it did not report its disks")
    places = tuple(there(after).items())
    if scheme_word(install.text) == "manual":
        return Installed(node.name, install.ended, trouble=BY_HAND, places=places)
    profile = replace(profile_of(repository.attributes.resolved(node.id)), rocks=None)
    answer = planned(install.text, before, profile)
    if isinstance(answer, PlanRefusal):
        said = f"the plan was that the installer stops ({' '.join(answer.error.split())}), and it did not"
        return Installed(node.name, install.ended, (said,), places=places)
    return Installed(node.name, install.ended, tuple(differences(answer, dict(places))), places=places)


def planned(text: str, before: DiskReport, profile: Profile) -> Layout | PlanRefusal:
    """The layout that a text gives on reported disks."""
    reported = read_reported(before.facts)
    if reported.uefi:
        profile = replace(profile, firmware=Firmware.UEFI)
    document = read_document(text)
    return parse_refusal(document, profile.release) or plan(read_spec(document, profile), reported.disks, profile)


def there(after: DiskReport) -> dict[str, Place]:
    """What a node has after its install: mount point → place; swap spaces are numbered."""
    rows = [Partition(0, 0, *(str(row.get(name, "")) for name in COLUMNS)) for row in partition_rows(after)]
    exact = {one.name: one.length for disk in read_reported(after.facts).disks for one in disk.partitions}
    disks = disks_from_partitions(rows)
    listed = []
    for disk in () if isinstance(disks, Refused) else disks:
        for one in disk.partitions:
            place = Place(one.name, exact.get(one.name, one.length) // MIB_SECTORS, plain_fstype(one.fstype))
            listed.append((one.mountpoint, place))
    listed += [(row.mountpoint, Place(row.device, None, row.fstype)) for row in rows if row.device.startswith("md")]
    return _by_mount([*listed, *_volumes(after)])


def _volumes(after: DiskReport) -> Iterator[tuple[str, Place]]:
    """The report does not look into volume groups; the installed system's fstab names what is in them."""
    disks = {disk.name for disk in read_reported(after.facts).disks}
    for line in after.fstab.splitlines():
        words = line.split()
        if len(words) < 3 or not words[0].startswith("/dev/") or not words[1].startswith("/"):
            continue
        device = words[0].removeprefix("/dev/")
        split = split_partition(device)
        if not device.startswith("md") and (split is None or split[0] not in disks):
            yield words[1], Place(device, None, words[2])


def places_of(layout: Layout) -> dict[str, Place]:
    """What a layout has, in the same shape."""
    listed = [
        (one.mountpoint or ("swap" if one.fstype == "swap" else ""),
         Place(one.name, one.length // MIB_SECTORS, SAME_TYPE.get(one.fstype, one.fstype)))
        for disk in layout.disks for one in disk.partitions if one.kind != "extended"
    ]  # fmt: skip
    listed += [
        (one.mountpoint, Place(f"md{one.name}" if one.name.isdigit() else one.name, None, _format_of(one)))
        for one in layout.arrays
    ]
    listed += [
        (one.mountpoint, Place(f"mapper/{one.vg}-{one.name}", None, _format_of(one))) for one in layout.volumes
    ]
    return _by_mount(listed)


def _format_of(one: PlannedArray | PlannedVolume) -> str:
    """Empty where a plan does not know it: what is kept has the file system that it had."""
    return "" if one.kept else one.fstype


def differences(layout: Layout, actual: Mapping[str, Place]) -> Iterator[str]:
    """In what the disks are not as planned, in sentences."""
    wanted = places_of(layout)
    for mount, place in wanted.items():
        found = actual.get(mount)
        if found is None:
            yield f"{mount} was planned on {place.device} and is not there"
            continue
        if found.device != place.device and not (_is_stacked(place) and _is_stacked(found)):
            yield f"{mount} is on {found.device}, planned was {place.device}"
        if place.mib is not None and found.mib is not None and not _is_about(found.mib, place.mib):
            yield f"{mount} has {found.mib} MiB, planned were {place.mib}"
        if found.fstype and place.fstype and SAME_TYPE.get(found.fstype, found.fstype) != place.fstype:
            yield f"{mount} is {found.fstype}, planned was {place.fstype}"
    for mount, place in actual.items():
        if mount not in wanted:
            yield f"{mount} is on {place.device}, and nobody planned it"


def _is_stacked(place: Place) -> bool:
    """Installers name arrays and volumes as they like."""
    return place.mib is None


def _is_about(found: int, wanted: int) -> bool:
    return abs(found - wanted) <= wanted // 100 + SLACK_MIB


def _by_mount(listed: Sequence[tuple[str, Place]]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    swaps = 0
    for mount, place in listed:
        if mount == "swap":
            swaps += 1
            found["swap" if swaps == 1 else f"swap {swaps}"] = place
        elif mount.startswith("/"):
            found.setdefault(mount, place)
    return found
