"""Recorded questions answered: one JSON object a line in, one a line out (``quarry partition decide --requests``).

A line is a question's ``input`` object with an ``id``, or an object with ``id`` and ``input``. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from core.outcome import Refused
from partition_editor.decisions import decide
from partition_editor.decisions.facts import read_facts
from partition_editor.recorded import Reply, replies


def decision_lines(lines: Iterable[str], rules: str) -> Iterator[tuple[str, bool]]:
    """An answer for each question, as a line of JSON without its end, and whether it was a question at all."""

    def reply(asked: Mapping[str, object]) -> Reply:
        answer = decision_answer(asked, rules)
        return answer, "error" not in answer

    return replies(lines, reply, {"error": "this line is no JSON object"})


def decision_answer(asked: Mapping[str, object], rules: str) -> dict[str, object]:
    """The decision as JSON has it, or ``error`` with one sentence."""
    inner = asked.get("input", asked)
    if not isinstance(inner, dict):
        return {"error": "the input is no JSON object"}
    facts = read_facts(cast("Mapping[str, object]", inner))
    if isinstance(facts, Refused):
        return {"error": facts.reason}
    decision = decide(facts, rules)
    return {
        "lines": list(decision.lines),
        "manual": decision.manual,
        "lost_disks": list(decision.lost_disks),
        "why": dict(decision.why),
    }
