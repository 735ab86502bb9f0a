"""What a node reports of its disks, read as data. Pure.

The text has sections: a line ``= WORD NAME …`` and then the section's content, each line behind one blank, so that
nothing found on a disk can pass for a section. ``lib.sh.j2`` writes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.outcome import Refused

MOST_BYTES = 512 * 1024
MOST_SECTIONS = 4000
MOST_DISKS = 256
MOST_VOLUMES = 256
_LONGEST_NAME = 255

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*(?:/[A-Za-z0-9][A-Za-z0-9_]*)?")
_LABEL = re.compile(r"^(?:Partition Table|Disk label type):\s*(\w+)", re.MULTILINE)
_VOLUME_WORD = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9+_.][A-Za-z0-9+_.-]*")
"""What LVM allows as the name of a group or volume (lvm(8))."""
_FILE_SYSTEM = re.compile(r"[A-Za-z0-9_+.-]{1,32}")
_OF_DEVICES = frozenset({"disk", "blank", "array"})
_OF_FILE_SYSTEMS = frozenset({"uuid", "label", "stamp", "fstab", "unmountable"})
_PLAIN = frozenset({"report", "uefi", "lsblk"})
_FLAT = frozenset({"uuid", "label"})


@dataclass(frozen=True, slots=True)
class DiskReport:
    """A node's disks.

    Attributes:
        facts: JSON-friendly, in the shape of `partition_editor.decisions.facts.read_facts`, with ``sizes`` (sectors
            of 512 bytes by disk), ``volume_sizes`` (bytes) and ``lsblk`` (text) beside it. A logical volume is
            called ``GROUP/VOLUME``; a stamp on one is one on everything that its group lies on.
        fstab: Of the installed system, in a report after the install; empty before.
    """

    facts: Mapping[str, object]
    fstab: str = ""

    @property
    def mark(self) -> str:
        """Changes whenever what is on the disks does: an answer for other disks is no answer for these."""
        return hashlib.sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        """For the store."""
        return json.dumps({"facts": self.facts, "fstab": self.fstab}, sort_keys=True)


def from_json(text: str) -> DiskReport:
    """The report that `DiskReport.to_json` wrote."""
    values = json.loads(text)
    return DiskReport(values["facts"], values["fstab"])


def mapper_name(volume: str) -> str:
    """``GROUP/VOLUME`` as the device mapper has it in ``/dev``: it doubles the hyphens in both names."""
    group, _, name = volume.replace("-", "--").partition("/")
    return f"mapper/{group}-{name}"


def read_report(body: bytes) -> DiskReport | Refused:
    """Read a report.

    Returns:
        The report; `Refused` for what no node of ours writes.
    """
    if len(body) > MOST_BYTES:
        return Refused(f"the report is larger than {MOST_BYTES // 1024} KiB")
    text = body.decode("utf-8", "replace")
    sections: list[tuple[list[str], str]] = []
    for words, content in _sections(text):
        if not words or words[0] not in _OF_DEVICES | _OF_FILE_SYSTEMS | _PLAIN | {"group", "volume"}:
            return Refused("the report has an unknown section")
        if words[0] not in _PLAIN and not _is_about_something(words):
            return Refused("the report names no device in a section about one")
        sections.append((words, content))
        if len(sections) > MOST_SECTIONS:
            return Refused("the report has too many sections")
    if not sections or sections[0][0] != ["report", "1"]:
        return Refused("this is no report")
    return _collect(sections)


def _is_about_something(words: list[str]) -> bool:
    """A section's second word is a name of its kind."""
    name = words[1] if len(words) > 1 else ""
    if len(name) > _LONGEST_NAME:
        return False
    is_device = _NAME.fullmatch(name) is not None
    if words[0] in _OF_DEVICES:
        return is_device
    parts = name.split("/")
    of_lvm = all(_VOLUME_WORD.fullmatch(part) is not None for part in parts)
    if words[0] == "group":
        return of_lvm and len(parts) == 1
    is_volume = of_lvm and len(parts) == 2
    return is_volume if words[0] == "volume" else is_device or is_volume


