"""The forms for VMs in the store: which fields they have and which command lines those make. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from core.inventory.snapshot import VmRecord
from core.outcome import Refused
from tui.screens.form import Field

MOST_AT_ONCE = 500


def add_fields(container: str) -> list[Field]:
    """The fields for new VMs, the cursor's container filled in."""
    return [
        Field("containers", "Containers", container, "vm-container-0-0, rack1, vm-container-0-[0-3]…"),
        Field("membership", "Membership", "Compute"),
        Field("count", "How many", "1", "on each container"),
        Field("name", "Name", "", "the next free one; only for a single VM"),
        Field("mem", "Memory MiB", "", "as Rocks: 1024"),
        Field("cpus", "vCPUs", "", "as Rocks: 1"),
        Field("disksize", "Disk GB", "", "as Rocks: 36"),
        Field("more", "Further", "", "mac=… ip=… subnet=… slice=… virt-type=… num-macs=… vlan=…"),
    ]


def add_lines(values: Mapping[str, str]) -> Sequence[str] | Refused:
    """``add host vm`` for all the VMs wanted: all are added, or none."""
    if not values["containers"]:
        return Refused("name at least one container")
    if not values["membership"]:
        return Refused("name a membership; `list membership` shows them")
    wanted = _number(values["count"], "How many", 1, MOST_AT_ONCE)
    if isinstance(wanted, Refused):
        return wanted
    if values["name"] and wanted > 1:
        return Refused("a name is for a single VM; leave it empty to add several")
    words = ["add host vm", _words(values["containers"]), f"membership={shlex.quote(values['membership'])}"]
    for name, label in (("mem", "Memory"), ("cpus", "vCPUs"), ("disksize", "Disk")):
        number = _number(values[name], label, 1, 10**9) if values[name] else None
        if isinstance(number, Refused):
            return number
        if number is not None:
            words.append(f"{name}={number}")
    if values["name"]:
        words.append(f"name={shlex.quote(values['name'])}")
    if values["more"]:
        words.append(_words(values["more"]))
    if wanted > 1:
        words.append(f"count={wanted}")
    return [" ".join(words)]


def edit_fields(record: VmRecord) -> list[Field]:
    """The fields of a VM in the store, as they are."""
    return [
        Field("mem", "Memory MiB", str(record.memory_mib)),
        Field("cpus", "vCPUs", str(record.vcpus)),
        Field("slice", "Slice", str(record.slice_no)),
        Field("physnode", "Container", record.container),
        Field("virt-type", "Virtualization", record.virt_type or "", "para or hvm"),
        Field("more", "Further", "", "disk=… disksize=…"),
    ]


def edit_lines(record: VmRecord, values: Mapping[str, str]) -> Sequence[str] | Refused:
    """``set host vm`` with only what is not as it was."""
    before = {field.name: field.value for field in edit_fields(record)}
    words = []
    for name, value in values.items():
        if name == "more" or value == before[name]:
            continue
        if not value:
            return Refused(f"{name} cannot be empty")
        if name in ("mem", "cpus", "slice"):
            number = _number(value, name, 0 if name == "slice" else 1, 10**9)
            if isinstance(number, Refused):
                return number
        words.append(f"{name}={shlex.quote(value)}")
    if values["more"]:
        words.append(_words(values["more"]))
    if not words:
        return Refused("nothing is changed yet")
    return [f"set host vm {shlex.quote(record.name)} {' '.join(words)}"]


def _number(text: str, label: str, least: int, most: int) -> int | Refused:
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    return Refused(f"{label}: a number from {least} to {most}, not {text!r}")


def _words(text: str) -> str:
    """Words typed into one field, each quoted for the command line; a comma after a word is taken for a space."""
    return " ".join(shlex.quote(word.rstrip(",")) for word in text.split() if word.strip(","))
