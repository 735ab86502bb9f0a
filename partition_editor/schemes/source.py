"""What an installing node is told: its scheme, run on the disks it reported, under Quarry's rules. Worker threads.

The `PartitionSource` of `core.install`, put there by whoever composes the program. Nothing is decided by default when
something is wrong: the node then waits for its operator, with the reason.
"""

from __future__ import annotations

from dataclasses import replace

from core.install.source import Answer, AskOperator, PartitionQuestion, Told
from core.outcome import Refused
from core.store.store import Store
from partition_editor.decisions import Decision, decide
from partition_editor.decisions.facts import NodeFacts, Policy, read_facts
from partition_editor.disks import Disk, Firmware, Profile
from partition_editor.document.conflicts import parse_refusal
from partition_editor.document.reading import read_document, read_spec
from partition_editor.fleet.node import FleetNode, saved_row
from partition_editor.fleet.profiles import profile_of
from partition_editor.fleet.reading import variables_of
from partition_editor.fleet.texts import texts_of
from partition_editor.layout import PlanRefusal
from partition_editor.planner import plan
from partition_editor.schemes.resolving import Applied, Resolver
from partition_editor.schemes.scheme import Kind
from partition_editor.sources.lsblk import disks_from_lsblk

MANUAL = "rocks manual\n"


class SchemeSource:
    """Answers from the schemes in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, question: PartitionQuestion) -> Answer:
        """What the node shall do; the operator is asked where the scheme says so or cannot be carried out."""
        with self._store.reading() as rows:
            applied = Resolver.of_store(rows).applied(question.node)
            policies = {disk: one.policy for disk, one in rows.disk_policies.of_node(question.node.id).items()}
        if applied.trouble:
            return AskOperator(f"{applied.why}: {applied.trouble}")
        if applied.kind is Kind.ASK:
            return AskOperator()
        profile = profile_of(question.attributes)
        facts = _facts(question, policies, profile)
        if isinstance(facts, Refused):
            return AskOperator(f"its report cannot be used: {facts.reason}")
        if facts.uefi:
            profile = replace(profile, firmware=Firmware.UEFI)
        return _decided(question, applied, facts, profile)


def _facts(question: PartitionQuestion, policies: dict[str, str], profile: Profile) -> NodeFacts | Refused:
    saved: dict[str, list[list[str]]] = {}
    for row in question.saved:
        device = row.device.removeprefix("/dev/")
        owner = _owner(device, question.facts)
        saved.setdefault(owner, []).append(list(saved_row(device, row)))
    known = {one.value for one in Policy}
    wanted = {disk: word for disk, word in policies.items() if word in known}
    asked = {
        **question.facts,
        "db_rows": saved,
        "policies": wanted,
        "user_partition_info": None,
        "rocks": profile.rocks,
    }
    return read_facts(asked)


def _owner(device: str, facts: object) -> str:
    """The disk a saved row is of, among those reported: the longest name that begins it."""
    disks = facts.get("disks") if isinstance(facts, dict) else None
    names = [name for name in disks if device.startswith(name)] if isinstance(disks, dict) else []
    return max(names, key=len, default=device)


def _decided(question: PartitionQuestion, applied: Applied, facts: NodeFacts, profile: Profile) -> Answer:
    node = FleetNode(
        question.node.name,
        profile,
        applied,
        facts=facts,
        variables=variables_of(question.node, "", dict(question.attributes)),
    )
    (text,) = texts_of([node])
    if text.trouble:
        return AskOperator(text.trouble)
    decision = decide(replace(facts, user_text=text.text))
    if decision.manual:
        return Told(MANUAL, ("the operator partitions it on the installer's own screen",))
    if not decision.lines:
        return AskOperator(_nothing(decision))
    stop = _objection(question, decision, profile)
    if stop:
        return AskOperator(f"the installer would stop: {stop}")
    notes = tuple(f"{disk}: {sentence}" for disk, sentence in decision.why.items())
    return Told("".join(line + "\n" for line in decision.lines), notes)


def _nothing(decision: Decision) -> str:
    reasons = "; ".join(f"{disk}: {sentence.rstrip('.')}" for disk, sentence in decision.why.items())
    return f"the scheme gives no directives ({reasons or 'the node has no disks'})"


def _objection(question: PartitionQuestion, decision: Decision, profile: Profile) -> str:
    """Why it cannot be laid out on the reported disks; empty when it can, or when their sizes are not known."""
    lsblk = question.facts.get("lsblk")
    disks: tuple[Disk, ...] | Refused = disks_from_lsblk(lsblk) if isinstance(lsblk, str) and lsblk else ()
    if isinstance(disks, Refused) or not disks:
        return ""
    profile = replace(profile, rocks=None)
    document = read_document("".join(line + "\n" for line in decision.lines))
    answer = parse_refusal(document, profile.release) or plan(read_spec(document, profile), disks, profile)
    # What the boot loader would say depends on labels that only the installer chooses: that is left to it.
    return " ".join(answer.error.split()) if isinstance(answer, PlanRefusal) else ""
