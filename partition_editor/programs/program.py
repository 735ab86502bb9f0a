"""A program, what it is asked, and what came of it. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from partition_editor.decisions.facts import NodeFacts
from partition_editor.findings import Finding

SHELLS = ("sh", "bash", "dash", "ksh")


@dataclass(frozen=True, slots=True)
class Program:
    """One ``<pre>`` script.

    Attributes:
        text: Its source with ``<var …/>`` tags and entities still in it.
        interpreter: As in ``--interpreter``; empty for the installer's own shell.
        first_line: Where it begins in the file it came from, so that messages name that file's lines.
    """

    text: str
    interpreter: str = ""
    first_line: int = 1

    @property
    def is_python(self) -> bool:
        """Any Python: all of them are answered by Python 3."""
        return self.interpreter.rpartition("/")[2].startswith("python")


@dataclass(frozen=True, slots=True)
class Question:
    """One node's turn.

    Attributes:
        variables: Name → value of what Rocks fills in: ``Node_Hostname``, ``hostname`` …
        start_text: What earlier programs of the same node left in ``/tmp/user_partition_info``.
    """

    node: str
    facts: NodeFacts
    variables: Mapping[str, str] = field(default_factory=dict)
    start_text: str | None = None


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """What a program did for one node.

    Attributes:
        text: The file it wrote, None when there is none (or nothing that can be used).
        findings: RK008 … RK010.
        output: What it printed, both streams, cut.
    """

    node: str
    text: str | None
    findings: tuple[Finding, ...] = ()
    output: str = ""

    @property
    def failed(self) -> bool:
        """It raised, was killed or wrote something unusable."""
        return any(one.rule == "RK009" for one in self.findings)
