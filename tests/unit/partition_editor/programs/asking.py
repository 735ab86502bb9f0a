"""Programs and nodes to ask them about."""

from __future__ import annotations

from pathlib import Path

from core.outcome import Refused
from partition_editor.decisions.facts import DiskFacts, NodeFacts
from partition_editor.nodexml import read_node_file
from partition_editor.programs import Program, ProgramResult, Question, run_programs
from partition_editor.programs.sandbox import Limits
from partition_editor.programs.variables import node_variables

DATA = Path(__file__).parent / "data"
TABLE = "Partition Table: msdos\n\nNumber  Start   End     Size    Type      File system     Flags\n"
QUICK = Limits(seconds=2)


def program(name: str) -> Program:
    """The one program of a node file beside this module."""
    file = read_node_file((DATA / f"{name}.xml").read_text())
    assert not isinstance(file, Refused)
    return file.sections[0].program


def question(*disks: str, node: str = "compute-0-0", membership: str = "Compute") -> Question:
    """A node with these blank disks."""
    facts = NodeFacts({name: DiskFacts(name, TABLE, "msdos") for name in disks}, disks)
    return Question(node, facts, node_variables(name=node, membership=membership, appliance="compute"))


def run(what: Program | str, *disks: str, node: str = "compute-0-0", limits: Limits = QUICK) -> ProgramResult:
    """One program on one node; a bare text is Python."""
    asked = Program(what, "/opt/rocks/bin/python") if isinstance(what, str) else what
    return run_programs(asked, [question(*disks, node=node)], limits=limits)[0]
