"""Apply planned disks to sparse files and read them back, for tests."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from partition_editor.disks import SECTOR_BYTES, Disk, Profile
from partition_editor.document.reading import read_document, read_spec
from partition_editor.layout import Layout, PlannedDisk, PlannedPartition
from partition_editor.planner import plan

_TYPES = {
    "dos": {"extended": "5", "swap": "82", "lvmpv": "8e", "mdmember": "fd", "": "83"},
    "gpt": {
        "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
        "lvmpv": "E6D6D379-F507-44C2-A23C-238F2A3DF928",
        "mdmember": "A19D880F-05FC-4D3B-A006-743F0F84911E",
        "biosboot": "21686148-6449-6E6F-744E-656564454649",
        "efi": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
        "": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    },
}
_TIMEOUT_S = 60


def need(*tools: str) -> None:
    """Skip the test when a tool is not installed."""
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")


def run(*words: str, text: str | None = None) -> str:
    """Run a command; its standard output, or an assertion with its complaint."""
    done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr or done.stdout}"
    return done.stdout


def planned(text: str, disks: tuple[Disk, ...], profile: Profile) -> Layout:
    """The layout of a text."""
    found = plan(read_spec(read_document(text), profile), disks, profile)
    assert isinstance(found, Layout), found
    return found


def apply(disk: PlannedDisk, folder: Path) -> Path:
    """Make an image of a planned disk; the path of the image."""
    image = folder / f"{disk.name.replace('/', '-')}.img"
    with image.open("wb") as file:
        file.truncate(disk.sectors * SECTOR_BYTES)
    run("sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--wipe=never", str(image), text=script(disk))
    return image


def script(disk: PlannedDisk) -> str:
    """The sfdisk script that makes the disk."""
    label = "gpt" if disk.label == "gpt" else "dos"
    head = [f"label: {label}", "unit: sectors"]
    if label == "gpt":
        head.append("first-lba: 34")
    ordered = sorted(disk.partitions, key=lambda one: one.number)
    return "\n".join([*head, "", *(_line(one, label) for one in ordered)]) + "\n"


def _line(one: PlannedPartition, label: str) -> str:
    types = _TYPES[label]
    kind = "extended" if one.kind == "extended" else one.fstype
    return f"{one.number} : start={one.start}, size={one.length}, type={types.get(kind, types[''])}"


def read_back(image: Path) -> list[tuple[int, int, int]]:
    """Number, first sector and length of each partition, as sfdisk reads them."""
    table = json.loads(run("sfdisk", "--json", str(image)))["partitiontable"]
    found = []
    for row in table.get("partitions", []):
        number = int(row["node"].removeprefix(str(image)).lstrip("p"))
        found.append((number, row["start"], row["size"]))
    return sorted(found)


def read_with_parted(image: Path) -> list[tuple[int, int, int]]:
    """The same, as parted reads them."""
    found = []
    for line in run("parted", "--script", "--machine", str(image), "unit", "s", "print").splitlines():
        fields = line.split(":")
        if fields[0].isdecimal():
            start, _, length = (int(field.rstrip("s")) for field in fields[1:4])
            found.append((int(fields[0]), start, length))
    return sorted(found)
