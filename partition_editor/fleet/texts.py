"""Each node's ``user_partition_info``: fixed, or written by its scheme's programs in the sandbox. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.outcome import Refused
from partition_editor.findings import Finding, Severity
from partition_editor.fleet.node import FleetNode
from partition_editor.nodexml.conditions import applies
from partition_editor.programs import Question, run_programs
from partition_editor.programs.sandbox import SandboxMissing
from partition_editor.schemes.scheme import Scheme

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class NodeText:
    """What the decision starts from.

    Attributes:
        text: None for no file.
        trouble: Why there is none that could be used; empty when all is well.
    """

    text: str | None = None
    findings: tuple[Finding, ...] = ()
    trouble: str = ""


def texts_of(nodes: Sequence[FleetNode], report: Report | None = None) -> list[NodeText]:
    """The texts, in the order of the nodes; where programs cannot be run on this machine, that is the trouble."""
    found: list[NodeText] = []
    for one in nodes:
        if one.applied.trouble:
            found.append(NodeText(trouble=one.applied.trouble))
        else:
            found.append(NodeText(one.applied.scheme.fixed_text if one.applied.scheme else None))
    by_scheme: dict[int, list[int]] = {}
    schemes: dict[int, Scheme] = {}
    for place, one in enumerate(nodes):
        scheme = one.applied.scheme
        if scheme is not None and scheme.is_program and not one.unknown and not one.applied.trouble:
            by_scheme.setdefault(scheme.record.id, []).append(place)
            schemes[scheme.record.id] = scheme
    for number, places in by_scheme.items():
        for place, text in zip(places, _run(schemes[number], [nodes[one] for one in places], report), strict=True):
            found[place] = text
    return found


def _run(scheme: Scheme, nodes: Sequence[FleetNode], report: Report | None) -> list[NodeText]:
    """All sections of a scheme in order; each sees what the one before it wrote."""
    texts = [NodeText() for _ in nodes]
    for section in scheme.sections:
        asked = []
        for place, node in enumerate(nodes):
            wanted = applies(section, node.variables)
            if isinstance(wanted, Refused):
                texts[place] = replace(texts[place], trouble=wanted.reason)
            elif wanted and not texts[place].trouble:
                asked.append((place, Question(node.name, node.facts, node.variables, texts[place].text)))
        try:
            results = run_programs(section.program, [question for _, question in asked], report=report)
        except SandboxMissing as error:
            # Nothing is ever run outside the sandbox; the nodes without programs are none the worse for it.
            for place, _ in asked:
                texts[place] = replace(texts[place], trouble=error.sentence)
            continue
        for (place, _), result in zip(asked, results, strict=True):
            failed = next((one.message for one in result.findings if one.severity is Severity.ERROR), "")
            trouble = failed.removeprefix(f"{result.node}: ") if result.failed else ""
            texts[place] = NodeText(result.text, result.findings, trouble)
    return texts