def _sections(text: str) -> Iterator[tuple[list[str], str]]:
    words: list[str] | None = None
    lines: list[str] = []
    # Only line feeds end a line: the node's `sed` knows no other end either.
    for line in text.split("\n"):
        if line.startswith("= "):
            if words is not None:
                yield words, "\n".join(lines)
            words, lines = line[2:].split(), []
        elif line.startswith(" ") and words is not None:
            lines.append(line[1:])
        elif line:
            yield [], ""
            return
    if words is not None:
        yield words, "\n".join(lines)


def _collect(sections: list[tuple[list[str], str]]) -> DiskReport | Refused:
    disks: dict[str, dict[str, object]] = {}
    sizes: dict[str, int] = {}
    texts: dict[str, dict[str, str]] = {word: {} for word in ("uuid", "label", "fstab", "array")}
    lists: dict[str, list[str]] = {"stamp": [], "unmountable": []}
    groups: dict[str, list[str]] = {}
    volumes: dict[str, str] = {}
    volume_sizes: dict[str, int] = {}
    lsblk, uefi = "", False
    for words, content in sections:
        kind, name = words[0], words[1] if len(words) > 1 else ""
        if kind == "disk":
            if name in disks or not _is_size(words):
                return Refused("the report names a disk twice or without its size")
            label = _LABEL.search(content)
            disks[name] = {"parted_text": content, "label": label[1] if label else None, "blank": False}
            sizes[name] = int(words[2])
        elif kind == "blank":
            if name not in disks:
                return Refused("the report calls a disk blank that it does not have")
            disks[name]["blank"] = True
        elif kind in texts:
            texts[kind][name] = content.strip() if kind in _FLAT else content
        elif kind in lists:
            lists[kind].append(name)
        elif kind == "group":
            groups[name] = content.split()
        elif kind == "volume":
            if name in volumes or name.partition("/")[0] not in groups or not _is_size(words):
                return Refused("the report names a volume twice, without its group or without its size")
            volumes[name] = content.strip() if _FILE_SYSTEM.fullmatch(content.strip()) else ""
            volume_sizes[name] = int(words[2])
        elif kind == "lsblk":
            lsblk = content
        elif kind == "uefi":
            uefi = True
    if len(disks) > MOST_DISKS or len(volumes) > MOST_VOLUMES:
        return Refused("the report has too many disks or volumes")
    installed = texts["fstab"].pop("installed", "")
    facts: dict[str, object] = {
        "disks": disks,
        "disk_order": [name for name in disks if not name.startswith("md")],
        "raids": sorted(texts["array"]),
        "stamped_partitions": list(dict.fromkeys(_spread(lists["stamp"], volumes, groups))),
        "unmountable_partitions": lists["unmountable"],
        "fstab_files": texts["fstab"],
        "labels": texts["label"],
        "uuids": texts["uuid"],
        "mdadm_detail": texts["array"],
        "groups": groups,
        "volumes": volumes,
        "volume_sizes": volume_sizes,
        "uefi": uefi,
        "sizes": sizes,
        "lsblk": lsblk,
    }
    return DiskReport(facts, installed)


def _is_size(words: list[str]) -> bool:
    """The third and last word is a number of a size that exists."""
    return len(words) == 3 and words[2].isascii() and words[2].isdecimal() and len(words[2]) <= 18


def _spread(stamped: list[str], volumes: Mapping[str, str], groups: Mapping[str, list[str]]) -> Iterator[str]:
    """Stamped devices, with what a group lies on in the place of its stamped volumes."""
    for name in stamped:
        if name in volumes:
            yield from (part for part in groups[name.partition("/")[0]] if _NAME.fullmatch(part))
        else:
            yield name
