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

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*(?:/[A-Za-z0-9][A-Za-z0-9_]*)?")
_LABEL = re.compile(r"^(?:Partition Table|Disk label type):\s*(\w+)", re.MULTILINE)
_NAMED = frozenset({"disk", "blank", "array", "uuid", "label", "stamp", "fstab", "unmountable"})
_PLAIN = frozenset({"report", "uefi", "lsblk"})
_FLAT = frozenset({"uuid", "label"})


@dataclass(frozen=True, slots=True)
class DiskReport:
    """A node's disks.

    Attributes:
        facts: JSON-friendly, in the shape of `partition_editor.decisions.facts.read_facts`, with ``sizes`` (sectors
            of 512 bytes by disk) and ``lsblk`` (text) beside it.
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
        if not words or words[0] not in _NAMED | _PLAIN:
            return Refused("the report has an unknown section")
        if words[0] in _NAMED and (len(words) < 2 or _NAME.fullmatch(words[1]) is None or len(words[1]) > 64):
            return Refused("the report names no device in a section about one")
        sections.append((words, content))
        if len(sections) > MOST_SECTIONS:
            return Refused("the report has too many sections")
    if not sections or sections[0][0] != ["report", "1"]:
        return Refused("this is no report")
    return _collect(sections)


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
    lsblk, uefi = "", False
    for words, content in sections:
        kind, name = words[0], words[1] if len(words) > 1 else ""
        if kind == "disk":
            if name in disks or len(words) != 3 or not words[2].isdecimal() or len(words[2]) > 18:
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
        elif kind == "lsblk":
            lsblk = content
        elif kind == "uefi":
            uefi = True
    if len(disks) > MOST_DISKS:
        return Refused("the report has too many disks")
    installed = texts["fstab"].pop("installed", "")
    facts: dict[str, object] = {
        "disks": disks,
        "disk_order": [name for name in disks if not name.startswith("md")],
        "raids": sorted(texts["array"]),
        "stamped_partitions": lists["stamp"],
        "unmountable_partitions": lists["unmountable"],
        "fstab_files": texts["fstab"],
        "labels": texts["label"],
        "uuids": texts["uuid"],
        "mdadm_detail": texts["array"],
        "uefi": uefi,
        "sizes": sizes,
        "lsblk": lsblk,
    }
    return DiskReport(facts, installed)
