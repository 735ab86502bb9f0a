"""``report host install disks``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.install.desk import disks_of, waiting_install


def run(call: Invocation) -> None:
    """Print the disks that a waiting node reported: lsblk's JSON where the node has lsblk, else parted's words."""
    with call.reading() as rows:
        nodes = require_hosts(rows, call.hosts, "must supply host")
        if len(nodes) != 1:
            refuse("must supply only one host")
        waiting = waiting_install(rows, nodes[0].id)
        report = disks_of(rows, waiting) if waiting is not None else None
    if report is None:
        refuse(f"{nodes[0].name} does not wait for its operator")
    if call.flag("mark"):
        call.write(f"{report.mark}\n")
        return
    text = str(report.facts.get("lsblk") or "")
    if not text.strip():
        disks = cast("Mapping[str, Mapping[str, object]]", report.facts["disks"])
        text = "\n".join(str(disk["parted_text"]) for disk in disks.values())
    call.write(text if text.endswith("\n") else text + "\n")


COMMAND = Command(
    words=("report", "host", "install", "disks"),
    summary="Print the disks that a node reported which waits for its operator.",
    run=run,
    arguments=(Argument("host", "one host", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter(
            "mark",
            "print the mark of these disks, for `set host install answer disks=`, instead (no)",
            kind=Kind.BOOL,
        ),
    ),
    examples=("report host install disks compute-0-0", "report host install disks compute-0-0 mark=yes"),
)
