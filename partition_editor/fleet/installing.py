"""What an installing node is told: its scheme, run on the disks it reported, under Quarry's rules. Worker threads.

The `PartitionSource` of `core.install`, put there by whoever composes the program. Nothing is decided by default when
something is wrong: the node then waits for its operator, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.errors import QuarryError
from core.install.source import Answer, AskOperator, PartitionQuestion, Told
from core.outcome import Refused
from partition_editor.decisions import NodeFacts, decide
from partition_editor.decisions.facts import read_facts
from partition_editor.fleet.profiles import profile_of
from partition_editor.programs.program import Question
from partition_editor.programs.running import run_programs
from partition_editor.programs.variables import node_variables
from partition_editor.schemes.resolving import Applied, Resolver
from partition_editor.schemes.scheme import Kind, Scheme
from partition_editor.sources.naming import split_partition

if TYPE_CHECKING:
    from core.store.store import Store

DEFAULT_TEXT = "rocks force-default-root-disk-only\n"
"""Rocks' ``partition.xml``, where no scheme is attached."""


class SchemeSource:
    """Answers installing nodes from the schemes of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, question: PartitionQuestion) -> Answer:
        """What the node's scheme comes to on its disks."""
        with self._store.reading() as rows:
            applied = Resolver.of_store(rows).applied(question.node)
            policies = {disk: one.policy for disk, one in rows.disk_policies.of_node(question.node.id).items()}
        if applied.trouble:
            return AskOperator(f"its partition scheme cannot be used: {applied.trouble}")
        if applied.kind is Kind.ASK:
            return AskOperator()
        profile = profile_of(question.attributes)
        asked = {
            **question.facts,
            "db_rows": _saved(question),
            "policies": policies,
            "rocks": profile.rocks or 7,
        }
        facts = read_facts(asked)
        if isinstance(facts, Refused):
            return AskOperator(f"its report cannot be used: {facts.reason}")
        try:
            text = _text(applied, question, facts)
        except QuarryError as error:
            return AskOperator(f"its partition program could not be run: {error.sentence}")
        if isinstance(text, Refused):
            return AskOperator(text.reason)
        return _decided({**asked, "user_partition_info": text})


def _text(applied: Applied, question: PartitionQuestion, facts: NodeFacts) -> str | Refused:
    scheme = applied.scheme
    if scheme is None or scheme.kind is Kind.DEFAULT:
        return DEFAULT_TEXT
    if not scheme.is_program:
        return scheme.fixed_text or DEFAULT_TEXT
    return _run(scheme, question, facts)


def _run(scheme: Scheme, question: PartitionQuestion, facts: NodeFacts) -> str | Refused:
    node = question.node
    variables = node_variables(
        name=node.name,
        membership=node.membership or "",
        appliance=node.appliance or "",
        rack="" if node.rack is None else str(node.rack),
        rank="" if node.rank is None else str(node.rank),
        attributes=question.attributes,
    )
    text: str | None = None
    for section in scheme.sections:
        (result,) = run_programs(section.program, [Question(node.name, facts, variables, text)])
        if result.failed:
            why = next((one.message for one in result.findings if one.rule == "RK009"), "it failed")
            return Refused(f"its partition program ({scheme.scope}) failed: {why}")
        text = result.text
    # Rocks' own file comes after the operator's and writes the default where none is there yet.
    return DEFAULT_TEXT if text is None else text


def _decided(asked: Mapping[str, object]) -> Answer:
    facts = read_facts(asked)
    if isinstance(facts, Refused):
        return AskOperator(facts.reason)
    decision = decide(facts)
    if decision.manual:
        return Told("rocks manual\n", ("the operator partitions it on the installer's own screen",))
    text = "\n".join(line.rstrip() for line in decision.lines)
    notes = tuple(f"{disk}: {why}" for disk, why in decision.why.items())
    if not text.strip():
        return AskOperator(f"its scheme leaves nothing to install on ({'; '.join(notes)})")
    return Told(text + "\n", notes)


def _saved(question: PartitionQuestion) -> dict[str, list[list[str]]] | None:
    found: dict[str, list[list[str]]] = {}
    for row in question.saved:
        name = row.device.removeprefix("/dev/")
        split = None if name.startswith("md") else split_partition(name)
        fields = [row.sectorstart, row.partitionsize, row.partitionid, row.fstype, row.partitionflags]
        found.setdefault(split[0] if split else name, []).append([name, *fields, row.formatflags, row.mountpoint])
    return found or None
