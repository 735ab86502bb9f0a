"""Lines that rebuild rows when a shell runs them: quoted so that any name or value is one word again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.commands.diskspec import disk_word

if TYPE_CHECKING:
    from core.store.records import Disk, Vm

PROGRAM = "quarry"


def line(*words: str, **values: object) -> str:
    """A command line. Values that are None are left out; names get dashes for underscores."""
    named = [f"{name.replace('_', '-')}={quoted(str(value))}" for name, value in values.items() if value is not None]
    return " ".join([PROGRAM, *(shlex.quote(word) for word in words), *named]) + "\n"


def quoted(text: str) -> str:
    """The text in single quotes, always, as Rocks wrote values."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


def vm_line(vm: Vm, disks: Sequence[Disk], **more: object) -> str:
    """Rocks' ``dump host vm`` line: one VM with everything of its own."""
    return line(
        "set",
        "host",
        "vm",
        vm.name,
        physnode=vm.physnode,
        disk=" ".join(disk_word(disk) for disk in disks),
        disksize=" ".join(str(disk.size) for disk in disks),
        mem=vm.mem,
        slice=vm.slice,
        virt_type=vm.virt_type or "None",
        **more,
    )
